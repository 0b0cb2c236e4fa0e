"""The consensus over real HTTP: two answers, a verdict, and that nothing is shown which did not pass."""

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from agents.ensemble.chunks import Chunk, Finish, Judgement, Restart, Text, ToolCall
from agents.ensemble.consensus import Consensus, decided
from agents.ensemble.critic import Verdict
from agents.ensemble.grounding import grounding
from agents.ensemble.model import ModelRequest, ToolSpec
from kernel.ids import TurnId, new_id
from tests.agents.building import PREPARED, Ensemble, Workshop, ask, shown
from tests.rig.script import Script, calling, saying

TRUE = "Twelve adults are $660, travel of $30 included. "
FALSE = "Twelve adults are $480, travel to Fresno included. "
LOOKUP = ToolSpec("lookup", "Looks up", {"type": "object", "properties": {"zip": {"type": "string"}}})


def consensus(
    workshop: Workshop, *, critic: bool = True, others: tuple[str, ...] = (), patience_s: float = 5, silent: str = ""
) -> Ensemble:
    """Teacher, student, perhaps a critic, and who else may be asked. `silent`: who is not waited for long."""

    def way(contenders: list[Any], house: Any) -> Consensus:
        teacher, student, judge, *rest = contenders
        return Consensus([teacher, *rest], student, judge if critic else None, house, 0, patience_s)

    names = ("teacher", "student", "critic", *others)
    waits = {name: 0.3 if name == silent else 10.0 for name in names}
    return workshop.ensemble(*(workshop.model(name, first_token_s=s, idle_chunk_s=s) for name, s in waits.items()), way=way)


def says(workshop: Workshop, who: str, text: str) -> None:
    workshop.provider.follow(who, lambda _: saying(text))


def judging(workshop: Workshop, agreement: float, true: float = 1.0, false: float = 0.2, better: str = TRUE) -> None:
    """The critic finds the true answer grounded so far, the other one so far, wherever they stand."""

    def rule(body: dict[str, Any]) -> Script:
        asked = json.loads(body["messages"][1]["content"])
        shares = {f"grounding_{side}": true if asked[side] == TRUE else false for side in "ab"}
        chosen = next((side for side in "ab" if asked[side] == better), "tie")
        return saying(f"```json\n{json.dumps({'agreement': agreement, **shares, 'better': chosen, 'reason': 'so'})}\n```")

    workshop.provider.follow("critic", rule)


async def run(ensemble: Ensemble, request: ModelRequest | None = None) -> list[Chunk]:
    async with aclosing(ensemble.fallback.stream(request or ask("hi"))) as chunks:
        return [chunk async for chunk in chunks]


def ending(chunks: list[Chunk]) -> tuple[str, Judgement | None]:
    last = chunks[-1]
    assert isinstance(last, Finish)
    assert not [chunk for chunk in chunks if isinstance(chunk, Restart)]
    return last.model, last.judgement


async def bill(ensemble: Ensemble) -> list[tuple[str, str, str]]:
    return sorted((row.model, row.role, row.outcome) for row in await ensemble.rows())


class TestTheVerdict:
    @pytest.mark.parametrize(
        ("agreement", "grounded", "better", "outcome", "sent"),
        [
            (0.95, (0.9, 0.9), "tie", "agreed", 0),
            (0.9, (0.8, 0.9), "second", "agreed", 1),
            (0.95, (0.4, 0.9), "first", "agreed", 1),
            (0.95, (0.6, 0.5), "first", "doubted", None),
            (0.89, (0.8, 0.9), "first", "better", 1),
            (0.7, (0.9, 0.9), "second", "better", 0),
            (0.8, (0.5, 0.6), "second", "doubted", None),
            (0.69, (1.0, 1.0), "tie", "doubted", None),
            (0.0, (0.0, 0.0), "first", "doubted", None),
        ],
    )
    def test_decides(self, agreement: float, grounded: tuple[float, float], better: Any, outcome: str, sent: int | None) -> None:
        judgement, place = decided(Verdict(agreement, grounded, better, "so"))
        assert (judgement.outcome, place) == (outcome, sent)


