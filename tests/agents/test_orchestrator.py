"""The orchestrator: several agents in one voice, what is remembered, faults of one that do not silence the others, turns run again."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.agent import Agent, Said, Step
from agents.container import Agents, build_agents
from agents.ensemble.chunks import Chunk, Finish, Restart, Text
from agents.ensemble.model import ModelMessage, ModelRequest
from agents.evaluation.product import Product, seeded
from agents.events import TurnEvent, TurnFinished, TurnRestarted, TurnText
from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from agents.house.concierge import HouseModel
from agents.matter import Matter
from agents.memory import Memory
from agents.registry import in_order
from agents.speaking import Spoken, speak
from agents.tools.context import ToolContext
from agents.tools.toolbox import Toolbox
from agents.turn import TurnRequest, Utterance
from agents.understanding.facts import Facts
from business.conversations.receive import receive
from business.conversations.turns import Runner
from business.profile.schemas import Profile
from business.profile.spoken import whole_day
from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.tables.ai import ChatEvent, ChatSession
from kernel.tables.ops import Booking, Handoff, Quote
from tests.agents.building import NOW, KeptRows, ask
from tests.agents.concierge import SETTINGS, Concierge

_RUNNER = Runner("test", "postgres")


def request(*texts: str, memory: Mapping[str, Any] | None = None, conversation: ConversationId | None = None) -> TurnRequest:
    said = tuple(Utterance("customer", text, NOW, seq) for seq, text in enumerate(texts, start=1))
    ids = (TurnId(new_id()), conversation or ConversationId(new_id()), SiteId(new_id()))
    return TurnRequest(*ids, "web", "en", said, NOW, customer=CustomerId(new_id()), memory=memory or {})


async def events_of(agents: Agents, wanted: TurnRequest) -> list[TurnEvent]:
    async with aclosing(agents.answer(wanted)) as events:
        return [event async for event in events]


def text_of(events: list[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TurnText))


class TestOneVoice:
    def test_several_agents_answer_one_message_and_it_ends_with_one_step(self, profile: Profile) -> None:
        reply = Concierge(profile).say("12 adults in 94539, do you have wagyu, and how do we pay?")
        assert "$660" in reply and "We don't have wagyu" in reply and "Venmo" in reply
        assert reply.rstrip().split("\n\n")[-1].count("?") + reply.rstrip().split("\n\n")[-1].count("Tap") == 1

    def test_trouble_is_answered_alone(self, profile: Profile) -> None:
        reply = Concierge(profile).say("We got sick after the shrimp. How much is the deposit by the way")
        assert "very sorry" in reply and "$" not in reply

    def test_what_is_not_understood_twice_offers_a_person(self, profile: Profile) -> None:
        house = Concierge(profile)
        assert "still don't understand" in house.talk("qwrtz plmkn", "vbnhj kloiu")
        assert "still don't understand" not in house.talk("qwrtz plmkn", "hello", "vbnhj kloiu")


class TestAPersonDecides:
    """What a person decides nobody else holds, however often it is asked for, and whenever it was told."""

    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ("20 adults, no kids, 100 Main St, Madera CA 93637", "a person confirms first"),
            ("60 adults, no kids, 41 Stevenson Blvd, Fremont CA 94538", "plans the party with you"),
        ],
    )
    def test_asked_for_again_it_is_still_not_held(self, profile: Profile, told: str, why: str) -> None:
        house = Concierge(profile)
        for lines in ((f"book January 16 at 6pm for {told}",), (f"book January 16 at 6pm for {told}", "book it anyway")):
            reply = house.talk(*lines)
            assert why in reply and "Shall I hold" not in reply and "What name" not in reply

    async def test_the_tool_itself_holds_nothing(self, product: Product, database: Database) -> None:
        now = datetime.now(UTC)
        day = now.astimezone(product.profile.business.zone).date() + timedelta(days=30)
        received = await database.unit(lambda c: receive(c, product.visitor(now), client_id=uuid4(), text="yes", now=now, runner=_RUNNER))
        assert received.claim is not None
        wanted = replace(request("yes", conversation=received.claim.conversation), turn=received.claim.turn, now=now)
        matter = product.agents._desk.orchestrator.matter(wanted, effects=True)
        arguments = {
            "date": day.isoformat(), "time": "18:00", "adults": 20, "children": 0,
            "address": "100 Main St, Madera CA 93637", "name": "Ana", "phone": "+15105550199",
        }  # fmt: skip
        matter.context = replace(matter.context, agreed=arguments)
        held = await matter.call("hold_slot", **arguments)
        assert (held.data["status"], held.data["why"]) == ("person", "far")

        async def counted(connection: AsyncConnection) -> tuple[int, int]:
            bookings = await connection.scalar(select(func.count()).select_from(Booking))
            handoffs = await connection.scalar(select(func.count()).select_from(Handoff).where(Handoff.kind == "booking"))
            return bookings or 0, handoffs or 0

        assert await database.unit(counted) == (0, 1)


class TestPicks:
    def test_more_than_everybody_has_are_asked_about_once(self, profile: Profile) -> None:
        lines = (
            "book January 16 at 6pm for 10 adults no kids, 41 Stevenson Blvd, Fremont CA 94538",
            "15 chicken and 12 steak",
            "my name is Ana Perez",
        )
        house = Concierge(profile)
        assert "makes 20 for you" in house.talk(*lines[:2])
        reply = house.talk(*lines)
        assert "picks can wait" in reply and "phone" in reply


class Broken(Agent):
    """Raises where it works."""

    key: ClassVar[str] = "menu"

    def claims(self, matter: Matter) -> bool:
        return True

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        await matter.call("no_such_tool")
        yield Said("never")


class TestFaults:
    async def test_an_agent_that_fails_does_not_silence_the_others(self, profile: Profile) -> None:
        agents = build_agents(SETTINGS, profile, KeptRows())
        orchestrator = agents._desk.orchestrator
        orchestrator._agents = tuple(Broken() if agent.key == "menu" else agent for agent in orchestrator._agents)
        said = text_of(await events_of(agents, request("How much for 12 adults, and is there shrimp?")))
        assert "$660" in said and "can't look that up" in said and "never" not in said
        await agents.close()

    async def test_without_a_database_dates_go_to_a_person(self, profile: Profile) -> None:
        agents = build_agents(SETTINGS, profile, KeptRows())
        said = text_of(await events_of(agents, request("Is December 19 at 6pm free?")))
        assert "a person checks" in said and "is free." not in said.replace("your date is free.", "")
        await agents.close()

    def test_agents_in_a_circle_are_refused(self) -> None:
        class One(Broken):
            key = "one"
            needs = ("two",)

        class Two(Broken):
            key = "two"
            needs = ("one",)

        with pytest.raises(ValueError, match="circle"):
            in_order((One(), Two()))
        with pytest.raises(ValueError, match="does not exist"):
            in_order((One(),))


class TestMemory:
    def test_comes_back_as_it_went(self) -> None:
        facts = Facts(adults=12, dates=(date(2027, 5, 1),), time=time(18), name="Ana", proteins={"chicken": 12})
        memory = Memory(facts, asked="name", booking=True, later=("email",), held={"number": 3, "until": "2027-05-01T00:00:00+00:00"})
        assert Memory.from_json(memory.to_json()) == memory

    @pytest.mark.parametrize(
        "stored", [{}, {"facts": 3, "asked": [], "later": "x"}, {"facts": {"adults": "many", "dates": ["soon"]}}, {"new": 1}]
    )
    def test_what_cannot_be_read_is_forgotten(self, stored: dict[str, Any]) -> None:
        assert Memory.from_json(stored) == Memory()

    def test_a_turn_that_begins_anew_counts_nothing_twice(self, profile: Profile) -> None:
        house = Concierge(profile)
        first = house.talk("12 adults in 94539", "two more adults")
        assert "14 adults" in first
        assert "14 adults" in house.talk("12 adults in 94539", "two more adults"), "the same memory and the same words"


@pytest.fixture
async def product(database: Database, profile: Profile, tmp_path: Path) -> AsyncIterator[Product]:
    site = await seeded(database, profile)
    agents = build_agents(SETTINGS, profile, KeptRows(), database)
    yield Product("house", agents, database, profile, site)
    await agents.close()


class TestTurnsRunAgain:
    """A gateway died in mid-reply: another runs the same turn. What the tools did stands, once."""

    @pytest.mark.parametrize("times", [2, 3])
    async def test_quote_and_handoff_are_there_once(self, product: Product, database: Database, times: int) -> None:
        visitor = product.visitor(datetime.now(UTC))
        text = "We are 8 adults and 4 kids, 110 miles away. How much is it?"
        received = await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=text, now=datetime.now(UTC), runner=_RUNNER))
        assert received.claim is not None
        wanted = replace(request(text, conversation=received.claim.conversation), turn=received.claim.turn, now=datetime.now(UTC))
        said = [text_of(await events_of(product.agents, wanted)) for _ in range(times)]
        assert len(set(said)) == 1

        async def counted(connection: AsyncConnection) -> tuple[int, int, int]:
            quotes = await connection.scalar(select(func.count()).select_from(Quote))
            handoffs = await connection.scalar(select(func.count()).select_from(Handoff))
            cards = await connection.scalar(select(func.count()).select_from(ChatEvent).where(ChatEvent.kind == "card"))
            return quotes or 0, handoffs or 0, cards or 0

        assert await database.unit(counted) == (1, 1, 1)

    async def test_a_turn_that_is_over_holds_nothing(self, product: Product, database: Database) -> None:
        """A colleague took the conversation while the hold was being made: nothing is held, and nobody is told that something was."""
        visitor = product.visitor(datetime.now(UTC))
        received = await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="yes", now=datetime.now(UTC), runner=_RUNNER))
        assert received.claim is not None
        day = datetime.now(product.profile.business.zone).date() + timedelta(days=30)
        memory = await _ready_to_hold(product, day)

        async def taken(connection: AsyncConnection) -> None:
            await connection.execute(update(ChatSession).values(owner="human", owner_name="Dana", owner_staff_id=new_id()))

        await database.unit(taken)
        wanted = replace(
            request("yes", memory=memory, conversation=received.claim.conversation), turn=received.claim.turn, now=datetime.now(UTC)
        )
        said = text_of(await events_of(product.agents, wanted))
        assert "is held" not in said

        async def held(connection: AsyncConnection) -> int:
            return await connection.scalar(select(func.count()).select_from(Booking)) or 0

        assert await database.unit(held) == 0


async def _ready_to_hold(product: Product, day: date) -> Mapping[str, Any]:
    """What is remembered once everything was read back."""
    lines = (
        f"Book {day:%B} {day.day} at 6pm for 10 adults, no kids, 41 Stevenson Blvd, Fremont CA 94538, chicken and steak for everyone",
        "my name is Nina Rao",
        "510-555-0122",
        "nina@example.org",
    )
    memory: Mapping[str, Any] = {}
    for line in lines:
        wanted = replace(request(line, memory=memory), now=datetime.now(UTC))
        ended = (await events_of(build_agents(SETTINGS, product.profile, KeptRows()), wanted))[-1]
        assert isinstance(ended, TurnFinished) and ended.memory is not None
        memory = ended.memory
    assert memory["asked"] == "confirm", memory
    return memory


class Scripted:
    """A model that says what it is told, cut as it is told."""

    name = "scripted"

    def __init__(self, *pieces: str | Restart) -> None:
        self._pieces = pieces

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        for piece in self._pieces:
            yield piece if isinstance(piece, Restart) else Text(piece)
        yield Finish("stop", 1, 1, self.name)


class TestSpeaking:
    """What is the house's own word for word goes out unread; the first other word makes everything be read."""

    PREPARED = "The total is **$590**. A deposit of $100 holds your date."

    async def spoken(self, profile: Profile, *pieces: str | Restart) -> tuple[str, list[str]]:
        context = ToolContext(
            conversation=ConversationId(new_id()),
            customer=None,
            turn=TurnId(new_id()),
            site=SiteId(new_id()),
            channel="web",
            locale="en",
            language="en",
            now=NOW,
            profile=profile,
            database=None,
        )
        licence = Licence.of_profile(profile, "en")
        spoken = Spoken(Scripted(*pieces), HouseModel(), Toolbox(), context, self.PREPARED, licence)
        asked = replace(ask("hi"), messages=(ModelMessage("user", "hi"),), prepared=self.PREPARED)
        text, states = "", []
        async with aclosing(speak(spoken, asked)) as events:
            async for event in events:
                if isinstance(event, TurnText):
                    text += event.text
                    states.append(text)
                elif isinstance(event, TurnRestarted):
                    text = ""
        return text, states

    async def test_the_houses_words_pass_without_a_licence(self, profile: Profile) -> None:
        for _ in range(20):
            pieces = _cut(self.PREPARED)
            assert (await self.spoken(profile, *pieces))[0] == self.PREPARED

    async def test_a_lie_that_begins_as_the_truth_is_seen_to_no_digit(self, profile: Profile) -> None:
        lie = self.PREPARED.replace("$590", "$591")
        for _ in range(20):
            text, states = await self.spoken(profile, *_cut(lie))
            assert text == self.PREPARED and not [state for state in states if "$591" in state]

    async def test_what_was_void_is_read_from_its_beginning(self, profile: Profile) -> None:
        text, _ = await self.spoken(profile, "The total ", Restart("cut"), "Adults are $55 each.")
        assert text == "Adults are $55 each."


