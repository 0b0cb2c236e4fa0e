"""The long forms of the proofs: the same faults as in the tests beside this, often, with figures. Used by `python -m tests.prove`."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from migrations import runner
from tests.chaos import handoff_proofs
from tests.conftest import execute
from tests.rig.client import ChatClient, Gone
from tests.rig.fleet import Fleet, Gateway, ModelPlan
from tests.rig.history import Recorder
from tests.rig.house import House
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

SCRIPT = "words-40+pace-25"
SEED = 20261122
Say = Callable[[str], None]


@dataclass
class Figures:
    """What one proof saw. `times` by name, in seconds; `counts` by name."""

    runs: int = 0
    violations: list[str] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def took(self, name: str, seconds: float) -> None:
        self.times.setdefault(name, []).append(seconds)

    def count(self, name: str, times: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + times


@dataclass
class Stand:
    """Servers, provider and gateways of one proof."""

    house: House
    redis: RedisServer
    figures: Figures
    say: Say
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    async def judged(self, house: House) -> None:
        """Everybody of a part of the proof leaves; keep what was wrong."""
        self.figures.violations += [f"{v.invariant} {v.conversation}: {v.what}" for v in await house.checked(40)]


@asynccontextmanager
async def standing(gateways: int, figures: Figures, say: Say, *, model: bool = True) -> AsyncIterator[Stand]:
    """Everything of a proof's own. Without a model the house answers, slowly: such gateways start in two seconds."""
    async with AsyncExitStack() as stack:
        postgres, redis = PostgresServer(), RedisServer()
        stack.callback(postgres.destroy)
        stack.callback(redis.destroy)
        await asyncio.to_thread(postgres.create)
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(redis.start)
        await execute(postgres.url(), "CREATE DATABASE prove")
        await runner.upgrade(postgres.url("prove"))
        provider = await stack.enter_async_context(ScriptedProvider())
        models = [ModelPlan("teacher", provider.base_url, SCRIPT)] if model else []
        settings = {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "50", "HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "6"}
        fleet = await stack.enter_async_context(Fleet(postgres.url("prove"), redis.url, models=models, settings=settings))
        house = House(fleet, await fleet.gateways(gateways), provider)
        yield Stand(house, redis, figures, say)


async def back(client: ChatClient, gateway: Gateway) -> float:
    """Reconnect until it is let in; the seconds that it took."""
    started = time.monotonic()
    while True:
        with suppress(OSError, Gone, TimeoutError):
            await client.open(gateway.base)
            return time.monotonic() - started
        await asyncio.sleep(0.02)


async def resume(stand: Stand, runs: int) -> None:
    """Connections cut at random, three times in every reply; each time back at the other gateway."""
    house, gate = stand.house, asyncio.Semaphore(4)

    async def one(number: int) -> None:
        async with gate:
            mine = house.recording(Recorder())
            alice = await mine.customer(number % 2)
            await alice.say(f"Resume run {number} of a proof.")
            for cut in range(3):
                await alice.until(lambda: alice.log.live is not None or alice.log.finished)
                await alice.shown(len(alice.log.text) + stand.chance.randrange(1, 60), 30)
                await alice.cut()
                await asyncio.sleep(stand.chance.random() * 0.2)
                stand.figures.took("reconnect to complete text", await back(alice, house.gateways[(number + cut) % 2]))
                stand.figures.count("cuts")
            await alice.finished(within=30)
            await stand.judged(mine)
            stand.figures.runs += 1
            if stand.figures.runs % 20 == 0:
                stand.say(f"{stand.figures.runs} of {runs}")

    await asyncio.gather(*(one(number) for number in range(runs)))


async def takeover(stand: Stand, runs: int) -> None:
    """Takeovers at random moments of replies, by the other gateway; the provider's stream must end soon after the click."""
    house, gate = stand.house, asyncio.Semaphore(4)

    async def one(number: int) -> None:
        async with gate:
            mine = house.recording(Recorder())
            alice, text = await mine.customer(number % 2), f"Takeover run {number} of a proof."
            dana = await mine.admin((number + 1) % 2)
            await alice.say(text)
            await alice.shown(stand.chance.randrange(1, 180), 30)
            await dana.watch(alice.log.conversation)
            clicked = time.monotonic()
            ack = await dana.do("take", alice.log.conversation)
            stand.figures.took("take to acknowledgement", time.monotonic() - clicked)
            if ack.get("turn"):
                (call,) = house.calls_of(text)
                await house.provider.ended(call, 10)
                if call.end == "gone":
                    stand.figures.took("take to the provider's stream closed", (call.ended or clicked) - clicked)
                stand.figures.count("replies cut")
            await alice.finished(within=30)
            await stand.judged(mine)
            stand.figures.runs += 1
            if stand.figures.runs % 20 == 0:
                stand.say(f"{stand.figures.runs} of {runs}")

    await asyncio.gather(*(one(number) for number in range(runs)))


async def kill(stand: Stand, runs: int) -> None:
    """A gateway with three running replies is killed; another one starts them again. The next is started meanwhile."""
    house = stand.house
    for number in range(runs):
        mine = house.recording(Recorder())
        first, second = house.gateways[:2]
        clients = [await mine.customer(0) for _ in range(3)]
        for n, client in enumerate(clients):
            await client.say(f"What does the travel fee cost, and what is on the menu? {number}.{n}")
        await asyncio.gather(*(client.shown(5, 30) for client in clients))
        await asyncio.sleep(stand.chance.random())
        running = [client for client in clients if not client.log.finished]
        first.kill()
        killed = time.monotonic()
        starting = asyncio.create_task(house.fleet.gateways(1))
        await asyncio.gather(*(client.until(lambda c=client: not c.connected) for client in clients))  # type: ignore[misc]
        for client in clients:
            await back(client, second)
        stand.figures.took("kill to connected again", time.monotonic() - killed)

        async def again(client: ChatClient, since: float = killed) -> None:
            await client.until(lambda: client.log.of_kind("restarted") or client.log.finished, 20)
            stand.figures.took("kill to the reply going on", time.monotonic() - since)

        await asyncio.gather(*(again(client) for client in running))
        await asyncio.gather(*(client.finished(within=60) for client in clients))
        await stand.judged(mine)
        house.gateways[:] = [*house.gateways[1:], *await starting]
        stand.figures.runs += 1
        stand.figures.count("replies that lost their gateway", len(running))
        stand.say(f"{stand.figures.runs} of {runs}")


async def freeze(stand: Stand, runs: int) -> None:
    """A gateway is stopped past its lease in mid-reply and continued: it says nothing more of that reply."""
    house = stand.house
    for number in range(runs):
        mine = house.recording(Recorder())
        first = house.gateways[number % 2]
        house.plan(*["words-400+pace-40"] * 2, model=SCRIPT)
        clients = [await mine.customer(number % 2) for _ in range(2)]
        for n, client in enumerate(clients):
            await client.say(f"Freeze run {number}.{n} of a proof.")
        await asyncio.gather(*(client.shown(20, 30) for client in clients))
        tabs = [await mine.again(client, at=(number + 1) % 2) for client in clients]
        first.freeze()
        await asyncio.gather(*(tab.until(lambda t=tab: t.log.of_kind("restarted"), 20) for tab in tabs))  # type: ignore[misc]
        first.thaw()
        over = {tab.log.of_kind("restarted")[0]["replaces"] for tab in tabs}
        seen = sum(1 for tab in tabs for delta in tab.others("delta") if delta["turn"] in over)
        await asyncio.gather(*(tab.finished(within=40) for tab in tabs))
        stale = sum(1 for tab in tabs for delta in tab.others("delta") if delta["turn"] in over) - seen
        stand.figures.count("stale frames", stale)
        if stale:
            stand.figures.violations.append(f"{stale} stale frames in run {number}")
        await stand.judged(mine)
        stand.figures.runs += 1
        stand.say(f"{stand.figures.runs} of {runs}")


async def redis_away(stand: Stand, seconds: int) -> None:
    """Redis is killed under the load of fourteen conversations and comes back, empty, after so many seconds."""
    house = stand.house
    mine = house.recording(Recorder())
    customers = [await mine.customer(n % 2) for n in range(14)]
    until = time.monotonic() + seconds + 6

    async def talk(client: ChatClient, name: str) -> None:
        asked = 0
        while time.monotonic() < until:
            asked += 1
            sent = time.monotonic()
            await client.say(f"{name} asks number {asked} of a proof.", str(uuid4()))
            stand.figures.took("send to acknowledgement", time.monotonic() - sent)
            await client.finished(asked, within=40)
            stand.figures.took("send to the whole reply", time.monotonic() - sent)
            stand.figures.count("replies")

    talks = [asyncio.create_task(talk(client, f"Customer {n}")) for n, client in enumerate(customers)]
    await asyncio.sleep(2)
    stand.redis.kill()
    await asyncio.sleep(seconds)
    await asyncio.to_thread(stand.redis.start)
    await asyncio.gather(*talks)
    await stand.judged(mine)
    stand.figures.runs += 1


@dataclass(frozen=True, slots=True)
class Proof:
    """`play` with so many runs at full length; gateways, and whether they need a model."""

    name: str
    promise: str
    play: Callable[[Stand, int], Awaitable[None]]
    runs: int
    gateways: int = 2
    model: bool = True
    scaled: bool = True


PROOFS: Sequence[Proof] = (
    Proof("resume", "A connection cut three times in a reply: nothing lost, nothing doubled", resume, 200),
    Proof("takeover", "A takeover at a random character: nothing beyond the cut", takeover, 300),
    Proof("kill", "A gateway killed with -9, three replies running", kill, 50, gateways=3, model=False),
    Proof("freeze", "A gateway stopped past its lease and continued", freeze, 10),
    Proof("redis-3", "Redis killed for 3 s under the load of 14 conversations", redis_away, 3, scaled=False),
    Proof("redis-30", "Redis killed for 30 s under the load of 14 conversations", redis_away, 30, scaled=False),
    Proof(
        "handoffs",
        "A worker killed at every await of a handoff's job, and of a push: each handoff once",
        handoff_proofs.every_await,
        1,
        gateways=1,
        model=False,
        scaled=False,
    ),
    Proof(
        "handoffs-stopped",
        "A worker stopped past its lease with a handoff's job in hand, and continued",
        handoff_proofs.stopped,
        10,
        gateways=1,
        model=False,
    ),
    Proof(
        "handoffs-redis",
        "Redis and the worker killed together: each handoff once",
        handoff_proofs.redis_restarted,
        5,
        gateways=1,
        model=False,
    ),
)
