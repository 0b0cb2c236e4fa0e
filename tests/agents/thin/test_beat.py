"""Reading at the beat: what came between two beats is one text, nothing of it is lost, and nobody waits longer than for one."""

import asyncio
import time
from contextlib import aclosing

import pytest

from agents.ensemble.chunks import Text
from tests.agents.thin.bench import Bench, ask, collect
from tests.rig.provider import SHAPES, ShapeName

each_shape = pytest.mark.parametrize("shape", SHAPES)


async def beating(bench: Bench, every: float, times: int) -> None:
    for _ in range(times):
        bench.connections.pulse.beat()
        await asyncio.sleep(every)
    bench.connections.pulse.rest()


class TestBeat:
    @each_shape
    async def test_what_came_between_two_beats_is_one_text(self, bench: Bench, shape: ShapeName) -> None:
        beats = asyncio.create_task(beating(bench, 0.1, 20))
        texts: list[str] = []
        async with aclosing(bench.model(shape, "words-30+pace-10").stream(ask("hi"))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Text):
                    texts.append(chunk.text)
        beats.cancel()
        assert "".join(texts) == bench.farm[shape].calls[0].plan
        assert len(texts[0].split()) == 1, "the first one does not wait"
        assert len(texts) <= 8

    async def test_without_a_beat_text_comes_as_it_is_sent(self, bench: Bench) -> None:
        texts: list[str] = []
        async with aclosing(bench.model("openai", "words-6+pace-20").stream(ask("hi"))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Text):
                    texts.append(chunk.text)
        assert len(texts) == 6

    async def test_a_cut_between_two_beats_still_gives_what_came_before_it(self, bench: Bench) -> None:
        beats = asyncio.create_task(beating(bench, 0.2, 20))
        gave = await collect(bench.model("openai", "words-12+cut-5"), ask("hi"))
        beats.cancel()
        assert gave.kind == "cut"
        assert len(gave.text.split()) == 5

    async def test_who_waits_for_a_beat_can_be_closed(self, bench: Bench) -> None:
        bench.connections.pulse.beat()
        stream = bench.model("openai", "words-100+pace-20").stream(ask("hi"))
        assert isinstance(await anext(stream), Text)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await stream.aclose()
        await bench.farm["openai"].ended(bench.farm["openai"].calls[0])
        assert time.monotonic() - began < 0.3
