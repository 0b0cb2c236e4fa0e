"""The hedge over real HTTP: who is asked when, who wins, what the loser's provider and the bill see of it."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import pytest

from agents.ensemble.breaker import BackOff
from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.ensemble.hedge import Hedge
from agents.ensemble.model import ModelRequest, ToolSpec
from agents.ensemble.pace import ENOUGH, USUALLY_S, Pace
from kernel.metering import Outcome, UsageRow
from tests.agents.building import PREPARED, Ensemble, Workshop, ask, shown
from tests.rig.script import calling

SOON = partial(Hedge, after_ms=40)
LATE = partial(Hedge, after_ms=60_000)


LOOKUP = ToolSpec("lookup", "Looks up", {"type": "object", "properties": {"zip": {"type": "string"}}})


async def run(ensemble: Ensemble, request: ModelRequest | None = None) -> list[Chunk]:
    async with aclosing(ensemble.fallback.stream(request or ask("hi"))) as chunks:
        return [chunk async for chunk in chunks]


def races(rows: list[UsageRow]) -> list[tuple[str, Outcome, str | None]]:
    return [(row.model, row.outcome, row.race) for row in rows]


class TestTheRace:
    async def test_a_prompt_first_one_is_alone(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("plain"), workshop.model("words-5"), way=LATE)
        assert shown(await run(ensemble)) == workshop.provider.calls[0].plan
        assert races(await ensemble.rows()) == [("plain", "complete", None)]

    async def test_a_silent_first_one_loses_and_is_closed_at_once(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("hang"), workshop.model("words-40+pace-20"), way=SOON)
        async with aclosing(ensemble.fallback.stream(ask("hi"))) as chunks:
            assert isinstance(await anext(chunks), Text)
            began = time.monotonic()
            loser = await workshop.provider.ended(workshop.provider.calls[0])
            assert loser.end == "gone" and loser.ended is not None
            assert loser.ended - began < 0.3, "while the winner still speaks"
            rest = [chunk async for chunk in chunks]
        assert isinstance(rest[-1], Finish) and rest[-1].model == "words-40+pace-20"
        assert races(await ensemble.rows()) == [("hang", "cancelled", "first_lost"), ("words-40+pace-20", "complete", "second_won")]

    async def test_a_late_first_one_may_still_win(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("delay-150"), workshop.model("hang"), way=SOON)
        assert shown(await run(ensemble)) == workshop.provider.calls[0].plan
        assert races(await ensemble.rows()) == [("delay-150", "complete", "first_won"), ("hang", "cancelled", "second_lost")]

    @pytest.mark.parametrize("script", ["500", "cut-0", "garbage-0", "empty"])
    async def test_a_failed_first_one_starts_the_second_at_once(self, workshop: Workshop, script: str) -> None:
        ensemble = workshop.ensemble(workshop.model(script), workshop.model("plain"), way=LATE)
        assert shown(await run(ensemble)) == workshop.provider.calls[1].plan
        assert races(await ensemble.rows()) == [(script, "failed", "first_lost"), ("plain", "complete", "second_won")]

    async def test_both_failed_the_next_is_asked_then_the_house(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("500"), workshop.model("cut-0"), workshop.model("garbage-0"), way=LATE)
        chunks = await run(ensemble)
        assert (shown(chunks), any(isinstance(chunk, Restart) for chunk in chunks)) == (PREPARED, False)
        assert races(await ensemble.rows()) == [
            ("500", "failed", "first_lost"),
            ("cut-0", "failed", "second_lost"),
            ("garbage-0", "failed", None),
            ("house", "complete", None),
        ]

    async def test_nobody_can_be_asked(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("401"), workshop.model("403"), back_off=BackOff(first_s=60), way=LATE)
        await run(ensemble)
        assert shown(await run(ensemble)) == PREPARED
        assert len(workshop.provider.calls) == 2
        assert [state.breaker.state for state in ensemble.contenders] == ["open", "open"]


class TestAfterTheSign:
    async def test_a_cut_winner_is_replaced_by_the_one_that_had_lost(self, workshop: Workshop) -> None:
        workshop.provider.plan("first", ["hang", "plain"])
        ensemble = workshop.ensemble(workshop.model("first"), workshop.model("cut-3"), way=SOON)
        chunks = await run(ensemble)
        assert [chunk.reason for chunk in chunks if isinstance(chunk, Restart)] == ["cut"]
        assert shown(chunks) == workshop.provider.calls[2].plan
        assert races(await ensemble.rows()) == [
            ("first", "cancelled", "first_lost"),
            ("cut-3", "cut", "second_won"),
            ("first", "complete", None),
        ]

    async def test_a_second_cut_ends_with_the_house(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("cut-2"), workshop.model("cut-4"), workshop.model("plain"), way=LATE)
        chunks = await run(ensemble)
        assert len([chunk for chunk in chunks if isinstance(chunk, Restart)]) == 2
        assert shown(chunks) == PREPARED

    async def test_only_the_winners_tool_calls_are_given(self, workshop: Workshop) -> None:
        workshop.provider.plan("first", [calling(("lookup", {"zip": "1"}), hang_at=-1)])
        workshop.provider.plan("second", [calling(("lookup", {"zip": "2"}))])
        ensemble = workshop.ensemble(workshop.model("first"), workshop.model("second"), way=SOON)
        chunks = await run(ensemble, replace(ask("hi"), tools=(LOOKUP,)))
        assert [chunk.arguments for chunk in chunks if isinstance(chunk, ToolCall)] == ['{"zip": "2"}']
        assert races(await ensemble.rows()) == [("first", "cancelled", "first_lost"), ("second", "complete", "second_won")]


class TestClosedByUs:
    @pytest.mark.parametrize("asked", [1, 2])
    async def test_a_cancelled_race_closes_both_and_frees_their_breakers(self, workshop: Workshop, asked: int) -> None:
        ensemble = workshop.ensemble(workshop.model("hang"), workshop.model("hang"), way=SOON if asked == 2 else LATE)
        task = asyncio.create_task(run(ensemble))
        await workshop.provider.called(asked)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for call in workshop.provider.calls:
            assert (await workshop.provider.ended(call)).end == "gone"
        races_run = [None] if asked == 1 else ["first_lost", "second_lost"]
        assert [(row.outcome, row.race) for row in await ensemble.rows()] == [("cancelled", race) for race in races_run]
        assert all([await one.breaker.allows() for one in ensemble.contenders])


class TestThePace:
    def test_nothing_is_known_before_enough_calls(self) -> None:
        pace = Pace()
        pace.seed([0.1] * (ENOUGH - 1))
        assert (pace.p95_s, pace.usually_s) == (None, USUALLY_S)
        pace.add(0.1)
        assert (pace.p95_s, pace.usually_s) == (0.1, 0.1)

    def test_five_in_a_hundred_are_slower(self) -> None:
        pace = Pace()
        pace.seed(number / 100 for number in range(100))
        assert pace.p95_s == 0.95

    def test_what_a_process_saw_itself_is_newer_than_what_was_stored(self) -> None:
        pace = Pace()
        for _ in range(100):
            pace.add(0.2)
        pace.seed([9.0] * 200)
        assert pace.p95_s == 9.0
        for _ in range(95):
            pace.add(0.2)
        assert pace.p95_s == 0.2

    async def test_the_second_starts_when_the_first_is_slower_than_usual(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("hang"), workshop.model("plain"), way=Hedge)
        ensemble.contenders[0].pace.seed([0.03] * ENOUGH)
        for second in (1, 3):
            await run(ensemble)
            first, then = workshop.provider.calls[second - 1 : second + 1]
            assert then.began - first.began < USUALLY_S
        assert ensemble.contenders[0].pace.usually_s > 0.03, "what the loser would have taken at least counts"
