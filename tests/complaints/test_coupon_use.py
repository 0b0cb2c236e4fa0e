"""An approved coupon on a booking: once, by a person, in its time, within the price, for its own customer; and back without a party."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.bookings import life
from business.coupons import rules, service, using
from business.coupons.using import Used
from business.payments import ledger
from business.payments.ledger import Statement
from business.uploads.folder import UploadFolder
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.errors import Conflict, GatewayError, NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatMessage
from kernel.tables.core import Audit
from kernel.tables.ops import Booking, Coupon, LedgerEntry, LedgerPosting
from tests.bookings.conftest import DANA, far, request, with_capacity
from tests.complaints.conftest import PROFILE, Desk
from tests.complaints.test_coupons import decide, propose
from workers.clockwork import Clockwork

TERMS = PROFILE.reviews.coupon
TOTAL = 70_000
OFF = rules.off(TERMS.percent_at_most, TERMS.cents_at_most, TOTAL)
MANY = with_capacity(100)


async def booked(desk: Desk, conversation: UUID, total: int | None = TOTAL, days: int = 60) -> UUID:
    """A confirmed party of this price; None: nobody has quoted it."""
    held = await desk.customers.held(request(conversation, far(days)), MANY)
    booking = held.booking.id
    await desk.customers.confirm(booking)
    async with desk.database.transaction() as connection:
        await connection.execute(sa.update(Booking).where(Booking.id == booking).values(total_cents=total))
    return booking


async def good(desk: Desk, conversation: UUID) -> UUID:
    coupon = await propose(desk, (await desk.complain(conversation)).id)
    await decide(desk, coupon)
    return coupon


async def use(desk: Desk, coupon: UUID, booking: UUID, now: datetime | None = None) -> Used:
    return await desk.database.unit(lambda c: using.use(c, PROFILE, coupon, booking, desk.olga, now or utc_now()))


async def stands(desk: Desk, booking: UUID) -> Statement:
    async with desk.database.transaction() as connection:
        return await ledger.statement(connection, booking)


async def state_of(desk: Desk, coupon: UUID) -> tuple[str, Any]:
    (row,) = await desk.rows(Coupon, Coupon.id == coupon)
    return row.state, row.booking_id


async def discounted(desk: Desk, *bookings: UUID) -> list[UUID]:
    """The bookings of what was posted as a discount, one for each posting."""
    query = sa.select(LedgerPosting.booking_id).where(LedgerPosting.booking_id.in_(bookings), LedgerPosting.kind == "discount")
    async with desk.database.transaction() as connection:
        return [one for one in await connection.scalars(query) if one is not None]


async def cancelled(desk: Desk, booking: UUID) -> None:
    await desk.database.unit(lambda c: life.ask_cancel(c, PROFILE, booking, DANA, utc_now(), "Rain"))
    await desk.database.unit(lambda c: life.decide_cancel(c, PROFILE, booking, True, DANA, utc_now()))


class TestRefused:
    async def refused(self, desk: Desk, coupon: UUID, booking: UUID, why: str, now: datetime | None = None) -> None:
        before = await state_of(desk, coupon)
        with pytest.raises(Conflict, match=why):
            await use(desk, coupon, booking, now)
        assert await state_of(desk, coupon) == before
        assert await discounted(desk, booking) == []

    async def test_one_that_nobody_approved_or_somebody_rejected(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await propose(desk, (await desk.complain(conversation)).id)
        await self.refused(desk, coupon, booking, "is proposed")
        await decide(desk, coupon, approve=False)
        await self.refused(desk, coupon, booking, "is rejected")

    async def test_one_whose_time_is_over(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        (row,) = await desk.coupons()
        await self.refused(desk, coupon, booking, "time of this coupon is over", now=row.expires_at)
        await use(desk, coupon, booking, now=row.expires_at - timedelta(seconds=1))

    async def test_on_another_customers_booking(self, desk: Desk) -> None:
        coupon, theirs = await good(desk, await desk.customer()), await booked(desk, await desk.customer("ben@hibachi.fun"))
        await self.refused(desk, coupon, theirs, "another customer's")

    async def test_on_a_booking_that_has_ended_or_was_never_priced(self, desk: Desk) -> None:
        conversation = await desk.customer()
        coupon = await good(desk, conversation)
        await self.refused(desk, coupon, await booked(desk, conversation, None, 61), "not known yet")
        for days, status in enumerate(("completed", "cancelled", "no_show", "expired"), 63):
            booking = await booked(desk, conversation, days=days)
            async with desk.database.transaction() as connection:
                await connection.execute(sa.update(Booking).where(Booking.id == booking).values(status=status))
            await self.refused(desk, coupon, booking, "cannot be done")

    async def test_what_nobody_knows(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        for pair in ((new_id(), booking), (coupon, new_id())):
            with pytest.raises(NotFound):
                await use(desk, *pair)


class TestUsed:
    async def test_is_taken_off_what_is_owed_once_and_the_customer_reads_it(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        for _ in range(2):
            await use(desk, coupon, booking)
        found = await stands(desk, booking)
        assert (found.discounts_cents, found.balance_cents) == (OFF, TOTAL - OFF)
        assert await state_of(desk, coupon) == ("used", booking)
        async with desk.database.transaction() as connection:
            texts = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == conversation, ChatMessage.text.contains("coupon"))
            (line,) = await connection.scalars(texts)
            trail = sa.select(Audit.actor_id, Audit.details).where(Audit.subject == str(coupon), Audit.action == "coupon.used")
            (entry,) = (await connection.execute(trail)).all()
        assert f"${OFF / 100:,.0f}" in line
        assert entry.actor_id == str(desk.olga.id) and entry.details["cents"] == OFF
        with pytest.raises(Conflict, match="is used"):
            await use(desk, coupon, await booked(desk, conversation, days=61))

    async def test_never_takes_off_more_than_is_left_of_the_price(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        await desk.database.unit(lambda c: ledger.post_discount(c, booking, TOTAL - 10, "by hand"))
        await use(desk, coupon, booking)
        assert (await stands(desk, booking)).balance_cents == 0
        second = await good(desk, conversation)
        with pytest.raises(Conflict, match="Nothing is left"):
            await use(desk, second, booking)


class TestComesBack:
    async def test_with_a_party_that_comes_to_nothing_and_is_good_for_another(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        await use(desk, coupon, booking)
        await cancelled(desk, booking)
        assert await state_of(desk, coupon) == ("approved", None)
        found = await stands(desk, booking)
        assert (found.discounts_cents, found.balance_cents) == (0, 0)
        other = await booked(desk, conversation, days=61)
        await use(desk, coupon, other)
        assert (await stands(desk, other)).discounts_cents == OFF

    async def test_is_over_where_the_customer_has_another_by_then(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        await use(desk, coupon, booking)
        second = await good(desk, conversation)
        await cancelled(desk, booking)
        assert (await state_of(desk, coupon))[0] == "expired" and (await state_of(desk, second))[0] == "approved"


class TestItsTime:
    async def test_is_over_by_the_clock_and_then_another_may_be_approved(self, desk: Desk) -> None:
        conversation = await desk.customer()
        coupon = await good(desk, conversation)
        (row,) = await desk.coupons()
        early = row.expires_at - timedelta(seconds=1)
        assert await desk.database.unit(lambda c: service.expire(c, early)) == 0
        assert [await desk.database.unit(lambda c: service.expire(c, row.expires_at)) for _ in range(2)] == [1, 0]
        assert await state_of(desk, coupon) == ("expired", None)
        await good(desk, conversation)

    async def test_the_workers_look_for_them(self, desk: Desk, bus: Bus, tmp_path: Path) -> None:
        coupon, past = await good(desk, await desk.customer()), sa.func.clock_timestamp() - timedelta(seconds=1)
        async with desk.database.transaction() as connection:
            await connection.execute(sa.update(Coupon).where(Coupon.id == coupon).values(expires_at=past))
        await Clockwork(desk.database, bus, lambda: PROFILE, UploadFolder(tmp_path)).tidy()
        assert await state_of(desk, coupon) == ("expired", None)

    async def test_one_that_was_used_stays_so(self, desk: Desk) -> None:
        conversation = await desk.customer()
        booking, coupon = await booked(desk, conversation), await good(desk, conversation)
        await use(desk, coupon, booking)
        late = utc_now() + timedelta(days=31 * (TERMS.months + 1))
        assert await desk.database.unit(lambda c: service.expire(c, late)) == 0
        assert await state_of(desk, coupon) == ("used", booking)


class TestRaces:
    async def test_twenty_uses_on_five_bookings_are_one(self, desk: Desk) -> None:
        """In a conversation each, so that no log holds them apart."""
        conversation = await desk.customer()
        bookings = [await booked(desk, await desk.customer(None), days=60 + n) for n in range(5)]
        coupon = await good(desk, conversation)
        async with desk.database.transaction() as connection:
            theirs = {"customer_id": await desk.customers.customer_of(conversation)}
            await connection.execute(sa.update(Booking).where(Booking.id.in_(bookings)).values(theirs))
        ended = await asyncio.gather(*(use(desk, coupon, one) for one in bookings * 4), return_exceptions=True)
        refused = [one for one in ended if isinstance(one, BaseException)]
        assert all(isinstance(one, GatewayError) for one in refused), refused
        (state, booking) = await state_of(desk, coupon)
        assert state == "used" and len(refused) == 16  # the others asked for the same booking
        assert await discounted(desk, *bookings) == [booking]
        async with desk.database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.sum(LedgerEntry.amount_cents))) == 0
