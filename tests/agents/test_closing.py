"""A stream that is closed by us at any of its chunks: the provider's connection is closed at once, and the call leaves one row.

With PROVE_WORDS=60, as `make prove` plays it, of longer answers.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from agents.ensemble.ensemble import Ensemble
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.model import ModelRequest, ToolSpec
from tests.agents.building import ask
from tests.agents.staged import Staged
from tests.figures import told
from tests.rig.farm import Farm
from tests.rig.provider import SHAPES, Call, ShapeName
from tests.rig.script import Script, calling, parse

WITHIN = 3.0  # seconds from our closing to the provider's knowing: far from the 30 of its limits, and no busy machine's pace
WORDS = int(os.environ.get("PROVE_WORDS", "14"))
QUOTE = ToolSpec("quote", "Prices a party.", {"type": "object", "properties": {"adults": {"type": "integer"}, "notes": {"type": "string"}}})
ANSWERS = {
    "words": parse(f"words-{WORDS}", nth=1, words=WORDS, pace=0.0),
    "tools": calling(("quote", {"adults": 12, "notes": "no shrimp for two of us"}), ("quote", {"adults": 20}), text="Let me see ", split=6),
}
WAYS = ("fallback", "hedge", "consensus")


@dataclass(frozen=True, slots=True)
class Case:
    """One call that is closed once its provider has sent so many chunks and gone silent."""

    shape: ShapeName
    answer: str
    way: str
    at: int

    @property
    def names(self) -> tuple[str, ...]:
        """The models that are asked."""
        stem = f"{self.shape}-{self.answer}-{self.way}-{self.at}"
        return (stem,) if self.way == "fallback" else (stem, f"{stem}-other")

    @property
    def policy(self) -> dict[str, object]:
        # Late enough for the first to have been asked.
        more = {"hedge_after_ms": 400} if self.way == "hedge" else {"student": self.names[1]} if self.way == "consensus" else {}
        return {"answer": self.names, "strategy": self.way, **more}

    def scripts(self) -> Sequence[Script]:
        """Of each model: the first of a hedge says nothing, so that the second runs."""
        stops = replace(ANSWERS[self.answer], hang_at=self.at)
        return (replace(stops, hang_at=-1), stops) if self.way == "hedge" else (stops, stops)


@pytest.fixture(scope="module")
async def farm(library: LiteLLMLibrary) -> Farm:  # type: ignore[misc]
    async with Farm(words=WORDS) as running:
        yield running  # type: ignore[misc]


async def _cases(farm: Farm, shape: ShapeName, way: str) -> list[Case]:
    """Every place of both answers, by the protocol's own number of chunks."""
    cases = []
    for answer, script in ANSWERS.items():
        name = f"{shape}-{answer}-{way}"
        farm[shape].plan(name, [script])
        async with Staged([farm.settings(shape, name)]) as staged:
            await _read(staged.ensemble(answer=[name]), _request())
        (call,) = (call for call in farm[shape].calls if call.model == name)
        cases += [Case(shape, answer, way, at) for at in range(call.chunks + 1)]
    return cases


def _request() -> ModelRequest:
    return replace(ask("How much is a party?"), tools=(QUOTE,))


async def _read(ensemble: Ensemble, request: ModelRequest) -> None:
    async with aclosing(ensemble.stream(request)) as chunks:
        async for _ in chunks:
            pass


async def _closed(farm: Farm, staged: Staged, case: Case) -> list[float]:
    """Seconds until each provider knew."""
    provider, request = farm[case.shape], _request()
    for name, script in zip(case.names, case.scripts(), strict=False):
        provider.plan(name, [script])
    reading = asyncio.create_task(_read(staged.ensemble(**case.policy), request))
    calls = [await _sent(farm, case.shape, name, case.at if script.hang_at != -1 else 0) for name, script in zip(
        case.names, case.scripts(), strict=False)]  # fmt: skip
    await asyncio.sleep(0.02)  # what was sent is read
    assert not reading.done()
    left = [call for call in calls if call.end == "running"]  # a hedge has closed the one that lost
    closed = time.monotonic()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    for call in calls:
        await provider.ended(call)
    rows = await staged.rows(request.turn)
    assert [call.end for call in calls] == ["gone"] * len(calls), case
    assert [(row.model, row.outcome) for row in rows] == [(name, "cancelled") for name in case.names], case
    return [(call.ended or closed) - closed for call in left]


async def _sent(farm: Farm, shape: ShapeName, name: str, chunks: int) -> Call:
    """The call of this model, once so many of its chunks are out."""
    async with asyncio.timeout(10):
        while not (found := [call for call in farm[shape].calls if call.model == name and call.chunks >= chunks]):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    return found[0]


class TestClosing:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("shape", list(SHAPES))
    async def test_at_any_chunk_the_provider_knows_at_once(self, farm: Farm, shape: ShapeName, way: str) -> None:
        cases = await _cases(farm, shape, way)
        entries = [farm.settings(shape, name, first_token_s=30, idle_chunk_s=30) for case in cases for name in case.names]
        async with Staged(entries) as staged:
            took = [seconds for found in await asyncio.gather(*(_closed(farm, staged, case) for case in cases)) for seconds in found]
        told(f"{shape}, {way}: {len(took)} connections, the slowest known after {1000 * max(took):.0f} ms")
        assert max(took) < WITHIN
