"""A booking's verbs on a database, as callers use them, and what they leave."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import BookingView, By, Changed, Paid
from business.profile.schemas import Profile
from kernel.clock import utc_now
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Booking, BookingEvent, Outbox
from tests.bookings.conftest import ALICE, DANA, PROFILE, Customers, request


class Life:
    """One customer's booking."""

    def __init__(self, customers: Customers, booking: UUID, conversation: UUID, profile: Profile = PROFILE) -> None:
        self.customers = customers
        self.booking = booking
        self.conversation = conversation
        self.profile = profile

    async def do(self, verb: Any, *args: Any, now: datetime | None = None, **more: Any) -> Any:
        """The verb, with what all of them take; `args` come before `now`."""
        work = (self.profile, self.booking, *args, now or utc_now())
        return await self.customers.database.unit(lambda c: verb(c, *work, **more))

    async def accept(self) -> Changed:
        changed = await self.do(life.accept_terms, ALICE)
        assert isinstance(changed, Changed)
        return changed

    async def confirm(self, by: By = DANA) -> Changed:
        changed = await self.do(life.confirm, by)
        assert isinstance(changed, Changed)
        return changed

    async def pay(self, now: datetime | None = None) -> Paid:
        paid = await self.do(life.deposit_paid, now=now)
        assert isinstance(paid, Paid)
        return paid

    async def expire(self) -> Changed | None:
        expired: Changed | None = await self.do(life.expire_unpaid)
        return expired

    async def ask_cancel(self, by: By = ALICE, now: datetime | None = None) -> Changed:
        changed = await self.customers.database.unit(
            lambda c: life.ask_cancel(c, self.profile, self.booking, by, now or utc_now(), "We moved away")
        )
        return changed

    async def decide(self, approve: bool) -> Changed:
        changed = await self.do(life.decide_cancel, approve, DANA)
        assert isinstance(changed, Changed)
        return changed

    async def set(self, **values: Any) -> None:
        async with self.customers.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == self.booking).values(**values))

    async def overdue(self) -> None:
        """The deposit's deadline is over."""
        await self.set(deposit_until=sa.func.clock_timestamp() - timedelta(seconds=1))

    async def row(self) -> Any:
        (row,) = await self.customers.bookings(Booking.id == self.booking)
        return row

    async def status(self) -> str:
        status: str = (await self.row()).status
        return status

    async def view(self) -> BookingView:
        return (await self.confirm()).booking

    async def events(self) -> list[tuple[str, str]]:
        """What happened, and by whom."""
        async with self.customers.database.transaction() as connection:
            query = sa.select(BookingEvent).where(BookingEvent.booking_id == self.booking).order_by(BookingEvent.version)
            return [(row.kind, row.by_kind) for row in await connection.execute(query)]

    async def effects(self, kind: str = "booking_changed") -> Sequence[Any]:
        async with self.customers.database.transaction() as connection:
            mine = Outbox.payload["booking"].astext == str(self.booking)
            query = sa.select(Outbox).where(Outbox.kind == kind, mine).order_by(Outbox.next_at, Outbox.id)
            return (await connection.execute(query)).all()

    async def lines(self) -> list[str]:
        """What the business said in the conversation."""
        async with self.customers.database.transaction() as connection:
            query = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == self.conversation, ChatMessage.author_kind == "system")
            return list(await connection.scalars(query.order_by(ChatMessage.seq)))


async def held(customers: Customers, profile: Profile = PROFILE, locale: str = "en", **more: Any) -> Life:
    """A hold of a new customer's."""
    conversation = await customers.one(locale)
    booking = (await customers.held(request(conversation, **more), profile)).booking
    return Life(customers, booking.id, conversation, profile)


async def pending(customers: Customers, **more: Any) -> Life:
    """The terms are accepted."""
    one = await held(customers, **more)
    await one.accept()
    return one


async def booked(customers: Customers, **more: Any) -> Life:
    """Confirmed by its deposit."""
    one = await pending(customers, **more)
    assert (await one.pay()).outcome == "confirmed"
    return one
