"""What customers notice of shadows: first token and lateness while two candidates listen to every turn, against the same without them.

One candidate never answers, the other refuses; a worker asks them beside the gateway. Runs without and with shadows take turns in one
gateway, by its policy. A difference is within the noise where it is no larger than what runs without shadows differ by among themselves.
"""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tests.bench.clients import Customer, Staff, order
from tests.bench.figures import Figure, Goal, percentile
from tests.bench.plan import Plan, say
from tests.bench.rows import rows
from tests.bench.stamps import Tally
from tests.bench.stand import Stand, model

CONVERSATIONS = 20
TOKENS = 60
PAUSE = 0.4
POLICY = "/api/admin/ensemble"
CANDIDATES = ("hanging", "failing")
# What no run can tell apart: a first token leaves at once or with a tick of 40 ms, as it falls.
LEAST_MS = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """Milliseconds of one run."""

    first_p50: float
    first_p99: float
    late_p50: float
    late_p99: float
    replies: int


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    runs: dict[bool, list[Run]] = {False: [], True: []}
    with ExitStack() as stack:
        hanging, failing = stack.enter_context(stand.stamped("--hang")), stack.enter_context(stand.stamped("--refuse"))
        models = [model("stamped", stand.provider_port), model("hanging", hanging), model("failing", failing)]
        written = "\n".join([*models, '[ensemble]\nanswer = ["stamped"]\n'])
        _, port = stack.enter_context(stand.gateway(model=True, written=written))
        stack.enter_context(stand.worker())
        staff = await Staff(port, Tally()).sign_in()
        tally = Tally()
        customers = [await Customer(tally).open(port) for _ in range(CONVERSATIONS)]
        for customer in customers:
            await customer.ask(order(1))
        # Once with shadows before anything is counted: the worker's first one imports its libraries.
        number = await _switched(staff, 0, True)
        await _run(customers, tally, plan.shadow_window)
        for place in range(2 * plan.shadow_pairs + 1):
            listening = place % 2 == 1
            number = await _switched(staff, number, listening)
            await asyncio.sleep(plan.settle)
            one = await _run(customers, tally, plan.shadow_window)
            runs[listening].append(one)
            say(f"shadows {'on ' if listening else 'off'}: {one}")
        seen = await rows(stand.database_url, "SELECT candidate, state, count(*) FROM ai.shadow_pair GROUP BY 1, 2 ORDER BY 1, 2")
        for customer in customers:
            customer.socket.close()
        staff.close()
    return _figures(runs[False], runs[True], [tuple(row) for row in seen])


async def _switched(staff: Staff, number: int, listening: bool) -> int:
    """The policy's new number; gateway and worker hear of it within moments."""
    shadows = [{"model": name, "sample": 1.0} for name in CANDIDATES] if listening else []
    saved = await staff.put(POLICY, {"based_on": number, "policy": {"answer": ["stamped"], "shadows": shadows}})
    return int(saved["number"])


async def _run(customers: list[Customer], tally: Tally, seconds: float) -> Run:
    """Everyone asks, is answered, pauses and asks again until the time is over."""
    firsts: list[float] = []
    end = asyncio.get_running_loop().time() + seconds
    tally.begin()

    async def talk(number: int, customer: Customer) -> None:
        await asyncio.sleep((TOKENS * 0.02 + PAUSE) * number / len(customers))
        over = asyncio.Event()
        customer.reply_over = over.set
        while asyncio.get_running_loop().time() < end:
            over.clear()
            asked, first, _ = await customer.first_token(order(TOKENS))
            firsts.append((first - asked) / 1000)
            await over.wait()
            await asyncio.sleep(PAUSE)

    async with asyncio.timeout(seconds + 60):
        await asyncio.gather(*(talk(number, customer) for number, customer in enumerate(customers)))
    late = tally.close()
    return Run(*(round(percentile(of, share), 1) for of in (firsts, late) for share in (0.5, 0.99)), len(firsts))


def _figures(without: list[Run], listening: list[Run], pairs: list[tuple[Any, ...]]) -> list[Figure]:
    told = ", ".join(f"{candidate} {state} {count}" for candidate, state, count in pairs) or "no pair was kept"
    detail = {"off": [str(run) for run in without], "on": [str(run) for run in listening], "pairs": pairs}
    named = {"first_p50": "first token, p50", "first_p99": "first token, p99", "late_p50": "lateness, p50", "late_p99": "lateness, p99"}
    made = [
        _difference(name, [getattr(one, key) for one in without], [getattr(one, key) for one in listening]) for key, name in named.items()
    ]
    heard = sum(row[2] for row in pairs)
    replies = sum(run.replies for run in listening)
    return [*made, Figure("pairs that shadows left", heard, "", None, f"{replies} replies counted while they listened; {told}", detail)]


def _difference(name: str, without: list[float], listening: list[float]) -> Figure:
    """What shadows add to a figure, against what it differs by without them: the range of those runs, `LEAST_MS` at least."""
    off, on = percentile(without, 0.5), percentile(listening, 0.5)
    noise = max(LEAST_MS, max(without) - min(without))
    note = f"{on:.1f} ms against {off:.1f}, medians of {len(listening)} and {len(without)} runs; runs without differ by {noise:.1f} ms"
    return Figure(f"shadows add to {name}", round(on - off, 1), "ms", Goal(round(noise, 1)), note)
