"""When replies leave: a first token alone and at once, the rest at the tick, and readers just before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import pytest

from business.conversations.turns import Claim
from gateway.turns.frames import Frame, Verdict
from gateway.turns.reply import Reply
from gateway.turns.ticker import BUSY_AT, BUSY_TICK, TICK, Ticker
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId
from kernel.pulse import Pulse
from tests.rig.inprocess import eventually


def reply() -> Reply:
    claim = Claim(
        turn=TurnId(uuid4()),
        conversation=ConversationId(uuid4()),
        fence=1,
        home="redis",
        answers=(1,),
        restarts=0,
        site=SiteId(uuid4()),
        customer=CustomerId(uuid4()),
        channel="web",
        locale="en",
        memory={},
        memory_seq=0,
        history=(),
    )
    made = Reply(claim, "redis")
    made.held = False
    return made


@dataclass
class Shore:
    """Where frames arrive, each tick's together."""

    arrived: list[list[str]] = field(default_factory=list)
    takes: float = 0.0

    async def append(self, frames: list[Frame]) -> list[Verdict]:
        await asyncio.sleep(self.takes)
        self.arrived.append([frame.text for frame in frames])
        return ["appended"] * len(frames)

    def delta(self, frame: Frame) -> None:
        pass


@dataclass
class Running:
    ticker: Ticker
    pulse: Pulse
    shore: Shore
    replies: list[Reply]


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    shore, pulse, replies = Shore(), Pulse(), list[Reply]()
    ticker = Ticker(cast(Any, shore), cast(Any, None), cast(Any, shore), lambda: replies, pulse)
    task = asyncio.create_task(ticker.run())
    yield Running(ticker, pulse, shore, replies)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class TestTicker:
    async def test_a_first_token_does_not_wait_and_takes_nobody_along(self, running: Running) -> None:
        begun, new = reply(), reply()
        running.replies += [begun, new]
        begun.add("said ")
        running.ticker.urge()
        await eventually(lambda: running.shore.arrived == [["said "]])
        begun.add("more")
        new.add("first ")
        running.ticker.urge()
        await eventually(lambda: len(running.shore.arrived) > 1)
        assert running.shore.arrived[1] == ["first "]
        await eventually(lambda: running.shore.arrived[2:] == [["more"]])

    async def test_what_is_read_at_the_beat_leaves_with_it(self, running: Running) -> None:
        one = reply()
        running.replies.append(one)
        one.add("first ")
        running.ticker.urge()
        running.pulse.beat()
        waiting = asyncio.create_task(running.pulse.wait())
        waiting.add_done_callback(lambda _: one.add("read "))
        await eventually(lambda: len(running.shore.arrived) == 2)
        assert running.shore.arrived == [["first "], ["read "]]

    async def test_a_tick_keeps_its_time_however_many_first_tokens_come(self, running: Running) -> None:
        one = reply()
        running.replies.append(one)
        one.add("first ")
        running.ticker.urge()
        await eventually(lambda: bool(one.said))
        one.add("second")
        for _ in range(10 * 8):  # ten ticks' worth, however long that takes
            running.ticker.urge()
            await asyncio.sleep(TICK / 8)
            if len(running.shore.arrived) > 1:
                break
        assert running.shore.arrived[1:] == [["second"]]

    async def test_a_busy_process_ticks_less_often(self, running: Running) -> None:
        ticks, beat = list[float](), running.pulse.beat

        def counted() -> None:
            ticks.append(asyncio.get_running_loop().time())
            beat()

        running.pulse.beat = counted  # type: ignore[method-assign]
        running.shore.takes = 2 * BUSY_AT
        one = reply()
        running.replies.append(one)
        began = asyncio.get_running_loop().time()
        running.ticker.urge()
        while len(ticks) < 15:
            one.add("more ")
            await asyncio.sleep(TICK / 8)
        # A tick after a late one comes sooner, to keep the time: what counts is the pace of all since the first one was to come.
        assert (ticks[-1] - began) / len(ticks) > (TICK + BUSY_TICK) / 2

    async def test_nobody_waits_for_a_beat_once_no_reply_runs(self, running: Running) -> None:
        one = reply()
        running.replies.append(one)
        running.ticker.urge()
        running.pulse.beat()
        waiting = asyncio.create_task(running.pulse.wait())
        await asyncio.wait_for(waiting, 5)
        running.replies.clear()
        await eventually(lambda: not running.pulse._beating)
        await asyncio.wait_for(running.pulse.wait(), 5)
