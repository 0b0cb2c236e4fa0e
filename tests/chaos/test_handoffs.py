"""Each handoff exactly once: one row, one notification, one push for each device, told to the console; whatever workers and Redis do.

The short form; `python -m tests.prove handoffs handoffs-stopped handoffs-redis` kills at every await.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.chaos.handoffs import KINDS, Staffed, crash, eventually, frozen, lease_runs_out, staffed
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet
from tests.rig.house import House
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

SOON = 40.0


@pytest.fixture(scope="module")
async def base(module_database_url: str, module_redis: RedisServer) -> AsyncIterator[House]:
    """A gateway without a model: the house answers, at once."""
    settings = {"HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "2000"}
    async with ScriptedProvider() as provider, Fleet(module_database_url, module_redis.url, settings=settings) as fleet:
        yield House(fleet, await fleet.gateways(1), provider)


@pytest.fixture
async def house(base: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async for mine in recorded(base, tmp_path_factory):
        yield mine


@asynccontextmanager
async def unwritable(house: House) -> AsyncIterator[None]:
    """Nobody can write a notification meanwhile: who holds an effect waits right before it."""
    connection = await asyncpg.connect(house.fleet.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ops.notification IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def held(place: Staffed) -> bool:
    return await place.count("SELECT count(*) FROM ops.outbox WHERE state = 'working' AND kind <> 'read_document'") > 0


class TestKilled:
    async def test_at_awaits_of_a_handoff_s_job(self, house: House) -> None:
        """The first ones hold the row, then it is carried out, committed, told of."""
        async with staffed(house) as place:
            spare = await frozen(place)
            deaths = 0
            for number, at in enumerate((3, 9, 15, 21, 27)):
                await place.calls(await place.customer(), KINDS[number])
                deaths += (await crash(place, at)).died
                await lease_runs_out(house)
                spare.thaw()
                await place.settled()
                spare.freeze()
                assert await place.wrong() == [], f"killed at await {at}"
            assert deaths >= 4, "or nothing was proved"
            spare.kill()

    async def test_while_it_pushes(self, house: House) -> None:
        """A push that was sent and not noted is sent again under the same tag: the device shows it once."""
        async with staffed(house) as place:
            spare = await frozen(place)
            deaths = 0
            for number, at in enumerate((2, 12, 17)):
                await place.calls(await place.customer(), KINDS[number])
                deaths += (await crash(place, at, "pushes")).died
                await lease_runs_out(house)
                spare.thaw()
                await place.settled()
                spare.freeze()
            assert deaths >= 2 and await place.wrong(pushes_may_repeat=True) == []
            spare.kill()

    async def test_with_redis_and_both_come_back(self, house: House, module_redis: RedisServer) -> None:
        async with staffed(house) as place:
            worker = await house.fleet.worker()
            alice = await place.customer()
            await place.calls(alice, "booking")
            worker.kill()
            module_redis.kill()
            await place.calls(alice, "payment")
            await asyncio.to_thread(module_redis.start)
            worker = await house.fleet.worker()
            await lease_runs_out(house)
            await place.settled()
            assert await place.wrong() == []
            worker.kill()


class TestStopped:
    @pytest.mark.parametrize("kind", ["complaint", "lead"])
    async def test_past_its_lease_and_continued(self, house: House, kind: str) -> None:
        async with staffed(house) as place:
            first = await house.fleet.worker()
            alice = await place.customer()
            async with unwritable(house):
                await place.calls(alice, kind)  # type: ignore[arg-type]
                await eventually(lambda: held(place), SOON, "nobody held the effect")
                first.freeze()
            await lease_runs_out(house)
            second = await house.fleet.worker()
            await place.settled()
            first.thaw()
            await place.calls(alice, "human")  # whoever takes it, it is once
            await place.settled()
            assert await place.wrong() == [] and first.alive and second.alive
            first.kill()
            second.kill()


class TestRedis:
    async def test_away_and_back_every_kind_is_told_of_once(self, house: House, module_redis: RedisServer) -> None:
        async with staffed(house) as place:
            worker = await house.fleet.worker()
            alice = await place.customer()
            module_redis.kill()
            try:
                for kind in KINDS[:3]:
                    await place.calls(alice, kind)
                await place.settled()
                assert await place.wrong() == [], "found by sweeps alone"
            finally:
                await asyncio.to_thread(module_redis.start)
            for kind in KINDS[3:]:
                await place.calls(alice, kind)
            await place.settled()
            assert await place.wrong() == [] and worker.alive
            worker.kill()
