"""The long forms of the proofs of handoffs: at every await, past real leases, as often as it takes. Used by `python -m tests.prove`."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg

from tests.chaos.handoffs import KINDS, Staffed, crash, eventually, frozen, lease_runs_out, staffed
from tests.rig.history import Recorder

if TYPE_CHECKING:
    from tests.chaos.proofs import Stand

PAST_A_LEASE = 7.0
RERUN = 15.0


async def every_await(stand: "Stand", runs: int) -> None:
    """A worker is killed at its first await, its second, and so on to the last one of a look; another one has what it held as soon as
    the lease is over. Then the same at every await of a push, whose lease is made to run out."""
    for run in range(runs):
        for where in ("effects", "pushes"):
            mine = stand.house.recording(Recorder())
            async with staffed(mine) as place:
                spare = await frozen(place)
                at, died = 0, True
                while died:
                    at += 1
                    await place.calls(await place.customer(), KINDS[at % len(KINDS)])
                    died = (await crash(place, at, where)).died
                    killed = time.monotonic()
                    if where == "pushes":
                        await lease_runs_out(mine)
                    spare.thaw()
                    await place.settled(RERUN)
                    if died and where == "effects":
                        stand.figures.took("kill to carried out", time.monotonic() - killed)
                    spare.freeze()
                    wrong = await place.wrong(pushes_may_repeat=where == "pushes")
                    stand.figures.violations += [f"{where}, await {at}: {what}" for what in wrong]
                    _leave(place, stand, where)
                spare.kill()
                stand.figures.count(f"awaits of {where} at which a worker was killed", at - 1)
                stand.say(f"run {run + 1} of {runs}: {where} has {at - 1} awaits")
            await stand.judged(mine)
        stand.figures.runs += 1


def _leave(place: Staffed, stand: "Stand", where: str) -> None:
    """The next crash is counted by itself."""
    if where == "pushes":
        stand.figures.count("pushes sent again under the same tag", place.pushes() - len(place.devices) * len(place.opened))
    stand.figures.count("handoffs", len(place.opened))
    place.opened.clear()
    place.service.received.clear()


async def stopped(stand: "Stand", runs: int) -> None:
    """A worker that holds an effect is stopped until its real lease is over and another one has carried it out, then continued."""
    for number in range(runs):
        mine = stand.house.recording(Recorder())
        async with staffed(mine) as place, AsyncExitStack() as stack:
            first = await mine.fleet.worker()
            stack.callback(first.kill)
            connection = await asyncpg.connect(mine.fleet.database_url)
            stack.push_async_callback(connection.close)
            async with connection.transaction():
                await connection.execute("LOCK TABLE ops.notification IN EXCLUSIVE MODE")
                await place.calls(await place.customer(), KINDS[number % len(KINDS)])
                await eventually(lambda: _held(place), RERUN, "nobody held the effect")
                first.freeze()
            stood = time.monotonic()
            second = await mine.fleet.worker()
            stack.callback(second.kill)
            await place.settled(RERUN)
            stand.figures.took("stopped to carried out by another", time.monotonic() - stood)
            await asyncio.sleep(max(0.0, PAST_A_LEASE - (time.monotonic() - stood)))
            first.thaw()
            await asyncio.sleep(2.5)  # as long as it may take to try what it held
            stand.figures.violations += [f"run {number}: {what}" for what in await place.wrong()]
        await stand.judged(mine)
        stand.figures.runs += 1
        stand.say(f"{stand.figures.runs} of {runs}")


async def _held(place: Staffed) -> bool:
    return await place.count("SELECT count(*) FROM ops.outbox WHERE state = 'working' AND kind <> 'read_document'") > 0


async def redis_restarted(stand: "Stand", runs: int) -> None:
    """Redis and the worker are killed together, handoffs of every kind are called for before, while and after both are away."""
    for _ in range(runs):
        mine = stand.house.recording(Recorder())
        async with staffed(mine) as place:
            worker = await mine.fleet.worker()
            alice, bob, carol = [await place.customer() for _ in range(3)]
            for kind in KINDS:
                await place.calls(alice, kind)
            worker.kill()
            stand.redis.kill()
            for kind in KINDS:
                await place.calls(bob, kind)
            await asyncio.to_thread(stand.redis.start)
            worker = await mine.fleet.worker()
            back = time.monotonic()
            for kind in KINDS:
                await place.calls(carol, kind)
            await place.settled(RERUN)
            stand.figures.took("both back to everything carried out", time.monotonic() - back)
            stand.figures.violations += await place.wrong()
            stand.figures.count("handoffs", len(place.opened))
            worker.kill()
        await stand.judged(mine)
        stand.figures.runs += 1
        stand.say(f"{stand.figures.runs} of {runs}")
