"""`python -m tests.bench [--only NAME] [--quick] [--first] [--out FOLDER]`: a whole run writes docs/reports/bench.{md,json}."""

import argparse
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench import conversations, first_token, guard, hedging, machine, memory, page, report, scroll, shadows, startup, takeover, texts
from tests.bench.figures import Figure
from tests.bench.plan import FULL, QUICK, Plan, say
from tests.bench.stand import ROOT, Stand, standing

Scenario = Callable[[Stand, Plan], Awaitable[list[Figure]]]
START, GUARD, CONVERSATIONS = "start", "guard", "conversations"
# In the order in which they run: those that share a gateway first, the longest last.
SHARING: dict[str, Scenario] = {
    "first_token": first_token.measure,
    "takeover": takeover.measure_takeover,
    "resume": takeover.measure_resume,
}
ALONE: dict[str, Scenario] = {
    "page": page.measure,
    "scroll": scroll.measure,
    "memory": memory.measure,
    "hedging": hedging.measure,
    "shadows": shadows.measure,
    "texts": texts.measure,
    CONVERSATIONS: conversations.measure,
}
NAMES = [CONVERSATIONS, *SHARING, "hedging", "shadows", "texts", "memory", START, "page", "scroll", GUARD]  # in the report


async def _run(names: list[str], plan: Plan, first: bool) -> list[Figure]:
    """One scenario after the other. The product's own start first: it wants the whole machine."""
    found: dict[str, list[Figure]] = {}
    if START in names:
        found[START] = await startup.measure(plan)
    if GUARD in names:
        found[GUARD] = await guard.measure(plan)
    if set(names) - {START, GUARD}:
        with standing(first=first) as stand:
            machine.pinned(stand.client_cores)()
            for scenarios in (SHARING, ALONE):
                for name, scenario in scenarios.items():
                    if name in names:
                        found[name] = await scenario(stand, plan)
                stand.retire()
    return [figure for name in NAMES for figure in found.get(name, ())]


def main() -> int:
    """Exit status 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="only this; may be given again")
    parser.add_argument("--quick", action="store_true", help="the two-minute form")
    parser.add_argument("--out", type=Path, help="where the report goes, named by its parts; a whole run writes docs/reports without it")
    parser.add_argument("--first", action="store_true", help="go before all other processes (root; for a machine that is shared)")
    given = parser.parse_args()
    described = machine.describe()
    began = time.monotonic()
    gc.set_threshold(100_000, 50, 100)
    figures = uvloop.run(_run(given.only or NAMES, QUICK if given.quick else FULL, given.first))
    described["precedence"] = "over all other processes (--first), but for the start" if given.first else "none"
    described["took"] = f"{time.monotonic() - began:.0f} s"
    say("\n" + report.table(figures))
    whole = not given.only and not given.quick
    if given.out is not None or whole:
        report.write(given.out or ROOT / "docs" / "reports", "-".join(given.only or ["bench"]), figures, described)
    return int(any(figure.verdict == "FAIL" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
