"""How many conversations one gateway process holds on one core, and how many its neighbours hold in the same run."""

import asyncio
import gc
import math
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.bench import machine
from tests.bench.chainlit.environment import NotInstalled
from tests.bench.clients import PACE_MS, REPLY_TOKENS, Conversation, HibachiConversation, Opener, Staff
from tests.bench.figures import Figure, Goal, percentile
from tests.bench.neighbours import NEIGHBOURS, Neighbour
from tests.bench.plan import QUICK, Plan, say
from tests.bench.plots import Plot
from tests.bench.stamps import Tally
from tests.bench.stand import Process, Stand

LATE_MS = 100.0
SHARE = 0.97
# The next one is 200; what LiteLLM's own iterator reads is judged by one of its own.
MILESTONE, ITERATOR_MILESTONE = 120, 30
TRIES = 2  # the machine may be shared: a step has failed when it failed twice in a row


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen with so many conversations. Lateness in ms, of the worse of the two watchers; `rate`: share of 50 tokens/s."""

    conversations: int
    passed: bool
    p50: float
    p99: float
    rate: float
    cpu: float
    others: float  # of the gateway's core, used by whoever else runs on this machine
    us_per_token: float
    provider_p99: float
    client_p99: float


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    """The gateway, the same with LiteLLM's own iterator, then its neighbours, one after the other."""
    say("conversations: the gateway, customer and one watcher of the staff each")
    ours = await _ours(stand, "own", plan.conversations, plan)
    say("conversations: the gateway, where LiteLLM's own iterator reads the answers")
    iterator = await _ours(stand, "litellm", plan.iterator_conversations, plan)
    theirs = [(neighbour, await _beside(stand, neighbour, plan)) for neighbour in NEIGHBOURS]
    return [*_figures(ours, theirs), _by_iterator(iterator)]


async def _ours(stand: Stand, reader: str, steps: Sequence[int], plan: Plan) -> list[Step]:
    """The gateway's climb, the provider's answers read by `reader`, as the settings call it."""
    with stand.gateway(model=True, written=stand.configured(reader)) as (process, port):
        customers, watchers = Tally(), Tally()
        staff = await Staff(port, watchers).sign_in()

        async def one() -> Conversation:
            return await HibachiConversation.open(port, customers, staff)

        try:
            return await _climb(stand, process, one, (customers, watchers), steps, plan)
        finally:
            staff.close()


async def _beside(stand: Stand, neighbour: Neighbour, plan: Plan) -> list[Step] | str:
    """A neighbour's climb, or why it could not be played."""
    tallies = tuple(Tally() for _ in range(neighbour.watchers))
    try:
        with neighbour.start(stand) as (process, port):
            say(f"conversations: {neighbour.name}")
            return await _climb(stand, process, lambda: neighbour.open(port, tallies), tallies, neighbour.steps(plan), plan)
    except NotInstalled as error:
        say(f"conversations: {neighbour.name} is NOT INSTALLED: {error}")
        return f"not installed: {error}"


async def _climb(
    stand: Stand, process: Process, opener: Opener, tallies: tuple[Tally, ...], steps: Sequence[int], plan: Plan
) -> list[Step]:
    """More and more, until a step fails or the steps are used up."""
    held: list[Conversation] = []
    seen: list[Step] = []
    chance = random.Random(7)
    try:
        for wanted in steps:
            while len(held) < wanted:
                conversation = await opener()
                # Replies shall end at different times, as they do in life.
                conversation.start(chance.randint(20, REPLY_TOKENS))
                held.append(conversation)
            gc.collect()
            gc.freeze()
            for _ in range(TRIES):
                await asyncio.sleep(plan.settle)
                step = await _window(stand, process, wanted, tallies, plan.window)
                seen.append(step)
                _tell(step)
                if step.passed:
                    break
            else:
                return seen
    finally:
        for conversation in held:
            conversation.close()
    return seen


async def _window(stand: Stand, process: Process, conversations: int, tallies: tuple[Tally, ...], seconds: float) -> Step:
    """Count for so many seconds."""
    await stand.ask_provider("/stats")
    lag = asyncio.create_task(_own_lag(seconds))
    for tally in tallies:
        tally.begin()
    began, cpu, busy = time.monotonic(), process.cpu_seconds(), machine.busy_seconds(stand.gateway_cores)
    await asyncio.sleep(seconds)
    took, used = time.monotonic() - began, process.cpu_seconds() - cpu
    others = max(0.0, machine.busy_seconds(stand.gateway_cores) - busy - used)
    late = [tally.close() for tally in tallies]
    own = await lag
    provider = (await stand.ask_provider("/stats"))["late_us"]
    expected = conversations * took * 1000 / PACE_MS
    rate = min(len(one) for one in late) / expected
    p99 = max(percentile(one, 0.99) for one in late) if all(late) else float("inf")
    return Step(
        conversations,
        p99 < LATE_MS and rate >= SHARE,
        round(max(percentile(one, 0.5) for one in late), 1),
        round(p99, 1),
        round(rate, 3),
        round(used / took, 2),
        round(others / took, 2),
        round(1e6 * used / max(1, len(late[0]))),
        round(percentile(provider, 0.99) / 1000, 1),
        round(percentile(own, 0.99), 1),
    )


