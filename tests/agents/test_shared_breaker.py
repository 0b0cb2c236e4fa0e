"""Breakers of two gateways that know of each other through a real Redis, and of themselves when it is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest

from agents.ensemble.breaker import BackOff, Breaker
from agents.ensemble.errors import Unauthorized
from agents.ensemble.shared_breaker import QUESTION_S, SharedBreakers
from kernel import rooms
from kernel.bus import Bus, connect
from kernel.ending import end
from tests.rig.redis import RedisServer

LONG = BackOff(first_s=30.0, longest_s=120.0)
SHORT = BackOff(first_s=0.15, longest_s=60.0)


@dataclass
class Process:
    breaker: Breaker
    bus: Bus
    work: asyncio.Task[None]


@asynccontextmanager
async def process(url: str, key: str, back_off: BackOff, question_s: float) -> AsyncIterator[Process]:
    """A gateway, as far as its breakers go."""
    bus, breaker = Bus(connect(url)), Breaker(back_off)
    work = asyncio.create_task(SharedBreakers(bus, key, {"teacher": breaker}, every_s=0.05, question_s=question_s).run())
    try:
        yield Process(breaker, bus, work)
    finally:
        await end([work])
        await bus.close()


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(redis_server: RedisServer) -> AsyncIterator[Start]:
    """Starts a process of one install."""
    key = rooms.breakers_key(uuid4())
    async with AsyncExitStack() as stack:
        yield lambda back_off=LONG, question_s=2.0: stack.enter_async_context(process(redis_server.url, key, back_off, question_s))


async def soon(look: Callable[[], object], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not look():  # noqa: ASYNC110 - what is waited for comes over Redis
            await asyncio.sleep(0.005)


class TestTwoGateways:
    async def test_what_one_learnt_the_other_knows(self, start: Start) -> None:
        one, two = await start(), await start()
        one.breaker.failed(Unauthorized())
        await soon(lambda: two.breaker.state == "open")
        assert 29 < two.breaker.open_for_s <= 30
        assert not await two.breaker.allows()

    async def test_the_back_off_goes_on_where_the_other_left_it(self, start: Start) -> None:
        one, two = await start(SHORT), await start(SHORT)
        one.breaker.failed(Unauthorized())
        await soon(lambda: two.breaker.state == "half_open")
        assert await two.breaker.allows()
        two.breaker.failed(Unauthorized())
        assert 0.2 < two.breaker.open_for_s <= 0.3

    async def test_one_of_them_probes(self, start: Start) -> None:
        one, two = await start(SHORT), await start(SHORT)
        one.breaker.failed(Unauthorized())
        await soon(lambda: two.breaker.state == "half_open" == one.breaker.state)
        assert sorted([await one.breaker.allows(), await two.breaker.allows()]) == [False, True]

    async def test_a_probe_that_answers_opens_the_door_everywhere(self, start: Start) -> None:
        one, two = await start(SHORT), await start(SHORT)
        one.breaker.failed(Unauthorized())
        await soon(lambda: two.breaker.state == "half_open")
        assert await two.breaker.allows()
        two.breaker.answered()
        await soon(lambda: one.breaker.state == "closed")

    async def test_a_probe_without_a_verdict_lets_the_other_probe(self, start: Start) -> None:
        one, two = await start(SHORT), await start(SHORT)
        one.breaker.failed(Unauthorized())
        await soon(lambda: two.breaker.state == "half_open" == one.breaker.state)
        assert await two.breaker.allows()
        two.breaker.released()
        async with asyncio.timeout(5):
            while not await one.breaker.allows():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)

    async def test_a_gateway_that_starts_knows_at_once(self, start: Start) -> None:
        one = await start()
        one.breaker.failed(Unauthorized())
        await asyncio.sleep(0.05)
        late = await start()
        await soon(lambda: late.breaker.state == "open")


class TestWithoutRedis:
    async def test_each_decides_for_itself_and_at_once(self, start: Start, redis_server: RedisServer) -> None:
        one = await start(SHORT)
        redis_server.kill()
        one.breaker.failed(Unauthorized())
        await soon(lambda: one.breaker.state == "half_open")
        began = time.monotonic()
        assert await one.breaker.allows()
        assert time.monotonic() - began < 0.5
        assert not one.work.done()

    async def test_a_redis_that_does_not_answer_is_waited_for_briefly(self, start: Start, redis_server: RedisServer) -> None:
        one = await start(SHORT, QUESTION_S)
        await soon(lambda: one.bus.redis.connection_pool._available_connections)
        one.breaker.failed(Unauthorized())
        redis_server.pause()
        try:
            await soon(lambda: one.breaker.state == "half_open")
            began = time.monotonic()
            assert await one.breaker.allows()
            assert time.monotonic() - began < 0.5
        finally:
            redis_server.resume()

    async def test_what_is_known_survives_its_loss_and_is_told_again(self, start: Start, redis_server: RedisServer) -> None:
        one = await start()
        one.breaker.failed(Unauthorized())
        redis_server.kill()
        await soon(lambda: not one.bus.up)
        assert one.breaker.state == "open"
        redis_server.start()
        two = await start()
        await soon(lambda: two.breaker.state == "open")
