"""The subscription to Redis: lost and heard again by itself, and what was missed in between is asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.live.subscriber import Subscriber
from kernel.bus import Bus, connect
from tests.rig.inprocess import eventually
from tests.rig.redis import RedisServer

SOON = 10.0


@dataclass
class Ear:
    """A subscriber with its bus, and another process's bus to speak from."""

    subscriber: Subscriber
    bus: Bus
    other: Bus
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    healed: int = 0

    async def until_heard(self, room: str, within: float) -> float:
        """Speak until it is heard; the seconds that took."""
        started, number = time.monotonic(), len(self.heard)
        while time.monotonic() - started < within:
            await self.other.publish(room, {"k": "probe"})
            await asyncio.sleep(0.02)
            if any(where == room for where, _ in self.heard[number:]):
                return time.monotonic() - started
        raise AssertionError(f"deaf for {within} s")


@pytest.fixture
async def ear(redis_server: RedisServer) -> AsyncIterator[Ear]:
    bus, other = Bus(connect(redis_server.url)), Bus(connect(redis_server.url))

    async def heal() -> None:
        found.healed += 1

    found = Ear(Subscriber(redis_server.url, bus, lambda room, body: found.heard.append((room, body)), heal), bus, other)
    tasks = [asyncio.create_task(found.subscriber.run()), asyncio.create_task(found.subscriber.ping())]
    await found.subscriber.add("conversation:a")
    await eventually(lambda: found.healed == 1)
    yield found
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await bus.close()
    await other.close()


class TestSubscriber:
    async def test_whoever_reads_a_snapshot_hears_all_that_is_said_from_then_on(self, ear: Ear) -> None:
        async def joins(number: int) -> None:
            room = f"conversation:{number}"
            # Two at once: the second one waits for what the first one has asked for.
            await asyncio.gather(ear.subscriber.add(room), ear.subscriber.sure(room))
            assert ear.subscriber.hears(room)
            await ear.other.publish(room, {"k": "said once"})

        await asyncio.gather(*(joins(number) for number in range(200)))
        await eventually(lambda: len(ear.heard) == 200, 5)

    async def test_what_was_asked_for_before_somebody_left_confirms_nothing(self, ear: Ear) -> None:
        """A room that is left and entered again in one breath: three answers are on their way, the last one counts."""
        room, answers, confirm = "conversation:b", list[tuple[str, bool]](), ear.subscriber._confirm

        def counted(kind: str, channel: bytes) -> None:
            confirm(kind, channel)
            answers.append((kind, ear.subscriber.hears(room)))

        ear.subscriber._confirm = counted  # type: ignore[method-assign]
        await ear.subscriber.add(room)
        await ear.subscriber.remove(room)
        await ear.subscriber.add(room)
        await ear.subscriber.sure(room)
        assert answers == [("subscribe", False), ("unsubscribe", False), ("subscribe", True)]

    async def test_hears_its_rooms_and_not_itself(self, ear: Ear) -> None:
        await ear.until_heard("conversation:a", SOON)
        await ear.subscriber.add("conversation:b")
        await ear.until_heard("conversation:b", SOON)
        before = len(ear.heard)
        await ear.bus.publish("conversation:a", {"k": "mine"})
        await ear.other.publish("conversation:c", {"k": "not asked for"})
        await ear.subscriber.remove("conversation:b")
        await asyncio.sleep(0.1)
        await ear.other.publish("conversation:b", {"k": "no more"})
        await asyncio.sleep(0.2)
        # More than one probe may have been on its way.
        assert [body for _, body in ear.heard[before:] if body["k"] != "probe"] == []

    async def test_knows_what_redis_confirmed(self, ear: Ear, redis_server: RedisServer) -> None:
        subscriber = ear.subscriber
        await eventually(lambda: subscriber.hears("conversation:a"))
        await subscriber.add("conversation:d")
        assert not subscriber.hears("conversation:d"), "asked for is not confirmed"
        await eventually(lambda: subscriber.hears("conversation:d"))
        await subscriber.remove("conversation:d")
        assert not subscriber.hears("conversation:d")
        lost = asyncio.create_task(eventually(lambda: not subscriber.hears("conversation:a")))
        async with Redis.from_url(redis_server.url) as client:
            await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await lost
        await eventually(lambda: subscriber.hears("conversation:a"))

    async def test_after_its_connection_was_killed(self, ear: Ear, redis_server: RedisServer) -> None:
        for times in range(2, 5):
            async with Redis.from_url(redis_server.url) as client:
                await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await ear.until_heard("conversation:a", SOON)
            await eventually(lambda n=times: ear.healed >= n)  # type: ignore[misc]

    async def test_after_redis_was_restarted(self, ear: Ear, redis_server: RedisServer) -> None:
        await ear.until_heard("conversation:a", SOON)
        redis_server.kill()
        await asyncio.sleep(1.2)
        assert not await ear.bus.publish("conversation:a", {"k": "into the void"})
        await ear.subscriber.add("conversation:later")
        redis_server.start()
        await ear.until_heard("conversation:later", SOON)
        await ear.until_heard("conversation:a", SOON)
        assert ear.healed >= 2 and ear.bus.up
