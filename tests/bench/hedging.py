"""What a hedge does for the customer whose provider is slow just now: first token by hedge against fallback, and what it costs.

Two providers that answer in 80 to 200 ms; of the first, one call in twenty takes three seconds. Nothing fails.
"""

import asyncio
from dataclasses import dataclass

from tests.bench.clients import Customer, order
from tests.bench.figures import Figure, Goal, percentile, spread
from tests.bench.plan import Plan, say
from tests.bench.plots import Plot
from tests.bench.rows import rows
from tests.bench.stamps import Tally
from tests.bench.stand import Stand, model

LEAST_MS, MOST_MS = 80, 200
EVERY, SLOW_MS = 20, 3_000
AFTER_MS = 300  # above what healthy calls take
TIMES = 1.3
ASKING = 10  # customers at once
TOKENS, PAUSE = 3, 0.5
# Every customer's first turn is a warm-up: connections, statements.
WAYS = {
    "fallback": 'strategy = "fallback"',
    "hedge": f'strategy = "hedge"\nhedge_after_ms = {AFTER_MS}',
    "hedge by its own p95": 'strategy = "hedge"',
}


@dataclass(frozen=True, slots=True)
class Run:
    """First tokens in ms as customers saw them, and the usage rows: (race, outcome, calls, tokens in, tokens out, micro-dollars)."""

    firsts: list[float]
    rows: list[tuple[str | None, str, int, int, int, int]]

    def calls(self, *races: str) -> int:
        return sum(row[2] for row in self.rows if row[0] in races)

    @property
    def hedged(self) -> int:
        """Turns in which a second model was asked."""
        return self.calls("second_won", "second_lost")

    @property
    def lost(self) -> tuple[int, int, int]:
        """(tokens in, tokens out, micro-dollars) of the calls that lost."""
        lost = [row[3:] for row in self.rows if row[0] in ("first_lost", "second_lost")]
        return (sum(row[0] for row in lost), sum(row[1] for row in lost), sum(row[2] for row in lost))

    @property
    def spent(self) -> int:
        return sum(row[5] for row in self.rows)


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    runs: dict[str, Run] = {}
    healthy = ("--first", str(LEAST_MS), str(MOST_MS))
    for name, way in WAYS.items():
        # Fresh ones: the same calls are slow in every run.
        with stand.stamped(*healthy, "--slow", str(EVERY), str(SLOW_MS)) as first, stand.stamped(*healthy) as second:
            written = "\n".join([model("first", first), model("second", second), '[ensemble]\nanswer = ["first", "second"]', way, ""])
            with stand.gateway(model=True, written=written) as (_, port):
                one = runs[name] = await _run(stand, port, plan)
        say(f"hedging: {name}: first token {spread(one.firsts)} ms, second asked {one.hedged} times, won {one.calls('second_won')}")
    return _figures(runs)


async def _run(stand: Stand, port: int, plan: Plan) -> Run:
    """So many questions by as many customers as ask at once; the first of each is not counted."""
    customers = [await Customer(Tally()).open(port) for _ in range(min(ASKING, plan.hedged))]
    for customer in customers:
        await customer.ask(order(TOKENS))
    before = await _rows(stand.database_url)
    firsts: list[float] = []

    async def ask(number: int, customer: Customer) -> None:
        await asyncio.sleep(PAUSE * number / len(customers))
        for _ in range(plan.hedged // len(customers)):
            asked, first, _ = await customer.first_token(order(TOKENS))
            firsts.append((first - asked) / 1000)
            await asyncio.sleep(PAUSE)

    await asyncio.gather(*(ask(number, customer) for number, customer in enumerate(customers)))
    for customer in customers:
        customer.socket.close()
    await asyncio.sleep(1.0)  # usage rows are stored in the background
    after = await _rows(stand.database_url)
    nothing = (0, 0, 0, 0)
    rows = [(*key, *(new - old for new, old in zip(row, before.get(key, nothing), strict=True))) for key, row in after.items()]
    return Run(sorted(firsts), rows)  # type: ignore[arg-type]


async def _rows(url: str) -> dict[tuple[str | None, str], tuple[int, int, int, int]]:
    found = await rows(
        url,
        """SELECT race, outcome, count(*), sum(tokens_in)::bigint, sum(tokens_out)::bigint, coalesce(sum(cost_microdollars), 0)::bigint
           FROM ai.usage WHERE model <> 'house' GROUP BY 1, 2""",
    )
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in found}


def _figures(runs: dict[str, Run]) -> list[Figure]:
    plain, hedged, own = runs.values()
    # What the gateway itself adds is in the healthy calls' figure, too.
    limit = TIMES * (percentile(plain.firsts, 0.5) + AFTER_MS)
    slow = f"{LEAST_MS} to {MOST_MS} ms to the first byte, but every {EVERY}th call of the first model {SLOW_MS / 1000:g} s"
    detail = {name: {**spread(run.firsts), "rows": run.rows} for name, run in runs.items()}
    plot = Plot(
        "First token when every 20th call is slow", "share of the questions, %", "ms", {n: _shares(r) for n, r in runs.items()}, log=True
    )
    return [
        Figure("first token by fallback, p50", percentile(plain.firsts, 0.5), "ms", None, slow, detail, {"hedging": plot}),
        Figure("first token by fallback, p99", percentile(plain.firsts, 0.99), "ms"),
        Figure("first token by hedge, p50", percentile(hedged.firsts, 0.5), "ms", None, f"the second is asked after {AFTER_MS} ms"),
        Figure("first token by hedge, p99", percentile(hedged.firsts, 0.99), "ms", Goal(round(limit)),
               f"{TIMES:g} x (p50 by fallback + {AFTER_MS} ms)"),
        Figure("first token by hedge after its own p95, p99", percentile(own.firsts, 0.99), "ms", None,
               f"second asked in {own.hedged} of {len(own.firsts)}, it won {own.calls('second_won')}"),
        _cost(hedged),
    ]  # fmt: skip


def _shares(run: Run) -> list[tuple[float, float]]:
    """(percent, ms) that so many percent of the first tokens do not exceed."""
    return [(100 * (place + 1) / len(run.firsts), value) for place, value in enumerate(run.firsts)]


def _cost(run: Run) -> Figure:
    """What the calls that lost cost, as a share of everything."""
    tokens_in, tokens_out, money = run.lost
    note = (
        f"second asked in {run.hedged} of {len(run.firsts)}, it won {run.calls('second_won')}; calls that lost: {tokens_in:,} tokens in,"
        f" {tokens_out:,} out, {money / 10_000:.2f} of {run.spent / 10_000:.2f} cents"
    )
    return Figure("extra cost of the hedge", 100 * money / max(1, run.spent - money), "%", None, note)