class TestAgreed:
    async def test_the_teachers_answer_goes_out(self, workshop: Workshop) -> None:
        says(workshop, "teacher", TRUE)
        says(workshop, "student", "All twelve of you: $660 with travel. ")
        judging(workshop, 0.95, false=0.9)
        ensemble = consensus(workshop)
        chunks = await run(ensemble)
        assert shown(chunks) == TRUE
        assert ending(chunks) == ("teacher", Judgement("agreed", 0.95, 1.0, "critic", "so"))
        assert await bill(ensemble) == [
            ("critic", "critic", "complete"), ("student", "student", "complete"), ("teacher", "answer", "complete"),
        ]  # fmt: skip

    @pytest.mark.parametrize("odd", [0, 1])
    async def test_whose_answer_stands_first_is_chance_and_makes_no_difference(self, workshop: Workshop, odd: int) -> None:
        says(workshop, "teacher", FALSE)
        says(workshop, "student", TRUE)
        judging(workshop, 0.8)
        turn = next(turn for turn in iter(lambda: TurnId(new_id()), None) if turn.int % 2 == odd)
        chunks = await run(consensus(workshop), replace(ask("hi"), turn=turn))
        assert (shown(chunks), ending(chunks)[0]) == (TRUE, "student")
        (call,) = [call for call in workshop.provider.calls if call.model == "critic"]
        assert json.loads(call.messages[1]["content"])["ab"[not odd]] == TRUE

    async def test_both_are_asked_at_once_and_nothing_is_shown_before_the_verdict(self, workshop: Workshop) -> None:
        workshop.provider.plan("teacher", [saying(TRUE, delay=0.2)])
        workshop.provider.plan("student", [saying(TRUE, delay=0.2)])
        judging(workshop, 1.0)
        ensemble = consensus(workshop)
        async with aclosing(ensemble.fallback.stream(ask("hi"))) as chunks:
            assert isinstance(await anext(chunks), Text)
            teacher, student, critic = workshop.provider.calls
            assert teacher.ended is not None and student.began < teacher.ended
            assert critic.end == "complete"

    async def test_it_goes_out_at_reading_speed(self, workshop: Workshop) -> None:
        says(workshop, "teacher", TRUE)
        says(workshop, "student", TRUE)
        judging(workshop, 1.0)
        ensemble = consensus(workshop)
        ensemble.fallback._tokens_per_second = 100  # type: ignore[attr-defined]
        chunks = await run(ensemble, ask("hi", paced=True))
        assert len([chunk for chunk in chunks if isinstance(chunk, Text)]) == len(TRUE.split())


class TestDoubted:
    async def test_the_house_speaks_and_the_end_says_so(self, workshop: Workshop) -> None:
        says(workshop, "teacher", TRUE)
        says(workshop, "student", FALSE)
        judging(workshop, 0.3)
        ensemble = consensus(workshop)
        chunks = await run(ensemble)
        assert shown(chunks) == PREPARED
        assert ending(chunks) == ("house", Judgement("doubted", 0.3, 1.0, "critic", "so"))
        assert ("house", "answer", "complete") in await bill(ensemble)


class TestWithoutAVerdict:
    @pytest.mark.parametrize("scripts", [["500"], ["hang"], ["cut-3"], ["plain", "plain"], ["garbage-1"]], ids="+".join)
    async def test_the_better_grounded_answer_goes_out_marked(self, workshop: Workshop, scripts: list[str]) -> None:
        workshop.provider.plan("critic", scripts)
        says(workshop, "teacher", FALSE)
        says(workshop, "student", TRUE)
        ensemble = consensus(workshop, silent="critic")
        chunks = await run(ensemble, replace(ask("12 adults?"), prepared="12 adults: **$660**, travel of $30 included."))
        assert shown(chunks) == TRUE
        assert ending(chunks) == ("student", Judgement("measured", grounding=1.0))
        assert len([call for call in workshop.provider.calls if call.model == "critic"]) == len(scripts), "asked again once, no more"

    @pytest.mark.parametrize(
        "said",
        ["no JSON", '{"agreement": 2}', '{"agreement": 1, "grounding_a": NaN, "grounding_b": 1, "better": "a"}', '{"better": "me"}'],
    )
    async def test_what_is_misshapen_is_asked_for_once_more(self, workshop: Workshop, said: str) -> None:
        good = json.dumps({"agreement": 1, "grounding_a": 1, "grounding_b": 1, "better": "tie", "reason": "x" * 500})
        workshop.provider.plan("critic", [saying(said), saying(good)])
        says(workshop, "teacher", TRUE)
        says(workshop, "student", TRUE)
        _, judgement = ending(await run(consensus(workshop)))
        assert judgement is not None and (judgement.outcome, judgement.reason) == ("agreed", "x" * 200)

    async def test_no_critic_is_configured(self, workshop: Workshop) -> None:
        says(workshop, "teacher", "Whatever you like. ")
        says(workshop, "student", "As you wish. ")
        ensemble = consensus(workshop, critic=False)
        chunks = await run(ensemble)
        assert (shown(chunks), ending(chunks)) == ("Whatever you like. ", ("teacher", Judgement("measured", grounding=1.0)))


