"""Cancelling in two steps: a wish that keeps the slot, a decision, and the deposit in between."""

from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import Held, Taken, view
from business.payments import ledger
from kernel.database import Database
from kernel.errors import Conflict
from kernel.tables.ops import BookingEvent
from tests.bookings.conftest import DANA, PROFILE, Customers, at_venue, far, request
from tests.bookings.lifetime import Life, booked, held, pending

MIDNIGHT = time(0)
DAYS = PROFILE.booking.refundable_until_days


async def details(database: Database, one: Life, kind: str) -> dict[str, Any]:
    async with database.transaction() as connection:
        query = sa.select(BookingEvent.details).where(BookingEvent.booking_id == one.booking, BookingEvent.kind == kind)
        found = (await connection.scalars(query)).one()
        assert isinstance(found, dict)
        return found


class TestTheWish:
    async def test_keeps_the_slot(self, customers: Customers) -> None:
        for one, before in (
            (await booked(customers, day=far(60)), "confirmed"),
            (await pending(customers, day=far(61)), "deposit_pending"),
        ):
            asked = (await one.ask_cancel()).booking
            assert (asked.status, asked.before_cancel) == ("cancellation_requested", before)
            assert isinstance(await customers.hold(request(await customers.one(), asked.day)), Taken)

    async def test_again_is_the_same(self, customers: Customers) -> None:
        one = await booked(customers)
        await one.ask_cancel()
        await one.ask_cancel()
        assert [kind for kind, _ in await one.events()].count("cancellation_requested") == 1

    async def test_a_hold_is_let_go(self, customers: Customers) -> None:
        one = await held(customers)
        gone = (await one.ask_cancel()).booking
        assert (gone.status, gone.ended) == ("cancelled", "released")
        assert (await one.ask_cancel()).booking == gone

    async def test_too_late(self, customers: Customers) -> None:
        one = await booked(customers)
        with pytest.raises(Conflict, match="begun"):
            await one.ask_cancel(now=(await one.row()).starts_at)
        await one.do(life.start, life.CLOCK)
        with pytest.raises(Conflict, match="in progress"):
            await one.ask_cancel()


class TestTheDecision:
    async def test_approved_frees_the_slot(self, customers: Customers) -> None:
        one = await booked(customers)
        await one.ask_cancel()
        gone = (await one.decide(True)).booking
        assert (gone.status, gone.ended, gone.before_cancel) == ("cancelled", "cancelled", None)
        assert (await one.decide(True)).booking == gone, "again is the same"
        assert isinstance(await customers.hold(request(await customers.one())), Held)
        with pytest.raises(Conflict):
            await one.decide(False)

    async def test_rejected_goes_back_to_what_it_was(self, customers: Customers) -> None:
        for make, before in ((booked, "confirmed"), (pending, "deposit_pending")):
            one = await make(customers, day=far(60 if make is booked else 61))
            await one.ask_cancel()
            back = (await one.decide(False)).booking
            assert (back.status, back.before_cancel) == (before, None)
            assert (await one.ask_cancel()).booking.status == "cancellation_requested", "they may wish it again"

    async def test_of_nothing(self, customers: Customers) -> None:
        one = await booked(customers)
        for approve in (True, False):
            with pytest.raises(Conflict):
                await one.decide(approve)
        assert await one.status() == "confirmed"


class TestTheDeposit:
    async def test_goes_back_until_so_many_days_before(self, customers: Customers) -> None:
        day = far(60)
        booking = view(await (await held(customers, day=day)).row())
        over = at_venue(day - timedelta(days=DAYS - 1), MIDNIGHT)
        assert life.refundable(PROFILE, booking, over - timedelta(minutes=1))
        assert not life.refundable(PROFILE, booking, over)
        assert life.refundable_until(PROFILE, booking) == day - timedelta(days=DAYS)

    async def test_the_moment_of_the_wish_counts(self, customers: Customers, database: Database) -> None:
        """A person who takes days to decide takes nothing from the customer."""
        one = await booked(customers)
        in_time = at_venue(far() - timedelta(days=DAYS), MIDNIGHT)
        await one.ask_cancel(now=in_time)
        await one.do(life.decide_cancel, True, DANA, now=in_time + timedelta(days=3))
        assert (await details(database, one, "cancelled"))["refundable"] is True

    async def test_too_late_it_stays(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        await post_deposit(database, one)
        await one.ask_cancel(now=(await one.row()).starts_at - timedelta(hours=30))
        await one.decide(True)
        assert (await details(database, one, "cancelled"))["refundable"] is False
        async with database.transaction() as connection:
            stands = await ledger.statement(connection, one.booking)
        assert (stands.paid_cents, stands.balance_cents) == (10_000, 0), "nothing is owed to anybody"

    async def test_in_time_it_is_owed(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        await post_deposit(database, one)
        await one.ask_cancel()
        await one.decide(True)
        async with database.transaction() as connection:
            assert (await ledger.statement(connection, one.booking)).balance_cents == -10_000


async def post_deposit(database: Database, one: Life) -> None:
    async with database.transaction() as connection:
        entries: dict[Any, int] = {"cash": 10_000, "customers": -10_000}
        await ledger.post(connection, kind="payment", key=f"payment:{one.booking}", booking=one.booking, entries=entries)
