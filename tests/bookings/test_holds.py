"""Holds: replays, changes of mind, release, expiry, confirmation, and what of it the conversation is shown."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.bookings import holds
from business.bookings.chefs import Spot
from business.bookings.requests import Changed, Held, Taken
from business.pricing import service as quotes
from business.pricing.rules import Order, Party, quote
from business.uploads.folder import UploadFolder
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.errors import BadRequest, NotFound
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Consent, Lead
from kernel.tables.ops import Booking
from migrations.check import check as check_database
from tests.bookings.conftest import PROFILE, SIX, Customers, at_venue, far, near, request, with_capacity
from workers.clockwork import Clockwork

FAR_AWAY = PROFILE.travel.stations[0].decline_over_miles + 1


async def leads(database: Database) -> Sequence[Any]:
    async with database.transaction() as connection:
        return (await connection.execute(sa.select(Lead).order_by(Lead.created_at))).all()


async def release(database: Database, conversation: UUID) -> Changed | None:
    return await database.unit(lambda c: holds.release(c, PROFILE, conversation))


class TestHolding:
    async def test_a_conversation_that_is_none(self, customers: Customers) -> None:
        with pytest.raises(NotFound):
            await customers.hold(request(uuid4()))

    async def test_a_station_that_is_none(self, customers: Customers) -> None:
        with pytest.raises(NotFound):
            await customers.hold(request(await customers.one(), station="atlantis"))

    async def test_a_quote_of_somebody_else(self, customers: Customers, database: Database) -> None:
        alice, bob = await customers.several(2)
        order = Order(Party(10))
        stored = await database.unit(lambda c: quotes.store(c, PROFILE, alice, order, quote(PROFILE, order)))
        for wrong in (stored.id, uuid4()):
            with pytest.raises(NotFound):
                await customers.hold(request(bob, quote=wrong))
        assert (await customers.held(request(alice, quote=stored.id))).booking.quote == stored.id
        moved = await customers.held(request(alice, far(61)))
        assert moved.booking.quote == stored.id, "it goes along"

    async def test_what_cannot_be_a_party_leaves_nothing(self, customers: Customers) -> None:
        alice = await customers.one()
        for wrong in (
            request(alice, party=Party(0, 4)),
            request(alice, party=Party(4, -1)),
            request(alice, address="  "),
            request(alice, spot=Spot(miles=FAR_AWAY)),  # type: ignore[arg-type]
            request(alice, phone="12"),
            request(alice, email="nobody"),
        ):
            with pytest.raises(BadRequest):
                await customers.hold(wrong)
        assert await customers.bookings() == []

    async def test_holds_for_as_long_as_the_profile_says(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        held = await customers.held(request(alice))
        assert held.booking.status == "held" and not held.repeated and held.moved_from is None
        async with database.transaction() as connection:
            left = await connection.scalar(sa.select(Booking.hold_until - sa.func.clock_timestamp()))
        assert timedelta(minutes=PROFILE.booking.hold_minutes - 1) < left <= timedelta(minutes=PROFILE.booking.hold_minutes)
        assert held.announcement is not None and held.announcement.conversation == alice
        (card,) = await customers.cards(alice)
        assert (card["type"], card["state"], card["version"], card["id"]) == ("hold", "held", 1, str(held.booking.id))
        assert [line["label"] for line in card["lines"]] == ["When", "Guests", "Where", "Held until"]
        async with database.transaction() as connection:
            assert await holds.of_conversation(connection, alice) == held.booking

    async def test_in_the_language_of_the_conversation(self, customers: Customers) -> None:
        alice = await customers.one(locale="es-MX")
        held = await customers.held(request(alice))
        (card,) = await customers.cards(alice)
        assert card["title"] == f"Apartado n.º {held.booking.number}"
        assert [line["label"] for line in card["lines"]] == ["Cuándo", "Invitados", "Dónde", "Apartado hasta"]
        assert card["lines"][0]["value"].endswith("6 PM") and " de " in card["lines"][0]["value"]

    async def test_contacts_are_claimed_and_consent_is_not_inferred(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        customer = await customers.customer_of(alice)
        await customers.held(request(alice, name=" Alice  Kim ", phone="(510) 555-0199", email="Alice@Example.com"))
        async with database.transaction() as connection:
            found = {row.kind: (row.value, row.verified) for row in await connection.execute(sa.select(Identity))}
            assert found == {"phone": ("+15105550199", False), "email": ("alice@example.com", False)}
            assert await connection.scalar(sa.select(Customer.name).where(Customer.id == customer)) == "Alice Kim"
            assert (await connection.execute(sa.select(Consent))).all() == []

    async def test_leaves_no_key_dangling(self, customers: Customers, database_url: str) -> None:
        await customers.chef()
        first, second = await customers.several(2)
        await customers.held(request(first, near()))
        assert isinstance(await customers.hold(request(second, near())), Taken)
        assert await check_database(database_url) == ()


class TestTheSameAgain:
    async def test_is_the_same_hold(self, customers: Customers) -> None:
        alice = await customers.one()
        first = await customers.held(request(alice, facts={"proteins": {"chicken": 20}}))
        again = await customers.held(request(alice, facts={"proteins": {"chicken": 20}}))
        assert (again.booking, again.repeated, again.announcement) == (first.booking, True, None)
        assert len(await customers.bookings()) == len(await customers.cards(alice)) == 1

    async def test_an_address_in_other_letters_is_the_same(self, customers: Customers) -> None:
        alice = await customers.one()
        first = await customers.held(request(alice))
        again = await customers.held(request(alice, address=" 12 oak street,  San Jose, CA 95112"))
        assert again.booking.id == first.booking.id

    async def test_after_it_was_confirmed(self, customers: Customers) -> None:
        alice = await customers.one()
        held = await customers.held(request(alice))
        assert await customers.confirm(held.booking.id) is not None
        again = await customers.held(request(alice))
        assert (again.booking.id, again.booking.status, again.repeated) == (held.booking.id, "confirmed", True)

    async def test_after_it_was_given_back_is_another_hold(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await customers.held(request(alice))
        await release(database, alice)
        second = await customers.held(request(alice))
        assert second.booking.id != first.booking.id and not second.repeated
        assert [(card["id"], card["state"], card["version"]) for card in await customers.cards(alice)] == [
            (str(first.booking.id), "held", 1),
            (str(first.booking.id), "released", 2),
            (str(second.booking.id), "held", 1),
        ]

    async def test_after_it_lapsed_is_another_hold(self, customers: Customers) -> None:
        alice = await customers.one()
        first = await customers.held(request(alice))
        await customers.let_lapse(first.booking.id)
        second = await customers.held(request(alice))
        assert second.booking.id != first.booking.id
        assert [row.status for row in await customers.bookings()] == ["expired", "held"]


class TestAChangedMind:
    async def test_moves_the_hold_and_its_card(self, customers: Customers) -> None:
        alice, bob = await customers.several(2)
        first = await customers.held(request(alice, at=time(15)))
        second = await customers.held(request(alice, at=SIX))
        assert second.moved_from == first.booking.id
        assert [(row.status, row.ended) for row in await customers.bookings()] == [("cancelled", "moved"), ("held", None)]
        cards = await customers.cards(alice)
        assert [(card["id"], card["version"], card["state"]) for card in cards] == [
            (str(first.booking.id), 1, "held"),
            (str(first.booking.id), 2, "held"),
        ]
        await customers.held(request(bob, at=time(15)))

    async def test_within_the_slot(self, customers: Customers) -> None:
        alice = await customers.one()
        await customers.held(request(alice, at=SIX))
        moved = await customers.held(request(alice, at=time(18, 30), party=Party(12)))
        assert (moved.booking.slot, moved.booking.guests) == (SIX, 12)
        assert moved.booking.ends_at - moved.booking.starts_at == timedelta(minutes=96)

    async def test_to_a_slot_that_is_taken_keeps_what_was_held(self, customers: Customers, database: Database) -> None:
        alice, bob = await customers.several(2)
        await customers.held(request(bob, at=SIX))
        first = await customers.held(request(alice, at=time(15)))
        assert isinstance(await customers.hold(request(alice, at=SIX)), Taken)
        async with database.transaction() as connection:
            assert await holds.of_conversation(connection, alice) == first.booking
        assert len(await customers.cards(alice)) == 1

    async def test_what_was_confirmed_stays(self, customers: Customers) -> None:
        alice = await customers.one()
        first = await customers.held(request(alice, at=time(15)))
        await customers.confirm(first.booking.id)
        second = await customers.held(request(alice, at=SIX))
        assert second.moved_from is None
        assert [row.status for row in await customers.bookings()] == ["confirmed", "held"]


class TestTaken:
    async def test_alternatives_are_offered_and_a_lead_is_kept(self, customers: Customers, database: Database) -> None:
        alice, bob = await customers.several(2)
        await customers.held(request(alice))
        lost = await customers.hold(request(bob, facts={"diets": ["vegan"]}, phone="510 555 0188"))
        assert isinstance(lost, Taken) and lost.why == "taken"
        assert [(other.kind, other.slot) for other in lost.alternatives] == [
            ("same_day", time(15)),
            ("next_day", SIX),
            ("next_week", SIX),
        ]
        for other in lost.alternatives:
            assert isinstance(await customers.hold(request(bob, other.day, other.slot)), Held)
        (lead,) = await leads(database)
        assert (lead.id, lead.conversation_id, lead.failed, lead.source) == (lost.lead, bob, "taken", "chat")
        assert (lead.facts["adults"], lead.facts["date"], lead.facts["diets"]) == (10, far().isoformat(), ["vegan"])
        assert "phone" not in lead.facts and lost.announcement is not None

    @pytest.mark.parametrize("at", [time(13, 30), time(3)])
    async def test_no_slot(self, customers: Customers, database: Database, at: time) -> None:
        lost = await customers.hold(request(await customers.one(), at=at))
        assert isinstance(lost, Taken) and lost.why == "not_a_slot" and lost.alternatives
        assert [lead.failed for lead in await leads(database)] == ["not_a_slot"]

    async def test_48_hours_to_the_minute(self, customers: Customers) -> None:
        alice = await customers.one()
        start = at_venue(far(30), SIX)
        late = await customers.hold(request(alice, far(30)), now=start - timedelta(hours=47, minutes=59))
        assert isinstance(late, Taken) and late.why == "too_soon"
        assert isinstance(await customers.hold(request(alice, far(30)), now=start - timedelta(hours=48)), Held)

    async def test_too_far_ahead_and_past(self, customers: Customers) -> None:
        alice = await customers.one()
        for day, why in ((far(400), "too_far_ahead"), (far(-1), "past")):
            lost = await customers.hold(request(alice, day))
            assert isinstance(lost, Taken) and lost.why == why

    async def test_as_many_as_the_station_cooks_for(self, customers: Customers) -> None:
        profile = with_capacity(3)
        won = [await customers.hold(request(one), profile) for one in await customers.several(4)]
        assert [isinstance(result, Held) for result in won] == [True, True, True, False]
        assert [row.lane for row in await customers.bookings()] == [1, 2, 3]


class TestChefs:
    async def test_within_two_weeks_a_chef_is_chosen(self, customers: Customers) -> None:
        kenji, mina = await customers.chef("Kenji", rating=4), await customers.chef("Mina", rating=5)
        await customers.chef("Away", active=False, rating=5)
        won = [await customers.held(request(one, near())) for one in await customers.several(2)]
        assert [held.booking.chef for held in won] == [mina, kenji]
        third = await customers.hold(request(await customers.one(), near()))
        assert isinstance(third, Taken) and third.why == "taken"

    async def test_beyond_two_weeks_none_is(self, customers: Customers) -> None:
        await customers.chef()
        assert (await customers.held(request(await customers.one()))).booking.chef is None

    async def test_who_cannot_get_there_in_time_is_out(self, customers: Customers) -> None:
        await customers.chef()
        first, second = await customers.several(2)
        oakland, san_jose = Spot(37.80, -122.27), Spot(37.33, -121.89)
        await customers.held(request(first, near(), time(12), spot=san_jose))
        assert isinstance(await customers.hold(request(second, near(), time(15), spot=oakland)), Taken)
        assert isinstance(await customers.hold(request(second, near(), time(15), spot=san_jose)), Held)

    async def test_a_day_off(self, customers: Customers) -> None:
        await customers.chef("Kenji", {"kind": "off", "day": near()})
        lost = await customers.hold(request(await customers.one(), near()))
        assert isinstance(lost, Taken)
        assert [other.kind for other in lost.alternatives] == ["next_day", "next_week"]


class TestGivingBack:
    async def test_nothing_to_give(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        assert await release(database, alice) is None
        held = await customers.held(request(alice))
        await customers.let_lapse(held.booking.id)
        assert await release(database, alice) is None, "over is over"

    async def test_the_slot_is_free_at_once(self, customers: Customers, database: Database) -> None:
        alice, bob = await customers.several(2)
        held = await customers.held(request(alice))
        given = await release(database, alice)
        assert given is not None and (given.booking.id, given.booking.status) == (held.booking.id, "cancelled")
        assert given.announcement.conversation == alice
        async with database.transaction() as connection:
            assert await holds.of_conversation(connection, alice) is None
        await customers.held(request(bob))


class TestConfirming:
    async def test_in_time_alone_and_once(self, customers: Customers) -> None:
        alice = await customers.one()
        held = (await customers.held(request(alice))).booking
        done, again = await customers.confirm(held.id), await customers.confirm(held.id)
        assert done is not None and (done.booking.status, done.booking.hold_until) == ("confirmed", None)
        assert again is not None and again.booking == done.booking
        cards = await customers.cards(alice)
        assert [(card["type"], card["state"], card["title"]) for card in cards] == [
            ("hold", "held", f"Hold #{held.number}"),
            ("booking", "confirmed", f"Booking #{held.number}"),
        ]

    async def test_too_late(self, customers: Customers) -> None:
        held = (await customers.held(request(await customers.one()))).booking
        await customers.let_lapse(held.id)
        assert await customers.confirm(held.id) is None
        assert [row.status for row in await customers.bookings()] == ["held"]


class TestTheSweep:
    @staticmethod
    async def look(database: Database, redis_url: str) -> None:
        """Three workers at once."""
        bus = Bus(connect(redis_url))
        try:
            nowhere = UploadFolder(Path("/nonexistent"))
            await asyncio.gather(*(Clockwork(database, bus, lambda: PROFILE, nowhere).look() for _ in range(3)))
        finally:
            await bus.close()

    async def test_ends_what_is_over_and_tells_once(self, customers: Customers, database: Database, redis_url: str) -> None:
        alice, bob = await customers.several(2)
        over = await customers.held(request(alice))
        await customers.held(request(bob, far(61)))
        await self.look(database, redis_url)
        assert [row.status for row in await customers.bookings()] == ["held", "held"], "not before its time"
        await customers.let_lapse(over.booking.id)
        await self.look(database, redis_url)
        assert [(row.status, row.ended) for row in await customers.bookings()] == [("expired", "lapsed"), ("held", None)]
        assert [(card["version"], card["state"]) for card in await customers.cards(alice)] == [(1, "held"), (2, "expired")]

    async def test_one_that_fails_keeps_no_other_waiting(self, customers: Customers, database: Database, redis_url: str) -> None:
        alice, bob = await customers.several(2)
        nobodys, over = await customers.held(request(alice)), await customers.held(request(bob, far(61)))
        for one in (nobodys, over):
            await customers.let_lapse(one.booking.id)
        async with database.transaction() as connection:
            gone = sa.update(Booking).where(Booking.id == nobodys.booking.id).values(conversation_id=uuid4())
            await connection.execute(gone)
        await self.look(database, redis_url)
        assert {row.id: row.status for row in await customers.bookings()}[over.booking.id] == "expired"

    async def test_tells_who_lost_a_lapsed_hold_to_somebody_else(self, customers: Customers, database: Database, redis_url: str) -> None:
        alice, bob = await customers.several(2)
        over = await customers.held(request(alice))
        await customers.let_lapse(over.booking.id)
        await customers.held(request(bob))
        assert [card["state"] for card in await customers.cards(alice)] == ["held"]
        await self.look(database, redis_url)
        assert [card["state"] for card in await customers.cards(alice)] == ["held", "expired"]

    async def test_what_is_not_over_is_left(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        held = await customers.held(request(alice))
        assert await database.unit(lambda c: holds.expire_due(c, PROFILE, held.booking.id, alice)) is None


class TestKeys:
    def test_tell_requests_apart(self) -> None:
        one = request(uuid4())
        others = [
            replace(one, conversation=uuid4()),
            replace(one, day=far(61)),
            replace(one, at=time(15)),
            replace(one, party=Party(10, 1)),
            replace(one, address="elsewhere"),
            replace(one, facts={"diets": ["halal"]}),
        ]
        assert len({other.key("fremont") for other in [one, *others]} | {one.key("oakland")}) == 8
        assert one.key("fremont") == replace(one, name="Alice", quote=uuid4()).key("fremont")