def _cut(text: str) -> list[str]:
    """Into pieces of any size."""
    pieces, at = [], 0
    while at < len(text):
        size = random.randint(1, 9)
        pieces.append(text[at : at + size])
        at += size
    return pieces


class TestWhatAToolEstablishes:
    """A model may say of a date what the calendar said of it, and nothing else."""

    @pytest.mark.parametrize(("claim", "passes"), [("{day} at 6:00 PM is free.", True), ("{day} at 6:00 PM is booked for you.", False)])
    async def test_free_where_the_calendar_says_so(self, product: Product, database: Database, claim: str, passes: bool) -> None:
        now = datetime.now(UTC)
        today = now.astimezone(product.profile.business.zone).date()
        day = today + timedelta(days=40)
        visitor = product.visitor(now)
        text = f"Is {day:%B} {day.day} at 6pm free?"
        received = await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=text, now=now, runner=_RUNNER))
        assert received.claim is not None
        orchestrator = product.agents._desk.orchestrator
        wanted = replace(request(text, conversation=received.claim.conversation), turn=received.claim.turn, now=now)
        matter = orchestrator.matter(wanted, effects=True)
        async with aclosing(orchestrator.work(matter)) as steps:
            async for _ in steps:
                pass
        guard = FigureGuard(orchestrator.licence(matter))
        said = guard.feed(claim.format(day=whole_day(day, today, "en"))) + guard.end()
        assert (guard.refused is None) is passes, (guard.refused, said)
