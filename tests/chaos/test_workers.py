"""A worker is killed, or stopped past its lease, between holding an effect and carrying it out: the effect happens once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from tests.rig.client import ChatClient
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet
from tests.rig.house import House
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

SOON = 6.0
# What the handoff causes besides, a summary of what was said, is another one's.
TOLD = "SELECT count(*) FROM ops.outbox WHERE kind = 'notify_staff' AND state"
HELD = f"{TOLD} = 'working'"


@pytest.fixture(scope="module")
async def base(module_database_url: str, module_redis: RedisServer) -> AsyncIterator[House]:
    """A gateway without a model: the house answers."""
    async with ScriptedProvider() as provider, Fleet(module_database_url, module_redis.url) as fleet:
        yield House(fleet, await fleet.gateways(1), provider)


@pytest.fixture
async def house(base: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async for mine in recorded(base, tmp_path_factory):
        yield mine


async def ask(house: House) -> ChatClient:
    """A customer asks for a person: the effect is a notification of the staff."""
    alice = await house.customer()
    assert (await alice.call("human", {"id": str(uuid4())}))["ok"]
    return alice


async def notified(house: House, alice: ChatClient) -> list[str]:
    query = "SELECT kind FROM ops.notification WHERE conversation_id::text = $1"
    return [row[0] for row in await house.rows(query, alice.log.conversation)]


async def until(house: House, query: str, wanted: int, within: float) -> float:
    """Wait until the count is so; the seconds that it took."""
    started = time.monotonic()
    while (await house.rows(query))[0][0] != wanted:
        assert time.monotonic() - started < within, f"{query} never became {wanted}"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


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


async def lease_runs_out(house: House) -> None:
    """As the time of a lease would do."""
    await house.rows("UPDATE ops.outbox SET lease_until = clock_timestamp() WHERE state = 'working'")


class TestWorkers:
    async def test_killed_between_the_claim_and_the_effect(self, house: House) -> None:
        first = await house.fleet.worker()
        async with unwritable(house):
            alice = await ask(house)
            await until(house, HELD, 1, SOON)
            first.kill()
        assert await notified(house, alice) == []
        await lease_runs_out(house)
        second = await house.fleet.worker()
        await until(house, f"{TOLD} = 'done'", 1, SOON)
        assert await notified(house, alice) == ["handoff"]
        second.kill()

    async def test_stopped_past_its_lease_and_continued(self, house: House) -> None:
        first = await house.fleet.worker()
        async with unwritable(house):
            alice = await ask(house)
            await until(house, HELD, 1, SOON)
            first.freeze()
        await lease_runs_out(house)
        second = await house.fleet.worker()
        await until(house, f"{TOLD} <> 'done'", 0, SOON)
        first.thaw()
        await asyncio.sleep(0.5)
        assert await notified(house, alice) == ["handoff"]
        assert first.alive and second.alive
        first.kill()
        second.kill()

    async def test_works_on_while_redis_is_away_and_after_it(self, house: House, module_redis: RedisServer) -> None:
        worker = await house.fleet.worker()
        module_redis.kill()
        try:
            alice = await ask(house)
            await until(house, f"{TOLD} <> 'done'", 0, SOON)
            assert await notified(house, alice) == ["handoff"]
        finally:
            module_redis.start()
        bob = await ask(house)
        await until(house, f"{TOLD} <> 'done'", 0, SOON)
        assert await notified(house, bob) == ["handoff"] and worker.alive
        worker.kill()