async def _own_lag(seconds: float) -> list[float]:
    """How late this process itself wakes, in ms."""
    loop = asyncio.get_running_loop()
    late, end = [], loop.time() + seconds
    while (now := loop.time()) < end:
        await asyncio.sleep(0.01)
        late.append(1000 * (loop.time() - now - 0.01))
    return late


def _tell(step: Step) -> None:
    say(
        f"  {step.conversations:4d}  {'pass' if step.passed else 'FAIL'}  p50 {step.p50:7.1f}  p99 {step.p99:7.1f} ms"
        f"  rate {step.rate:.3f}  core {step.cpu:4.0%} (others {step.others:3.0%})  {step.us_per_token} us/token"
        f"  (late themselves, p99: provider {step.provider_p99} ms, client {step.client_p99} ms)"
    )


def _held(steps: list[Step]) -> int:
    return max((step.conversations for step in steps if step.passed), default=0)


def _figures(ours: list[Step], theirs: list[tuple[Neighbour, list[Step] | str]]) -> list[Figure]:
    held = _held(ours)
    note = f"p99 lateness < {LATE_MS:.0f} ms with the tick, ≥ {SHARE:.0%} of 50 tokens/s, for both watchers"
    if all(step.passed for step in ours):
        note += "; no step failed, it may hold more"
    # A short climb cannot reach it.
    goal = Goal(MILESTONE, at_most=False) if max(step.conversations for step in ours) > QUICK.conversations[-1] else None
    detail = {"steps": [asdict(step) for step in ours]}
    found = [Figure("conversations held on one core", held, "", goal, note, detail, _plots(ours, theirs))]
    for neighbour, steps in theirs:
        found += _compared(held, neighbour, steps, judged=goal is not None)
    return found


def _by_iterator(steps: list[Step]) -> Figure:
    goal = Goal(ITERATOR_MILESTONE, at_most=False) if steps[-1].conversations > QUICK.iterator_conversations[-1] else None
    detail = {"steps": [asdict(step) for step in steps]}
    return Figure(
        "conversations, read by LiteLLM's own iterator", _held(steps), "", goal, 'the same gateway with `reader = "litellm"`', detail
    )


def _plots(ours: list[Step], theirs: list[tuple[Neighbour, list[Step] | str]]) -> dict[str, Plot]:
    """Lateness and processor time over the number of conversations, the last of each step's tries."""
    climbs = {"the gateway": ours, **{one.name: steps for one, steps in theirs if not isinstance(steps, str)}}
    last = {name: list({step.conversations: step for step in steps}.values()) for name, steps in climbs.items()}
    late = {name: [(step.conversations, max(1.0, step.p99)) for step in steps if step.p99 < math.inf] for name, steps in last.items()}
    cost = {name: [(step.conversations, step.us_per_token) for step in steps] for name, steps in last.items()}
    limit = (LATE_MS, f"{LATE_MS:.0f} ms")
    return {
        "lateness": Plot("How late a token is on one core, p99", "conversations", "ms", late, log=True, limit=limit),
        "processor": Plot("Processor time for a token", "conversations", "µs", cost),
    }


def _compared(held: int, neighbour: Neighbour, steps: list[Step] | str, *, judged: bool) -> list[Figure]:
    """What a neighbour held, and how many times as much we did; `judged`: whether we climbed far enough for a goal."""
    name, ratio = f"conversations, {neighbour.name}", f"ratio to {neighbour.name}"
    goal = Goal(neighbour.ratio, at_most=False) if judged and neighbour.ratio is not None else None
    if isinstance(steps, str):
        return [Figure(name, float("nan"), "", None, steps), Figure(ratio, float("nan"), "x", None, steps)]
    theirs = _held(steps)
    detail = {"steps": [asdict(step) for step in steps]}
    if not theirs:
        least = steps[0].conversations
        return [Figure(name, 0, "", None, neighbour.note, detail), Figure(ratio, float("nan"), "x", None, f"it did not hold {least}")]
    return [Figure(name, theirs, "", None, neighbour.note, detail), Figure(ratio, held / theirs, "x", goal)]
