"""A gateway is stopped past its lease, lost, or sent away: its conversations go on at another one, by the same rules."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest

from tests.rig.client import Gone
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.house import House
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

LOST_WITHIN = 10.0  # a reply goes on, or is marked, so long after its gateway was lost
LONG = "words-300+pace-40"


@pytest.fixture(scope="module")
async def base(module_database_url: str, module_redis: RedisServer) -> AsyncIterator[House]:
    async with ScriptedProvider() as provider:
        models = [ModelPlan("teacher", provider.base_url, "words-50+pace-40")]
        async with Fleet(module_database_url, module_redis.url, models=models) as fleet:
            yield House(fleet, await fleet.gateways(3), provider)


@pytest.fixture
async def house(base: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Those that are alive."""
    base.gateways[:] = [gateway for gateway in base.gateways if gateway.alive]
    async for mine in recorded(base, tmp_path_factory):
        yield mine


class TestStopped:
    async def test_past_its_lease_and_continued_not_one_stale_frame_is_accepted(self, house: House) -> None:
        first = house.gateways[0]
        clients, taken, dana = [await house.customer(0) for _ in range(2)], await house.customer(0), await house.admin(1)
        house.plan(LONG, LONG, LONG, model="words-50+pace-40")
        for n, client in enumerate((*clients, taken)):
            await client.say(f"Frozen {n}")
        for client in (*clients, taken):
            await client.shown(30)
            await dana.watch(client.log.conversation)
        tabs = [await house.again(client, at=1) for client in clients]
        first.freeze()
        try:
            assert (await dana.do("take", taken.log.conversation))["ok"]
            for tab in tabs:
                await tab.until(lambda t=tab: t.log.of_kind("restarted"), LOST_WITHIN + 2)  # type: ignore[misc]
        finally:
            first.thaw()
        turns = {tab.log.of_kind("restarted")[0]["replaces"]: tab for tab in tabs}
        before = {turn: sum(1 for d in tab.others("delta") if d["turn"] == turn) for turn, tab in turns.items()}
        await asyncio.gather(*(tab.finished(within=30) for tab in tabs))
        after = {turn: sum(1 for d in tab.others("delta") if d["turn"] == turn) for turn, tab in turns.items()}
        assert after == before, "stale frames of the stopped gateway came through"
        await taken.until(lambda: taken.log.finished)
        assert taken.log.finished[0]["outcome"] == "taken_over"


class TestKilled:
    async def test_in_mid_reply_another_one_starts_again(self, house: House) -> None:
        """Four replies run; one more is taken over after the kill; one message is on its way."""
        first, second = house.gateways[:2]
        clients = [await house.customer(0) for _ in range(4)]
        taken, sender, dana = await house.customer(0), await house.customer(0), await house.admin(1)
        for n, client in enumerate((*clients, taken)):
            await client.say(f"Survive {n}")
        for client in (*clients, taken):
            await client.shown(20)
            await dana.watch(client.log.conversation)
        id = str(uuid4())
        sending = asyncio.create_task(sender.say("was it stored?", id))
        await asyncio.sleep(0)
        first.kill()
        killed = time.monotonic()
        ack = await dana.do("take", taken.log.conversation)
        assert ack["ok"] and ack["to"] >= 20
        with suppress(Gone):
            await sending
        for client in (*clients, taken, sender):
            await client.until(lambda c=client: not c.connected)  # type: ignore[misc]
            await client.open(second.base)
        assert time.monotonic() - killed < 3
        assert (await sender.say("was it stored?", id))["ok"]
        await asyncio.gather(*(c.until(lambda c=c: c.log.of_kind("restarted"), LOST_WITHIN) for c in clients))  # type: ignore[misc]
        assert time.monotonic() - killed < LOST_WITHIN
        await asyncio.gather(*(client.finished() for client in (*clients, taken, sender)))
        assert [client.log.finished[0]["outcome"] for client in clients] == ["complete"] * 4
        assert taken.log.finished[0]["outcome"] == "taken_over"
        assert sender.log.said_by("customer") == ["was it stored?"]


class TestSentAway:
    async def test_sigterm_says_goodbye_ends_what_is_short_and_leaves_the_rest_to_another_one(self, house: House) -> None:
        first, second = house.gateways[:2]
        short, long = await house.customer(0), await house.customer(0)
        house.plan("words-40+pace-40", model="words-50+pace-40")
        await short.say("A short goodbye?")
        await short.shown(1)  # the plan is taken by whose call comes first
        house.plan(LONG, model="words-50+pace-40")
        await long.say("A long goodbye")
        await asyncio.gather(short.shown(20), long.shown(20))
        status = asyncio.create_task(first.terminate())
        for client in (short, long):
            await client.until(lambda c=client: not c.connected)  # type: ignore[misc]
            assert client.goodbye is not None and client.goodbye["code"] == "draining"
            await client.open(second.base)
        assert (await short.finished())["outcome"] == "complete"
        assert short.log.of_kind("restarted") == [], "what takes less than the patience of a drain is not restarted"
        assert await status in (0, -signal.SIGTERM)
        left = time.monotonic()
        await long.until(lambda: long.log.of_kind("restarted"), what="the restart")
        assert time.monotonic() - left < 4, "a lease that was given up need not run out"
        assert (await long.finished())["outcome"] == "complete"
