"""The assistant of the staff and the life of bookings: who waits for a deposit, who asks to cancel, what changed, and where it is done."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.admin.assistant import Answer, Question
from agents.admin.hearing import understand
from agents.container import Agents, build_agents
from business.bookings import life
from business.bookings.requests import BookingView
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings import Settings
from tests.agents.building import KeptRows
from tests.agents.staff_world import PROFILE, World, at_venue

ANA = life.By("customer", "Ana Perez")


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).begin()


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[Agents]:
    settings = Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml")
    built = build_agents(settings, PROFILE, KeptRows(), database, environment={})
    yield built
    await built.close()


async def ask(agents: Agents, text: str) -> Answer:
    return await agents.ask(Question(text, True, utc_now()))


async def party(world: World, name: str) -> BookingView:
    return await world.party(await world.customer(name), at_venue(20), name=name)


class TestWhatIsUnderstood:
    @pytest.mark.parametrize(
        ("text", "about"),
        [
            ("which bookings wait for a deposit?", "pending"),
            ("bookings awaiting their deposit", "pending"),
            ("pending deposits", "pending"),
            ("cancel requests", "cancels"),
            ("open cancellation requests?", "cancels"),
            ("who wants to cancel?", "cancels"),
            ("what changed today?", "changes"),
            ("what happened today", "changes"),
            ("who has not paid?", "unpaid"),
            ("who waits for a person?", "waiting"),
            ("what is on today?", "day"),
            ("cancel Ana's booking", "deed"),
            ("please cancel the party of Ana Perez", "deed"),
        ],
    )
    def test_is_what_is_meant(self, text: str, about: str) -> None:
        assert understand(text).about == about


class TestAnswers:
    async def test_an_empty_business(self, house: Agents, world: World) -> None:
        assert (await ask(house, "which bookings wait for a deposit?")).text == "No booking waits for its deposit."
        assert (await ask(house, "cancel requests")).text == "Nobody asks to cancel."
        assert (await ask(house, "what changed today?")).text == "Nothing happened to any booking today."

    async def test_who_waits_for_a_deposit_with_the_place_in_the_calendar(self, house: Agents, world: World, database: Database) -> None:
        booking = await party(world, "Ana Perez")
        await party(world, "Only Held")
        await database.unit(lambda c: life.accept_terms(c, PROFILE, booking.id, ANA, utc_now()))
        answer = await ask(house, "which bookings wait for a deposit?")
        assert "**1 booking** waits for the deposit" in answer.text
        assert [one.title.rpartition(" · ")[2] for one in answer.rows] == ["Ana Perez"]
        (action,) = answer.actions
        assert (action.kind, action.target) == ("calendar", f"day/{booking.day.isoformat()}/{booking.id}")

    async def test_who_asks_to_cancel_and_what_changed(self, house: Agents, world: World, database: Database) -> None:
        booking = await party(world, "Ana Perez")
        await database.unit(lambda c: life.accept_terms(c, PROFILE, booking.id, ANA, utc_now()))
        await database.unit(lambda c: life.ask_cancel(c, PROFILE, booking.id, ANA, utc_now(), "rain"))
        asked = await ask(house, "any cancel requests?")
        assert "**1 booking** to be decided" in asked.text and asked.actions[0].kind == "calendar"
        changed = await ask(house, "what changed today?")
        assert "**3 changes** of bookings today" in changed.text
        assert [one.title for one in changed.rows] == ["Asks to cancel · Ana Perez", "Terms agreed · Ana Perez", "Held · Ana Perez"]
        assert all(one.link == f"#/calendar/day/{booking.day.isoformat()}/{booking.id}" for one in changed.rows)
        yesterday = (utc_now() - timedelta(days=1)).astimezone(PROFILE.business.zone).date()
        assert (await ask(house, f"what changed on {yesterday:%B} {yesterday.day}?")).rows == ()

    @pytest.mark.parametrize("deed", ["cancel", "confirm", "move"])
    async def test_a_deed_changes_nothing_and_leads_to_the_calendar(self, house: Agents, world: World, deed: str) -> None:
        booking = await party(world, "Ana Perez")
        before = await world.state()
        answer = await ask(house, f"{deed} the booking of Ana Perez")
        assert "I change nothing myself" in answer.text
        assert [(one.kind, one.target) for one in answer.actions] == [("calendar", f"day/{booking.day.isoformat()}/{booking.id}")]
        assert await world.state() == before
