"""The fence of a running turn against a Redis that hangs: what was sent before is not carried out after."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from uuid import uuid4

import orjson
import pytest
from redis.asyncio import Redis

from gateway.turns import frames as module
from gateway.turns.frames import Frame, Frames
from kernel import rooms
from kernel.bus import Bus, connect
from tests.rig.redis import RedisServer


@pytest.fixture(scope="module")
def hanging() -> Iterator[RedisServer]:
    """A Redis of this module's own, to be stopped."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture
async def bus(hanging: RedisServer) -> AsyncIterator[Bus]:
    made = Bus(connect(hanging.url))
    yield made
    await made.close()


def frame(turn: object, at: int, text: str) -> Frame:
    return Frame(uuid4(), turn, at, at + len(text), text)  # type: ignore[arg-type]


async def hung(frames: Frames, hanging: RedisServer) -> int:
    """Send a frame to a Redis that hangs, let it go on; how far the turn is shown then."""
    turn = uuid4()
    assert await frames.begin(turn) == "appended"
    assert await frames.append([frame(turn, 0, "before ")]) == ["appended"]
    hanging.pause()
    try:
        assert await frames.append([frame(turn, 7, "while it hangs")]) == ["away"]
    finally:
        hanging.resume()
    await asyncio.sleep(0.2)
    assert await frames._bus.redis.ping()
    frames._bus._away_since = None
    shown = await frames.read(turn)
    assert shown is not None
    return shown.to


async def test_what_hung_is_not_carried_out_later(bus: Bus, hanging: RedisServer) -> None:
    assert await hung(Frames(bus), hanging) == len("before ")


async def test_without_the_limit_it_would_be(bus: Bus, hanging: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CARRIED_OUT_WITHIN", 60.0)
    assert await hung(Frames(bus), hanging) == len("before while it hangs")


async def test_a_clock_that_was_set_is_followed(bus: Bus) -> None:
    frames, turn = Frames(bus), uuid4()
    await frames.begin(turn)
    frames._ahead -= 3600  # Redis's clock was set an hour ahead since
    assert await frames.append([frame(turn, 0, "one ")]) == ["late"]
    assert await frames.append([frame(turn, 0, "one ")]) == ["appended"]


async def test_many_at_once_each_by_its_own_fence(bus: Bus) -> None:
    frames, turns = Frames(bus), [uuid4() for _ in range(4)]
    for turn in turns[:3]:
        await frames.begin(turn)
    await frames.cut(turns[1])
    given = [frame(turns[0], 0, "a"), frame(turns[1], 0, "b"), frame(turns[2], 5, "c"), frame(turns[3], 0, "d")]
    assert await frames.append(given) == ["appended", "refused", "missing", "missing"]
    assert await frames.append(given[:1]) == ["appended"]


class TestWhoHears:
    """A frame goes to other processes where one of them hears the room, whatever we know of ourselves."""

    async def published(self, bus: Bus, hanging: RedisServer, *, subscribed: bool, others: int) -> list[str]:
        """What the last of so many others hears of a frame; without others, what we hear of it ourselves."""
        given = frame(turn := uuid4(), 0, "first ")
        channel = rooms.channel(rooms.conversation(given.conversation))
        async with AsyncExitStack() as stack:
            ears = []
            for _ in range(others + subscribed):
                client = await stack.enter_async_context(Redis.from_url(hanging.url))
                ears.append(await stack.enter_async_context(client.pubsub(ignore_subscribe_messages=True)))
                await ears[-1].subscribe(channel)
                await ears[-1].get_message(timeout=5)
            frames = Frames(bus, lambda room: subscribed)
            await frames.begin(turn)
            assert await frames.append([given]) == ["appended"]
            if not ears:
                return []
            heard = await ears[-1].get_message(timeout=5 if others else 0.2)
            return [] if heard is None else [orjson.loads(heard["data"])["x"]]

    @pytest.mark.parametrize(("subscribed", "others", "heard"), [(True, 0, []), (True, 1, ["first "]), (False, 1, ["first "])])
    async def test_only_others_are_published_to(
        self, bus: Bus, hanging: RedisServer, subscribed: bool, others: int, heard: list[str]
    ) -> None:
        assert await self.published(bus, hanging, subscribed=subscribed, others=others) == heard
