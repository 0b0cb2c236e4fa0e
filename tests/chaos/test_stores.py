"""Redis and PostgreSQL go away under load, and come back: nothing acknowledged is lost, nothing is doubled, delivery goes on."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from migrations import runner
from tests.conftest import execute
from tests.rig.client import ChatClient
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.house import House
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

CONVERSATIONS = 10
GAP_SECONDS = 5.0  # the longest that delivery may stand still while Redis is away


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this module's own, to be stopped."""
    made = PostgresServer()
    try:
        made.create()
        made.start()
        yield made
    finally:
        made.destroy()


@pytest.fixture(scope="module")
async def base(server: PostgresServer, module_redis: RedisServer) -> AsyncIterator[House]:
    await execute(server.url(), "CREATE DATABASE chaos")
    await runner.upgrade(server.url("chaos"))
    async with ScriptedProvider() as provider:
        models = [ModelPlan("teacher", provider.base_url, "words-30+pace-40")]
        settings = {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "20"}
        async with Fleet(server.url("chaos"), module_redis.url, models=models, settings=settings) as fleet:
            yield House(fleet, await fleet.gateways(2), provider)


@pytest.fixture
async def house(base: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async for mine in recorded(base, tmp_path_factory):
        yield mine


async def talk(client: ChatClient, name: str, until: float) -> int:
    """Ask and wait for the answer, again and again; an `unavailable` is sent again with the same id. Returns how often."""
    asked = 0
    while time.monotonic() < until:
        asked += 1
        await insist(client, f"{name} asks number {asked}")
        await client.finished(asked, within=30)
    return asked


async def insist(client: ChatClient, text: str) -> int:
    """Send until it is taken; how often that was refused."""
    id, refused = str(uuid4()), 0
    while True:
        try:
            ack = await client.say(text, id)
        except TimeoutError:
            continue
        if ack["ok"]:
            return refused
        assert ack["error"]["code"] == "unavailable", ack
        refused += 1
        await asyncio.sleep(0.3)


class TestRedis:
    async def test_killed_for_three_seconds_under_load(self, house: House, module_redis: RedisServer) -> None:
        customers = [await house.customer(n % 2) for n in range(CONVERSATIONS)]
        until = time.monotonic() + 6
        talks = [asyncio.create_task(talk(c, f"customer {n}", until)) for n, c in enumerate(customers)]
        await asyncio.gather(*(c.shown(10) for c in customers))
        dana = await house.admin(1)
        for client in customers[:4]:
            await dana.watch(client.log.conversation)
        module_redis.kill()
        ack = await dana.do("take", customers[0].log.conversation, epoch=0)
        assert ack["ok"], "a takeover needs no Redis"
        back = await dana.do("give_back", customers[0].log.conversation, epoch=ack["epoch"])
        assert back["ok"]
        await asyncio.sleep(3)
        module_redis.start()
        asked = await asyncio.gather(*talks)
        assert min(asked) >= 2
        for client in customers[:4]:
            log = dana.logs[client.log.conversation]
            await dana.until(lambda a=log, b=client.log: a.top == b.top, GAP_SECONDS)  # type: ignore[misc]

    async def test_away_delivery_goes_on_from_postgresql(self, house: House, module_redis: RedisServer) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        house.plan("words-3", model="words-30+pace-40")
        await alice.say("before")
        await alice.finished()
        await dana.watch(alice.log.conversation)
        epoch = (await dana.do("take", alice.log.conversation))["epoch"]
        module_redis.kill()
        try:
            started = time.monotonic()
            assert (await dana.say(alice.log.conversation, "From the other gateway, without Redis", epoch))["ok"]
            await alice.until(lambda: alice.log.said_by("human"))
            assert time.monotonic() - started < GAP_SECONDS
        finally:
            module_redis.start()

    async def test_hanging_half_open_sends_are_acknowledged(self, house: House, module_redis: RedisServer) -> None:
        customers = [await house.customer(n % 2) for n in range(2)]
        module_redis.pause()
        try:
            for n, client in enumerate(customers):
                started = time.monotonic()
                assert (await client.say(f"Redis hangs {n}"))["ok"]
                assert time.monotonic() - started < 2.5
            await asyncio.gather(*(client.finished() for client in customers))
        finally:
            module_redis.resume()
        assert all(client.log.finished[0]["outcome"] == "complete" for client in customers)

    async def test_hanging_a_takeover_holds_also_when_what_hung_is_carried_out_later(self, house: House, module_redis: RedisServer) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        house.plan("words-200+pace-30", model="words-30+pace-40")
        await alice.say("Taken while Redis hangs")
        await alice.shown(30)
        await dana.watch(alice.log.conversation)
        module_redis.pause()
        try:
            ack = await dana.do("take", alice.log.conversation)
            assert ack["ok"] and ack["to"] >= 30
        finally:
            module_redis.resume()
        await asyncio.sleep(0.5)  # frames that were on their way to Redis are appended, or refused, now
        assert (await alice.finished())["outcome"] == "taken_over"

    async def test_emptied_in_mid_reply(self, house: House, module_redis: RedisServer) -> None:
        customers = [await house.customer(n % 2) for n in range(4)]
        for n, client in enumerate(customers):
            await client.say(f"Forget {n}")
        await asyncio.gather(*(client.shown(30) for client in customers))
        await asyncio.to_thread(module_redis.restart)
        tabs = [await house.again(client, at=(n + 1) % 2) for n, client in enumerate(customers)]
        await asyncio.gather(*(client.finished() for client in (*customers, *tabs)))
        assert all(client.log.finished[0]["outcome"] == "complete" and not client.log.of_kind("restarted") for client in customers)


class TestPostgres:
    async def test_every_connection_terminated_again_and_again(self, house: House, server: PostgresServer) -> None:
        customers = [await house.customer(n % 2) for n in range(4)]
        until = time.monotonic() + 3
        talks = [asyncio.create_task(talk(c, f"terminated {n}", until)) for n, c in enumerate(customers)]
        connection = await asyncpg.connect(server.url())
        kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'chaos' AND application_name LIKE 'hibachi%'"
        killed = 0
        try:
            while time.monotonic() < until:
                killed += await connection.fetchval(kill)
                await asyncio.sleep(0.5)
        finally:
            await connection.close()
        assert killed > 4
        assert min(await asyncio.gather(*talks)) >= 1

    async def test_stopped_sends_are_refused_and_the_same_id_is_taken_later(self, house: House, server: PostgresServer) -> None:
        customers = [await house.customer(n % 2) for n in range(4)]
        for n, client in enumerate(customers):
            await client.say(f"Running when it stops {n}")
        await asyncio.gather(*(client.shown(10) for client in customers))
        newcomer = await house.customer(0)
        await asyncio.to_thread(server.stop)
        sending = [asyncio.create_task(insist(c, f"while it is away {n}")) for n, c in enumerate((*customers, newcomer))]
        await asyncio.sleep(1.5)
        assert not any(task.done() for task in sending), "nothing may be acknowledged that is not stored"
        await asyncio.to_thread(server.start)
        started = time.monotonic()
        refused = await asyncio.gather(*sending)
        assert time.monotonic() - started < 5 and max(refused) > 0
        await asyncio.gather(*(client.finished(2, within=30) for client in customers), newcomer.finished(within=30))
        assert newcomer.log.said_by("customer") == ["while it is away 4"]


class TestCommitWithoutReply:
    async def test_the_message_is_stored_once_when_it_is_sent_again(self, house: House) -> None:
        """The acknowledgement is lost with the connection: only the id can tell that the message is there already."""
        for n in range(8):
            alice = await house.customer(n % 2)
            house.plan("words-3", model="words-30+pace-40")
            id = str(uuid4())
            sending = asyncio.create_task(alice.say(f"acknowledged to nobody {n}", id))
            await asyncio.sleep(0.004 * n)
            await alice.cut()
            await asyncio.gather(sending, return_exceptions=True)
            await alice.open(house.gateways[(n + 1) % 2].base)
            assert (await alice.say(f"acknowledged to nobody {n}", id))["ok"]
            await alice.finished()
            assert len(alice.log.said_by("customer")) == 1
