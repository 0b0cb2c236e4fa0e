"""Moving a booking: what it costs, when it is possible, what moves along; and who else wants the slot at that moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from typing import Any

import pytest

from business.bookings import life
from business.bookings.chefs import Spot
from business.bookings.requests import By, Changed, FeeNeeded, Held, NotFree, Taken
from business.bookings.rules import OCCUPYING
from business.payments import ledger
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Conflict, NotAllowed
from kernel.tables.ops import Booking
from tests.bookings.conftest import ALICE, DANA, PROFILE, SIX, Customers, at_venue, far, near, request
from tests.bookings.lifetime import Life, booked, held, pending
from tests.bookings.test_races import waiting

FEE = PROFILE.booking.reschedule_fee_cents
THREE = time(15)


async def move(one: Life, day: date, at: time = SIX, by: By = ALICE, **more: Any) -> Any:
    return await one.do(life.reschedule, day, at, by, **more)


async def fees(database: Database, one: Life) -> int:
    async with database.transaction() as connection:
        return (await ledger.statement(connection, one.booking)).fees_cents


class TestWhatItCosts:
    async def test_the_first_in_time_is_free_the_second_is_not(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        first = await move(one, far(70))
        assert isinstance(first, Changed) and first.booking.reschedules == 1
        assert await move(one, far(71)) == FeeNeeded(FEE)
        assert await move(one, far(71), fee_agreed=FEE - 1) == FeeNeeded(FEE), "less was agreed to"
        assert (await one.row()).day == far(70) and await fees(database, one) == 0
        second = await move(one, far(71), fee_agreed=FEE)
        assert isinstance(second, Changed) and second.booking.reschedules == 2
        assert await fees(database, one) == FEE

    async def test_a_late_one_costs_to_the_minute(self, customers: Customers) -> None:
        one = await booked(customers)
        limit = (await one.row()).starts_at - timedelta(hours=PROFILE.booking.reschedule_until_hours)
        assert await move(one, far(70), now=limit + timedelta(minutes=1)) == FeeNeeded(FEE)
        assert isinstance(await move(one, far(70), now=limit), Changed)

    async def test_the_weather_costs_nothing_and_counts_for_nothing(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        await move(one, far(70))
        rained = await move(one, far(71), by=DANA, weather=True)
        assert isinstance(rained, Changed) and rained.booking.reschedules == 1
        assert await fees(database, one) == 0

    async def test_no_customer_says_what_the_weather_is(self, customers: Customers) -> None:
        one = await booked(customers)
        for by in (ALICE, By("ai", "Assistant")):
            with pytest.raises(NotAllowed):
                await move(one, far(70), by=by, weather=True)

    async def test_staff_may_let_it_be(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        await move(one, far(70))
        assert await move(one, far(71), by=DANA) == FeeNeeded(FEE), "also they are asked"
        assert isinstance(await move(one, far(71), by=DANA, fee_agreed=0), Changed)
        assert await fees(database, one) == 0
        assert await move(one, far(72), by=ALICE, fee_agreed=0) == FeeNeeded(FEE), "nobody else may"

    async def test_a_hold_moves_for_nothing(self, customers: Customers) -> None:
        one = await held(customers)
        moved = await move(one, far(70), by=DANA)
        assert isinstance(moved, Changed)
        assert (moved.booking.status, moved.booking.reschedules) == ("held", 0) and moved.booking.hold_until is not None


class TestWhatMovesAlong:
    async def test_the_same_row_the_same_deposit(self, customers: Customers) -> None:
        one = await pending(customers)
        before = await one.row()
        moved = await move(one, far(70), time(15, 30))
        assert isinstance(moved, Changed)
        after = await one.row()
        same = ("id", "number", "deposit_until", "deposit_cents", "total_cents", "card_id", "status", "created_at")
        assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
        assert (after.day, after.slot, after.starts_at) == (far(70), THREE, at_venue(far(70), time(15, 30)))
        assert after.busy.lower == after.starts_at - timedelta(minutes=60) and after.busy.upper - after.ends_at == timedelta(minutes=15)
        assert (await one.events())[-1] == ("rescheduled", "customer")
        assert isinstance(await customers.hold(request(await customers.one())), Held), "the old slot is free"

    async def test_a_chef_is_chosen_anew(self, customers: Customers) -> None:
        kenji = await customers.chef("Kenji", {"kind": "on", "day": near(7), "from_minute": 0, "to_minute": 1440}, rating=5)
        await customers.chef("Kenji's sister", {"kind": "off", "day": near(8)})
        mei = await customers.chef("Mei")
        one = await booked(customers, day=near(7))
        await one.do(life.assign_chef, kenji, DANA)
        async with customers.database.transaction() as connection:
            await connection.exec_driver_sql(
                f"INSERT INTO ops.chef_time (id, chef_id, kind, day) SELECT gen_random_uuid(), id, 'off', '{near(8)}' FROM ops.chef "
                f"WHERE number = {kenji}"
            )
        moved = await move(one, near(8))
        assert isinstance(moved, Changed) and moved.booking.chef == mei

    async def test_within_the_same_slot(self, customers: Customers) -> None:
        """Its own place is not in its way."""
        one = await booked(customers)
        moved = await move(one, far(), time(18, 30))
        assert isinstance(moved, Changed) and moved.booking.slot == SIX

    async def test_the_same_start_again_is_nothing(self, customers: Customers) -> None:
        one = await booked(customers)
        await move(one, far(70))
        assert isinstance(await move(one, far(70)), Changed)
        assert [kind for kind, _ in await one.events()].count("rescheduled") == 1


class TestWhereItCannotBe:
    async def test_where_somebody_else_is(self, customers: Customers) -> None:
        one = await booked(customers)
        await held(customers, day=far(70))
        before = await one.row()
        refused = await move(one, far(70))
        assert isinstance(refused, NotFree) and refused.why == "taken"
        assert [option.kind for option in refused.alternatives] == ["same_day", "next_day", "next_week"]
        assert await one.row() == before

    @pytest.mark.parametrize(("days", "at", "why"), [(1, SIX, "too_soon"), (-3, SIX, "past"), (400, SIX, "too_far_ahead")])
    async def test_out_of_the_rules(self, customers: Customers, days: int, at: time, why: str) -> None:
        one = await booked(customers)
        refused = await move(one, far(days), at, by=DANA)
        assert isinstance(refused, NotFree) and refused.why == why

    async def test_at_no_slot(self, customers: Customers) -> None:
        one = await booked(customers)
        refused = await move(one, far(70), time(3))
        assert isinstance(refused, NotFree) and refused.why == "not_a_slot" and refused.alternatives

    async def test_rain_comes_at_short_notice(self, customers: Customers) -> None:
        one = await booked(customers)
        assert isinstance(await move(one, far(1), time(21), by=DANA, weather=True), Changed)

    async def test_a_dry_run_writes_nothing(self, customers: Customers) -> None:
        one = await booked(customers)
        before = await one.row()
        assert isinstance(await move(one, far(70), dry=True), Changed)
        assert isinstance(await move(one, far(400), dry=True), NotFree)
        assert await one.row() == before

    async def test_what_is_over_or_ended(self, customers: Customers) -> None:
        one = await booked(customers)
        with pytest.raises(Conflict, match="begun"):
            await move(one, far(70), now=(await one.row()).starts_at)
        for verb in (life.start, life.complete):
            await one.do(verb, life.CLOCK)
            with pytest.raises(Conflict):
                await move(one, far(70))
        other = await pending(customers, day=far(80))
        await other.ask_cancel()
        with pytest.raises(Conflict):
            await move(other, far(81))

    async def test_a_hold_whose_time_is_over(self, customers: Customers) -> None:
        one = await held(customers)
        await customers.let_lapse(one.booking)
        with pytest.raises(Conflict):
            await move(one, far(70))

    async def test_a_time_that_the_clocks_skip(self, customers: Customers) -> None:
        """At no slot of this business; a start is moved by an hour at most."""
        one = await booked(customers)
        refused = await move(one, date(2027, 3, 14), time(2, 30))
        assert isinstance(refused, NotFree) and refused.why == "not_a_slot"


@pytest.fixture
async def crowd(database_url: str, customers: Customers) -> AsyncIterator[Customers]:
    """Connections for several at once."""
    database = Database(database_url, application="test", pool_size=10)
    yield Customers(database)
    await database.close()


ROUNDS = 3


class TestAtTheSameInstant:
    async def standing(self, crowd: Customers, day: date) -> list[Any]:
        return list(await crowd.bookings(Booking.day == day, Booking.status.in_(OCCUPYING)))

    async def test_two_who_move_to_one_slot(self, crowd: Customers) -> None:
        wins = Counter[str]()
        for n in range(ROUNDS):
            one, other = await booked(crowd, day=far(20 + n)), await booked(crowd, day=far(40 + n))
            results = await asyncio.gather(move(one, far(70 + n)), move(other, far(70 + n)))
            assert sorted(type(result).__name__ for result in results) == ["Changed", "NotFree"]
            assert len(await self.standing(crowd, far(70 + n))) == 1
            wins["first" if isinstance(results[0], Changed) else "second"] += 1
        assert wins.total() == ROUNDS

    async def test_a_move_and_a_hold_of_the_slot(self, crowd: Customers) -> None:
        bob = await crowd.one()
        for n in range(ROUNDS):
            one = await booked(crowd, day=far(20 + n))
            moved, other = await asyncio.gather(move(one, far(70 + n)), crowd.hold(request(bob, far(70 + n))))
            assert isinstance(moved, Changed) == isinstance(other, Taken)
            assert len(await self.standing(crowd, far(70 + n))) == 1

    async def test_two_who_change_places(self, crowd: Customers) -> None:
        """Each wants what the other one has: nobody waits for the other for ever, and nobody loses what they have."""
        for n in range(ROUNDS):
            one, other = await booked(crowd, day=far(20 + n)), await booked(crowd, day=far(40 + n))
            await asyncio.gather(move(one, far(40 + n)), move(other, far(20 + n)))
            assert {(await one.row()).day, (await other.row()).day} == {far(20 + n), far(40 + n)}

    async def test_one_who_presses_twice(self, crowd: Customers) -> None:
        """The free one is used once: the other press finds it moved already, or is told of the fee."""
        one = await booked(crowd)
        results = await asyncio.gather(move(one, far(70)), move(one, far(71)))
        assert sorted(type(result).__name__ for result in results) == ["Changed", "FeeNeeded"]
        assert (await one.row()).reschedules == 1

    async def test_one_chef_and_two_who_come_near(self, crowd: Customers) -> None:
        """Moved onto a day of the same chef, at overlapping hours: one of the two is theirs."""
        await crowd.chef()
        one, other = await booked(crowd, day=near(8)), await booked(crowd, day=near(9))
        results = await asyncio.gather(move(one, near(5), time(17, 30)), move(other, near(5), time(18, 30)))
        assert sorted(type(result).__name__ for result in results) == ["Changed", "NotFree"]

    async def test_the_way_between_two_parties_is_looked_at(self, crowd: Customers) -> None:
        """Two parties of one chef that do not overlap, too far apart: no constraint sees that, so the second waits for the first."""
        await crowd.chef()
        one = await booked(crowd, day=near(8), at=SIX, spot=Spot(37.33, -121.89))
        other = await booked(crowd, day=near(9), at=THREE, spot=Spot(37.80, -122.27))
        async with crowd.database.primary.connect() as mine:
            await mine.begin()
            assert isinstance(await life.reschedule(mine, PROFILE, one.booking, near(5), SIX, ALICE, utc_now()), Changed)
            theirs = asyncio.create_task(move(other, near(5), THREE))
            await waiting(crowd.database, "advisory")
            await mine.commit()
        assert isinstance(await theirs, NotFree)

    async def test_the_deposit_and_a_move(self, crowd: Customers) -> None:
        for n in range(ROUNDS):
            one = await pending(crowd, day=far(20 + n))
            moved, paid = await asyncio.gather(move(one, far(70 + n)), one.pay())
            assert isinstance(moved, Changed) and paid.outcome == "confirmed"
            row = await one.row()
            assert (row.day, row.status) == (far(70 + n), "confirmed")
