"""What a turn leaves for shadows: how models were asked, what tools gave, whose turn it was, and who is to answer it again."""

from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from agents.container import Agents, build_agents
from agents.ensemble.model import ModelMessage
from agents.events import Asked, TurnFinished, TurnWritten
from agents.recording import Recorder, intent_of, sampled
from agents.tools.context import CallRecord
from agents.tools.results import ToolResult
from agents.turn import TurnRequest, Utterance
from business.conversations.log import Announcement
from business.conversations.records import Recorded
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, HandoffId, SiteId, TurnId, new_id
from kernel.settings import EnsembleSettings, ModelSettings, Policy, Settings, Shadow
from tests.agents.building import NOW, KeptRows, ask
from tests.agents.concierge import SETTINGS

TURN = UUID(int=7)
MODEL = ModelSettings(name="candidate", litellm="openai/candidate")


def finished(*calls: CallRecord, **asked: Any) -> TurnFinished:
    how = {"request": ask("How much for twelve?"), "tools": ("quote",), "agents": ("pricing",), "begins": 1, "ends": 2}
    return TurnFinished("pricing", model="teacher", calls=calls, asked=Asked(**{**how, "first_token_ms": 120, "duration_ms": 900, **asked}))


def recorded(ended: TurnFinished, *shadows: Shadow, days: int = 30) -> Recorded | None:
    policy = Policy(shadows=shadows)
    return Recorder(days, lambda: policy).record(TURN, ended)


class TestIntents:
    @pytest.mark.parametrize(
        ("agents", "intent"),
        [
            (("conversational",), "faq"),
            (("menu", "conversational"), "faq"),
            (("distance", "pricing"), "quote"),
            (("pricing", "availability"), "booking"),
            (("payment",), "booking"),
            (("booking", "complaint"), "complaint"),
            ((), "other"),
            (("lead",), "other"),
        ],
    )
    def test_of_several_agents_the_gravest_counts(self, agents: tuple[str, ...], intent: str) -> None:
        assert intent_of(agents) == intent


class TestSampling:
    def test_is_the_same_whoever_asks_and_differs_by_candidate(self) -> None:
        turns = [new_id() for _ in range(400)]
        chosen = {name: [sampled(turn, name, 0.25) for turn in turns] for name in ("one", "other")}
        assert chosen["one"] == [sampled(turn, "one", 0.25) for turn in turns]
        assert chosen["one"] != chosen["other"]
        assert all(60 < sum(each) < 140 for each in chosen.values())

    def test_of_nothing_is_nothing_and_of_all_is_all(self) -> None:
        turns = [new_id() for _ in range(50)]
        assert not any(sampled(turn, "one", 0.0) for turn in turns)
        assert all(sampled(turn, "one", 1.0) for turn in turns)

    def test_asks_whom_the_policy_names_for_this_agent(self) -> None:
        found = recorded(
            finished(),
            Shadow(model="everywhere"),
            Shadow(model="prices", agents=("pricing",)),
            Shadow(model="menus", agents=("menu",)),
            Shadow(model="never", sample=0.0),
        )
        assert found is not None and found.candidates == ("everywhere", "prices")


class TestRecord:
    def test_holds_the_question_as_it_was_asked_and_every_call_with_its_result(self) -> None:
        first = CallRecord("travel_fee", {"place": "94539"}, ok=True, result=ToolResult({"miles": 12}))
        second = CallRecord("quote", {"adults": 0}, ok=False, why="error", said="adults: nobody comes")
        late = CallRecord("save_lead", {}, ok=True, result=ToolResult({"saved": True}))
        found = recorded(finished(first, second, late))
        assert found is not None
        assert orjson.loads(found.messages)[-1] == {"role": "user", "content": "How much for twelve?", "calls": [], "call_id": None}
        assert orjson.loads(found.calls) == [
            {"name": "travel_fee", "by": "agent", "arguments": {"place": "94539"}, "handoff": False, "data": {"miles": 12}},
            {"name": "quote", "by": "model", "arguments": {"adults": 0}, "handoff": False, "error": "adults: nobody comes"},
            {"name": "save_lead", "by": "agent", "arguments": {}, "handoff": False, "data": {"saved": True}},
        ]
        assert (found.intent, found.model, found.handoff, found.first_token_ms) == ("quote", "teacher", False, 120)

    def test_knows_that_a_person_was_called(self) -> None:
        written = TurnWritten(Announcement(ConversationId(new_id()), 3, 1), handoff=HandoffId(new_id()))
        called = CallRecord("call_person", {"kind": "human"}, ok=True, result=ToolResult({"told": True}, written=(written,)))
        found = recorded(finished(called))
        assert found is not None and found.handoff

    @pytest.mark.parametrize("text", ["a \x00 byte", "half \ud83d of one"])
    def test_that_postgresql_would_refuse_is_not_made(self, text: str) -> None:
        ended = finished()
        assert ended.asked is not None
        spoiled = replace(ended.asked.request, messages=(ModelMessage("user", text),))
        assert recorded(replace(ended, asked=replace(ended.asked, request=spoiled))) is None

    def test_that_is_too_large_is_not_made(self) -> None:
        huge = CallRecord("menu", {}, ok=True, result=ToolResult({"text": "x" * 600_000}))
        assert recorded(finished(huge)) is None

    def test_is_not_made_where_none_is_kept_or_nobody_could_be_asked(self) -> None:
        assert recorded(finished(), days=0) is None
        assert recorded(TurnFinished("pricing")) is None


class TestTheHouseAlone:
    """Where models are only shadows, the turn tells how one would have been asked."""

    async def turn(self, profile: Profile, settings: Settings, text: str) -> TurnFinished:
        agents: Agents = build_agents(settings, profile, KeptRows())
        said = (Utterance("customer", text, NOW, 1),)
        ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
        request = TurnRequest(*ids, "web", "en", said, NOW, customer=CustomerId(new_id()))
        async with aclosing(agents.answer(request)) as events:
            ended = [event async for event in events][-1]
        await agents.close()
        assert isinstance(ended, TurnFinished)
        return ended

    async def test_tells_what_a_model_would_have_been_told(self, profile: Profile) -> None:
        ensemble = EnsembleSettings(house_tokens_per_second=10_000, answer=("house",))
        settings = SETTINGS.model_copy(update={"models": (MODEL,), "ensemble": ensemble})
        ended = await self.turn(profile, settings, "12 adults in 94539, how much?")
        assert ended.asked is not None
        asked = ended.asked.request.messages
        assert (asked[0].role, asked[-1].role) == ("system", "user")
        assert any("$660" in message.content for message in asked[1:-1])
        assert {"quote", "call_person"} <= set(ended.asked.tools)
        record = Recorder(30, lambda: Policy(shadows=(Shadow(model="candidate"),))).record(TURN, ended)
        assert record is not None and record.intent == "quote" and record.candidates == ("candidate",)
        assert {call["by"] for call in orjson.loads(record.calls)} == {"agent"}

    async def test_tells_nothing_where_there_is_no_model(self, profile: Profile) -> None:
        assert (await self.turn(profile, SETTINGS, "hello")).asked is None
