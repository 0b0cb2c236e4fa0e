"""What is free on a day, for whom, and what is offered instead."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest

from business.bookings import availability
from business.bookings.diary import days_to_read
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound
from tests.bookings.conftest import PROFILE, SIX, Customers, at_venue, far, request


@pytest.mark.usefixtures("customers")
class TestChecking:
    async def check(
        self, database: Database, at: time | None = SIX, besides: UUID | None = None, **more: Any
    ) -> availability.DayAvailability:
        asked = {"day": far(), "guests": 10, "station": None, "now": utc_now(), **more}
        async with database.transaction() as connection:
            return await availability.check(connection, PROFILE, at=at, besides=besides, **asked)

    async def test_every_slot_of_the_day(self, customers: Customers, database: Database) -> None:
        await customers.held(request(await customers.one()))
        seen = await self.check(database, at=None)
        assert [(slot.slot, slot.state) for slot in seen.slots] == [
            (time(12), "free"),
            (time(15), "free"),
            (time(18), "taken"),
            (time(21), "free"),
        ]
        assert (seen.asked, seen.alternatives) == (None, ()) and len(seen.free) == 3

    async def test_what_was_asked_for(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        await customers.held(request(alice))
        seen = await self.check(database, time(18, 30))
        assert seen.asked is not None and (seen.asked.slot, seen.asked.at, seen.asked.state) == (SIX, time(18, 30), "taken")
        assert [other.kind for other in seen.alternatives] == ["same_day", "next_day", "next_week"]
        mine = await self.check(database, besides=alice)
        assert mine.asked is not None and mine.asked.free and not mine.alternatives, "one's own hold is in nobody's own way"

    async def test_no_slot(self, database: Database) -> None:
        seen = await self.check(database, time(13, 30))
        assert seen.asked is not None and seen.asked.state == "not_a_slot"
        assert seen.alternatives and all(slot.free for slot in seen.slots)

    async def test_a_hold_that_is_over_is_in_nobodys_way(self, customers: Customers, database: Database) -> None:
        held = await customers.held(request(await customers.one()))
        await customers.let_lapse(held.booking.id)
        seen = await self.check(database)
        assert seen.asked is not None and seen.asked.free

    async def test_days_that_are_past_or_too_near_or_too_far(self, database: Database) -> None:
        for day, state in ((far(-1), "past"), (far(400), "too_far_ahead")):
            seen = await self.check(database, day=day)
            assert {slot.state for slot in seen.slots} == {state} and not seen.free
        soon = await self.check(database, now=at_venue(far(), time(11)) - timedelta(days=2))
        assert {slot.state for slot in soon.slots} == {"free"}
        soon = await self.check(database, now=at_venue(far(), time(16)) - timedelta(days=2))
        assert [slot.state for slot in soon.slots] == ["too_soon", "too_soon", "free", "free"]

    async def test_an_unknown_station(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await self.check(database, station="atlantis")

    def test_reads_the_days_that_may_be_offered(self) -> None:
        day = far()
        assert {day, day + timedelta(days=1), day + timedelta(days=7), day - timedelta(days=1)} <= days_to_read(day)
