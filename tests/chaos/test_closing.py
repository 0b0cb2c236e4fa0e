"""A takeover at any chunk of an answer: the provider's connection is closed at once, the call leaves one usage row, nothing is shown after.

Here at every seventh chunk of OpenAI's protocol; `make prove` plays the long form: at each chunk, in every protocol.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence

import pytest

from tests.figures import told
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.house import House
from tests.rig.provider import SHAPES, Call, ScriptedProvider, ShapeName
from tests.rig.redis import RedisServer

SCRIPT = "words-40+pace-20"
WORDS = 28
WITHIN = 0.3  # seconds from the click to the provider's knowing, in the middle
AT_MOST = 1.5  # the same, on a machine that does other things too
TICK = 0.06  # what was read leaves within this time


async def _taken(house: House, places: Sequence[int], name: str) -> list[float]:
    """A takeover for each place, once the provider has sent so many chunks; the seconds until the provider knew."""
    dana, took = await house.admin(), []
    for at in places:
        house.plan(f"words-{WORDS}+hang-after-{at}", model=SCRIPT)
        alice, text = await house.customer(), f"Closing {name} at chunk {at} of an answer."
        await alice.say(text)
        call = await _sent(house, text, at)
        await dana.watch(alice.log.conversation)
        await asyncio.sleep(TICK)
        clicked = time.monotonic()
        assert (await dana.do("take", alice.log.conversation))["ok"]
        await house.provider.ended(call, 5)
        took.append((call.ended or clicked) - clicked)
        assert call.end == "gone"
        assert (await alice.finished())["outcome"] == "taken_over"
        assert await _rows(house, alice.log.conversation) == ["cancelled"]
    return took


async def _sent(house: House, text: str, chunks: int) -> Call:
    """The call that was asked this, once so many of its chunks are out."""
    async with asyncio.timeout(10):
        while not (found := [call for call in house.calls_of(text) if call.chunks >= chunks]):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return found[0]


async def _rows(house: House, conversation: str) -> list[str]:
    """Outcomes of the model's calls in a conversation; rows are stored in the background."""
    query = "SELECT outcome FROM ai.usage WHERE conversation_id::text = $1 AND model <> 'house'"
    async with asyncio.timeout(5):
        while not (rows := await house.rows(query, conversation)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return [row[0] for row in rows]


def _judged(name: str, took: list[float]) -> None:
    middle, most = (round(1000 * seconds) for seconds in (statistics.median(took), max(took)))
    told(f"{name}: {len(took)} takeovers, known to the provider after {middle} ms, {most} at most")
    assert statistics.median(took) < WITHIN and max(took) < AT_MOST


class TestTakenOver:
    async def test_at_every_seventh_chunk(self, house: House) -> None:
        _judged("openai", await _taken(house, range(0, WORDS + 1, 7), "openai"))

    @pytest.mark.slow
    @pytest.mark.parametrize("shape", list(SHAPES))
    async def test_at_each_chunk_in_every_protocol(
        self, module_database_url: str, module_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory, shape: ShapeName
    ) -> None:
        settings = {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "20"}
        async with ScriptedProvider() as provider:
            models = [ModelPlan(f"teacher-{shape}", provider.base(shape), SCRIPT, shape=shape)]
            async with Fleet(module_database_url, module_redis.url, models=models, settings=settings) as fleet:
                base = House(fleet, await fleet.gateways(1), provider)
                async for house in recorded(base, tmp_path_factory):
                    _judged(shape, await _taken(house, range(WORDS + 1), shape))
