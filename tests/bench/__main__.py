"""`python -m tests.bench [--only NAME] [--quick] [--out FOLDER]`: a whole run writes docs/reports/bench.{md,json}."""

import argparse
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench import conversations, first_token, machine, memory, report, startup, takeover
from tests.bench.figures import Figure
from tests.bench.plan import FULL, QUICK, Plan, say
from tests.bench.stand import ROOT, Stand, standing

Scenario = Callable[[Stand, Plan], Awaitable[list[Figure]]]
SCENARIOS: dict[str, Scenario] = {
    "conversations": conversations.measure,
    "first_token": first_token.measure,
    "memory": memory.measure,
    "takeover": takeover.measure_takeover,
    "resume": takeover.measure_resume,
}
START = "start"


async def _run(names: list[str], plan: Plan) -> list[Figure]:
    """One scenario after the other. The product's own start first: it wants the whole machine."""
    figures: list[Figure] = []
    if START in names:
        figures += await startup.measure(plan)
    if set(names) - {START}:
        with standing() as stand:
            machine.pinned(stand.client_cores)()
            for name, scenario in SCENARIOS.items():
                if name in names:
                    figures += await scenario(stand, plan)
    return figures


def main() -> int:
    """Exit status 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*SCENARIOS, START], help="only this; may be given again")
    parser.add_argument("--quick", action="store_true", help="the two-minute form")
    parser.add_argument("--out", type=Path, help="where the report goes; a whole run writes docs/reports without it")
    given = parser.parse_args()
    described = machine.describe()
    began = time.monotonic()
    gc.set_threshold(100_000, 50, 100)
    figures = uvloop.run(_run(given.only or [*SCENARIOS, START], QUICK if given.quick else FULL))
    described["took"] = f"{time.monotonic() - began:.0f} s"
    say("\n" + report.table(figures))
    whole = not given.only and not given.quick
    if given.out is not None or whole:
        report.write(given.out or ROOT / "docs" / "reports", figures, described)
    return int(any(figure.verdict == "FAIL" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
