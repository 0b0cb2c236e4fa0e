"""The beat that readers wait for: nobody hangs, nobody takes another's turn."""

import asyncio

import pytest

from kernel.pulse import Pulse


class TestPulse:
    async def test_nobody_waits_where_nothing_beats(self) -> None:
        await asyncio.wait_for(Pulse().wait(), 1)

    async def test_all_who_wait_run_before_what_follows_the_beat(self) -> None:
        pulse, order = Pulse(), list[str]()
        pulse.beat()

        async def reader(name: str) -> None:
            await pulse.wait()
            order.append(name)

        readers = [asyncio.create_task(reader(name)) for name in "ab"]
        await asyncio.sleep(0)
        assert order == []
        pulse.beat()
        await asyncio.sleep(0)
        order.append("flush")
        assert order == ["a", "b", "flush"]
        await asyncio.gather(*readers)

    async def test_one_beat_is_for_those_who_wait_already(self) -> None:
        pulse = Pulse()
        pulse.beat()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pulse.wait(), 0.01)

    async def test_who_is_cancelled_cancels_nobody_else(self) -> None:
        pulse = Pulse()
        pulse.beat()
        gone, stays = asyncio.create_task(pulse.wait()), asyncio.create_task(pulse.wait())
        await asyncio.sleep(0)
        gone.cancel()
        pulse.beat()
        await asyncio.wait_for(stays, 1)
        assert gone.cancelled() or await asyncio.wait({gone}, timeout=1)

    async def test_the_last_beat_leaves_nobody_waiting(self) -> None:
        pulse = Pulse()
        pulse.beat()
        waiting = asyncio.create_task(pulse.wait())
        await asyncio.sleep(0)
        pulse.rest()
        await asyncio.wait_for(waiting, 1)
        await asyncio.wait_for(pulse.wait(), 1)
