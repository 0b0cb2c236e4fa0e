"""A candidate answers a recorded turn: with what tools gave then, and without carrying out anything."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from agents.ensemble import shadow
from agents.ensemble.breaker import Breaker
from agents.ensemble.errors import ModelError, TimedOut
from agents.ensemble.preference import Preference, candidate_is_a, prefer
from agents.ensemble.shadow import NOT_RECORDED, RecordedTools, ShadowAnswer
from agents.ensemble.watched import Contender
from agents.tools.loop import CALLS, NOT_NOW, converse
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from knowledge.learning.records import Record
from tests.agents.building import NOW, Workshop
from tests.agents.tooling import Hold, toolbox
from tests.rig.script import Script, calling, saying

COUNTED = {"name": "count", "by": "model", "arguments": {"adults": 7}, "data": {"guests": 7}, "handoff": False}
HELD = {"name": "hold", "by": "agent", "arguments": {"date": "2027-05-31"}, "data": {"held": "2027-05-31"}, "handoff": False}


def record(*calls: dict[str, Any], tools: Sequence[str] = ("count", "hold")) -> Record:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Seven adults, please"}]
    return Record(
        turn=TurnId(new_id()),
        asked_turn=TurnId(new_id()),
        conversation=ConversationId(new_id()),
        customer=CustomerId(new_id()),
        site=SiteId(new_id()),
        agent="pricing",
        intent="quote",
        stakes="high",
        channel="web",
        locale="en",
        messages=messages,
        tools=tools,
        max_tokens=700,
        prepared="Seven of you.",
        calls=calls,
        text="Seven of you.",
        model="teacher",
        handoff=False,
        cost_microdollars=None,
        first_token_ms=100,
        duration_ms=400,
        asked_at=NOW,
        created_at=NOW,
    )


class Played:
    """One recorded turn, answered by a scripted candidate."""

    def __init__(self, workshop: Workshop, profile: Profile, *calls: dict[str, Any], tools: Sequence[str] = ("count", "hold")) -> None:
        self.hold = Hold()
        self.record = record(*calls, tools=tools)
        self.tools = RecordedTools(toolbox(self.hold), self.record)
        self._workshop = workshop
        self._profile = profile

    async def by(self, *scripts: Script | str, **more: Any) -> ShadowAnswer:
        self._workshop.provider.plan("c", list(scripts))
        return await shadow.answer(self._workshop.model("c", **more), self.tools, self._profile, self.record)

    @property
    def told(self) -> list[dict[str, Any]]:
        """What the candidate was told of its calls, one after the other."""
        messages = self._workshop.provider.calls[-1].body["messages"]
        return [json.loads(message["content"]) for message in messages if message["role"] == "tool"]


@pytest.fixture
def play(workshop: Workshop, profile: Profile) -> Any:
    return lambda *calls, **more: Played(workshop, profile, *calls, **more)


class TestWhatItIsAsked:
    async def test_is_what_the_first_model_was(self, play: Any, workshop: Workshop) -> None:
        played = play(COUNTED)
        answer = await played.by(saying("Seven of you."))
        (call,) = workshop.provider.calls
        assert [message["content"] for message in call.body["messages"]] == ["Be brief.", "Seven adults, please"]
        assert {tool["function"]["name"] for tool in call.body["tools"]} == {"count", "hold"}
        assert (answer.text.strip(), answer.handoff) == ("Seven of you.", False)
        assert answer.first_token_ms is not None and answer.first_token_ms <= answer.duration_ms

    async def test_are_only_the_tools_of_that_turn_that_there_still_are(self, play: Any, workshop: Workshop) -> None:
        await play(tools=("count", "gone")).by(saying("Hello."))
        assert [tool["function"]["name"] for tool in workshop.provider.calls[-1].body["tools"]] == ["count"]


class TestCalls:
    async def test_are_answered_from_the_record_and_never_carried_out(self, play: Any) -> None:
        played = play(HELD)
        await played.by(calling(("hold", {"date": "2027-05-31"})), saying("Held."))
        assert played.told[0]["data"] == {"held": "2027-05-31"}
        assert played.hold.runs == []

    async def test_that_nobody_made_then_have_no_result_and_are_not_carried_out(self, play: Any) -> None:
        played = play(HELD)
        await played.by(calling(("hold", {"date": "2027-06-01"})), saying("I cannot say."))
        assert played.told[0]["error"] == NOT_RECORDED
        assert played.hold.runs == []
        assert [(call.name, call.recorded) for call in played.tools.asked] == [("hold", False)]

    async def test_with_the_products_own_tools_would_be(self, play: Any, workshop: Workshop, profile: Profile) -> None:
        """What the two tests above are good for."""
        played = play(HELD)
        workshop.provider.plan("c", [calling(("hold", {"date": "2027-06-01"})), saying("Held.")])
        context = shadow._context(played.record, profile)
        writable = type(context)(**{name: getattr(context, name) for name in context.__slots__} | {"effects": True})
        steps = converse(workshop.model("c"), shadow.request_of(played.record), toolbox(played.hold), writable)
        assert [step async for step in steps]
        assert played.hold.runs == [date(2027, 6, 1)]

    @pytest.mark.parametrize("arguments", [{"adults": 7}, {"adults": "7"}, {"adults": 7.0, "children": 0}, {"title": "", "adults": 7}])
    async def test_are_the_same_however_they_are_spelled(self, play: Any, arguments: dict[str, Any]) -> None:
        played = play(COUNTED)
        await played.by(calling(("count", arguments)), saying("Seven."))
        assert played.told[0]["data"] == {"guests": 7}
        assert played.tools.called_now == played.tools.called_then == {'count {"adults":7}'}

    async def test_that_failed_then_fail_the_same_way(self, play: Any) -> None:
        nobody = {"name": "count", "by": "model", "arguments": {"adults": 0}, "error": "adults: nobody comes", "handoff": False}
        away = {"name": "hold", "by": "agent", "arguments": {"date": "2027-05-31"}, "error": "", "handoff": False}
        played = play(nobody, away)
        await played.by(calling(("count", {"adults": 0}), ("hold", {"date": "2027-05-31"})), saying("No."))
        assert [told["error"] for told in played.told] == ["adults: nobody comes", NOT_NOW]

    async def test_that_are_no_calls_are_told_so_and_not_compared(self, play: Any) -> None:
        played = play(COUNTED)
        await played.by(calling(("count", {"adults": "many"}), ("pray", {"a": 1})), saying("No."))
        assert "adults" in played.told[0]["error"] and played.told[1]["error"] == NOT_RECORDED
        assert [(call.name, call.arguments) for call in played.tools.asked] == [("count", None), ("pray", {"a": 1})]
        assert played.tools.called_now == {'pray {"a":1}'}

    async def test_for_what_agents_had_found_are_none_of_its_own(self, play: Any) -> None:
        played = play(COUNTED, HELD)
        await played.by(calling(("hold", {"date": "2027-05-31"})), saying("Held."))
        assert (played.tools.called_then, played.tools.called_now) == ({'count {"adults":7}'}, frozenset())

    async def test_for_a_person_are_a_handoff_though_none_was_recorded(self, play: Any) -> None:
        answer = await play(COUNTED).by(calling(("call_person", {"kind": "human"})), saying("Somebody comes."))
        assert answer.handoff

    async def test_have_an_end(self, play: Any, workshop: Workshop) -> None:
        played = play(COUNTED)
        many = [calling(*[("count", {"adults": number * 10 + each}) for each in range(9)]) for number in range(1, 6)]
        await played.by(*many, saying("Enough."), saying("Enough."))
        assert len(played.tools.asked) == CALLS


class TestFaults:
    @pytest.mark.parametrize(
        ("script", "kind"), [("429", "rate_limited"), ("cut-3", "cut"), ("garbage-1", "garbage"), ("500", "unavailable")]
    )
    async def test_of_the_provider_are_the_candidates(self, play: Any, script: str, kind: str) -> None:
        with pytest.raises(ModelError) as failed:
            await play(COUNTED).by(script)
        assert failed.value.kind == kind

    async def test_that_hang_are_over_in_time_and_the_connection_is_closed(self, play: Any, workshop: Workshop, profile: Profile) -> None:
        played = play(COUNTED)
        workshop.provider.plan("c", ["hang-after-2"])
        with pytest.raises(TimedOut):
            await shadow.answer(workshop.model("c"), played.tools, profile, played.record, whole_s=0.2)
        assert (await workshop.provider.ended(workshop.provider.calls[-1])).end == "gone"


class TestPreference:
    async def asked(self, workshop: Workshop, *texts: str) -> Preference | None:
        workshop.provider.plan("critic", [saying(text) for text in texts])
        found = await prefer(Contender(workshop.model("critic"), Breaker()), shadow.request_of(record()), new_id(), "ours", "theirs")
        return found

    async def test_is_blind_and_by_chance_of_the_pair(self, workshop: Workshop) -> None:
        swapped = set()
        for _ in range(8):
            pair = new_id()
            workshop.provider.plan("critic", [saying('{"better": "a", "reason": "It is true."}')])
            found = await prefer(Contender(workshop.model("critic"), Breaker()), shadow.request_of(record()), pair, "ours", "theirs")
            told = json.loads(workshop.provider.calls[-1].body["messages"][-1]["content"])
            assert found is not None and found.why == "It is true."
            assert found.better == ("candidate" if candidate_is_a(pair) else "primary")
            assert told == {"question": "Seven adults, please", "true": "Seven of you.", "a": told["a"], "b": told["b"]}
            assert (told["a"] == "theirs") == candidate_is_a(pair)
            swapped.add(candidate_is_a(pair))
        assert swapped == {True, False}

    async def test_may_be_wrapped_in_words(self, workshop: Workshop) -> None:
        found = await self.asked(workshop, 'Sure:\n```json\n{"better": "tie", "reason": ""}\n```')
        assert found == Preference(better="tie", why="")

    async def test_is_asked_for_once_more_where_it_is_none(self, workshop: Workshop) -> None:
        found = await self.asked(workshop, "I like both.", '{"better": "tie", "reason": "Both are."}')
        assert found is not None and found.better == "tie"
        assert len(workshop.provider.calls) == 2

    @pytest.mark.parametrize("texts", [("no", "no"), ('{"better": "c"}', '{"better": 1}'), ("{", "}")])
    async def test_is_none_where_it_is_none_twice(self, workshop: Workshop, texts: tuple[str, str]) -> None:
        found = await self.asked(workshop, *texts)
        assert found is None and len(workshop.provider.calls) == 2

    async def test_is_none_where_the_critic_fails(self, workshop: Workshop) -> None:
        workshop.provider.plan("critic", ["500"])
        assert await prefer(Contender(workshop.model("critic"), Breaker()), shadow.request_of(record()), new_id(), "ours", "theirs") is None
