"""Other guests than were told: what it costs then, how long it takes, who may still say so, who can cook for them."""

from datetime import timedelta
from typing import Any

import pytest

from business.bookings import life
from business.bookings.requests import By, Changed
from business.pricing.rules import Party
from kernel.errors import BadRequest, Conflict, NotAllowed
from tests.bookings.conftest import ALICE, DANA, PROFILE, SIX, Customers, far, near
from tests.bookings.lifetime import Life, booked, held

TWENTY = Party(20, 4, 1)


async def resize(one: Life, party: Party, by: By = ALICE, **more: Any) -> Changed:
    changed = await one.do(life.change_party, party, by, **more)
    assert isinstance(changed, Changed)
    return changed


class TestOtherGuests:
    async def test_another_price_another_length_the_same_start(self, customers: Customers) -> None:
        one = await booked(customers, facts={"upgrades": {"salmon": 4}})
        before = await one.row()
        after = (await resize(one, TWENTY)).booking
        assert after.total_cents == 20 * 5_500 + 4 * 3_000 + 4 * 500
        assert (after.guests, after.party, after.starts_at) == (25, TWENTY, before.starts_at)
        assert (after.ends_at - after.starts_at).total_seconds() == 60 * min(60 + 3 * 25, 150)
        same = ("number", "status", "deposit_cents", "deposit_until", "lane", "reschedules")
        row = await one.row()
        assert [getattr(row, name) for name in same] == [getattr(before, name) for name in same]
        assert row.busy.upper > before.busy.upper
        await resize(one, TWENTY)
        assert [kind for kind, _ in await one.events()].count("party_changed") == 1, "again is nothing"

    async def test_a_hold_stays_held(self, customers: Customers) -> None:
        one = await held(customers)
        assert (await resize(one, TWENTY)).booking.hold_until == (await one.row()).hold_until is not None

    async def test_nobody_at_all_or_fewer_than_eat_the_upgrades(self, customers: Customers) -> None:
        one = await booked(customers, facts={"upgrades": {"salmon": 4}})
        for party in (Party(0, 5), Party(3, -1), Party(1)):
            with pytest.raises(BadRequest):
                await resize(one, party, DANA)
        assert (await one.row()).guests == 10

    async def test_how_many_a_person_decides(self, customers: Customers) -> None:
        one = await booked(customers)
        many = Party(PROFILE.booking.person_from_guests)
        with pytest.raises(NotAllowed):
            await resize(one, many)
        assert (await resize(one, many, DANA)).booking.guests == many.guests

    async def test_after_the_final_count_staff_alone(self, customers: Customers) -> None:
        one = await booked(customers)
        late = (await one.row()).starts_at - timedelta(hours=PROFILE.slots.final_count_hours - 1)
        with pytest.raises(Conflict, match="due before now"):
            await resize(one, TWENTY, now=late)
        assert (await resize(one, TWENTY, DANA, now=late)).booking.guests == 25

    async def test_what_is_over(self, customers: Customers) -> None:
        one = await booked(customers)
        await one.do(life.start, life.CLOCK)
        with pytest.raises(Conflict):
            await resize(one, TWENTY, DANA)


class TestWhoCooksThen:
    async def test_the_same_where_they_can(self, customers: Customers) -> None:
        await customers.chef("Kenji", rating=5)
        mei = await customers.chef("Mei", rating=1)
        one = await booked(customers, day=near())
        await one.do(life.assign_chef, mei, DANA)
        assert (await resize(one, TWENTY)).booking.chef == mei

    async def test_somebody_else_where_they_cannot(self, customers: Customers) -> None:
        kenji, mei = await customers.chef("Kenji", largest="small"), await customers.chef("Mei")
        one = await booked(customers, day=near())
        assert (await one.row()).chef_number == kenji
        assert (await resize(one, TWENTY)).booking.chef == mei

    async def test_nobody(self, customers: Customers) -> None:
        await customers.chef("Kenji", largest="small")
        one = await booked(customers, day=near())
        before = await one.row()
        with pytest.raises(Conflict, match="Nobody can cook"):
            await resize(one, TWENTY, DANA)
        assert await one.row() == before

    async def test_who_was_chosen_far_ahead_stays(self, customers: Customers) -> None:
        kenji = await customers.chef("Kenji")
        one = await booked(customers, day=far(), at=SIX)
        await one.do(life.assign_chef, kenji, DANA)
        assert (await resize(one, TWENTY)).booking.chef == kenji