class TestOneOfTwo:
    @pytest.mark.parametrize("script", ["500", "hang", "cut-3", "garbage-2", "empty", "hang-after-2"])
    @pytest.mark.parametrize("who", ["teacher", "student"])
    async def test_the_other_one_answers_marked(self, workshop: Workshop, script: str, who: str) -> None:
        other = "student" if who == "teacher" else "teacher"
        workshop.provider.plan(who, [script])
        says(workshop, other, TRUE)
        ensemble = consensus(workshop, silent=who)
        chunks = await run(ensemble)
        assert (shown(chunks), ending(chunks)) == (TRUE, (other, Judgement("alone")))
        assert len(await ensemble.rows()) == 2

    async def test_a_slow_one_is_not_waited_for_for_ever(self, workshop: Workshop) -> None:
        workshop.provider.plan("student", ["words-400+pace-10"])
        says(workshop, "teacher", TRUE)
        ensemble = consensus(workshop, patience_s=0.1)
        began = time.monotonic()
        chunks = await run(ensemble)
        assert time.monotonic() - began < 4
        assert ending(chunks) == ("teacher", Judgement("alone"))
        assert ("student", "student", "cancelled") in await bill(ensemble)

    async def test_both_failed_the_others_are_asked_then_the_house(self, workshop: Workshop) -> None:
        for who in ("teacher", "student"):
            workshop.provider.plan(who, ["500"])
        ensemble = consensus(workshop, others=("plain",))
        chunks = await run(ensemble)
        assert (shown(chunks), ending(chunks)) == (workshop.provider.calls[-1].plan, ("plain", None))
        for who in ("teacher", "student", "plain"):
            workshop.provider.plan(who, ["cut-0"])
        assert shown(await run(ensemble)) == PREPARED


class TestTools:
    async def test_a_teacher_that_asks_for_tools_is_not_judged_and_waits_for_nobody(self, workshop: Workshop) -> None:
        workshop.provider.plan("teacher", [calling(("lookup", {"zip": "1"}), text="One moment.")])
        workshop.provider.plan("student", ["hang"])
        ensemble = consensus(workshop, patience_s=60)
        chunks = await run(ensemble, replace(ask("hi"), tools=(LOOKUP,)))
        assert [chunk.arguments for chunk in chunks if isinstance(chunk, ToolCall)] == ['{"zip": "1"}']
        assert (shown(chunks), ending(chunks)) == ("", ("teacher", None)), "words before a call are not judged, so not shown"
        assert await bill(ensemble) == [("student", "student", "cancelled"), ("teacher", "answer", "complete")]

    async def test_a_student_that_asks_for_tools_has_no_say(self, workshop: Workshop) -> None:
        says(workshop, "teacher", TRUE)
        workshop.provider.plan("student", [calling(("lookup", {"zip": "1"}))])
        chunks = await run(consensus(workshop), replace(ask("hi"), tools=(LOOKUP,)))
        assert (shown(chunks), ending(chunks)) == (TRUE, ("teacher", Judgement("alone")))


class TestClosedByUs:
    async def test_a_cancelled_consensus_closes_both(self, workshop: Workshop) -> None:
        workshop.provider.plan("teacher", ["hang"])
        workshop.provider.plan("student", ["words-400+pace-10"])
        ensemble = consensus(workshop)
        task = asyncio.create_task(run(ensemble))
        await workshop.provider.called(2)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        left = time.monotonic()
        for call in workshop.provider.calls:
            ended = await workshop.provider.ended(call)
            assert (ended.end, (ended.ended or 0) - left < 0.3) == ("gone", True)
        assert await bill(ensemble) == [("student", "student", "cancelled"), ("teacher", "answer", "cancelled")]


class TestGrounding:
    @pytest.mark.parametrize(
        ("answer", "share"),
        [
            ("Gladly, whenever it suits you.", 1.0),
            ("It is $1,250.00 on Saturday in Fremont.", 1.0),
            ("It is $1,300 on Saturday in Fremont.", 2 / 3),
            ("We come to Oakland on Sunday for $99.", 0.0),
            ("**Saturday** is free.\n- Sunday is free, too.", 1.0),
        ],
    )
    def test_is_the_share_of_what_is_known(self, answer: str, share: float) -> None:
        known = ['{"total_cents": 125000, "place": "Fremont"}', "How much is it on saturday?"]
        assert grounding(answer, known, "That makes $1250.").share == pytest.approx(share)

    def test_what_says_more_of_the_true_answer_is_better(self) -> None:
        true = "12 adults are $660."
        assert grounding("It is $660 for 12.", [], true).covered > grounding("It is $660.", [], true).covered
