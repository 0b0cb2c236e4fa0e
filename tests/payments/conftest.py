"""Customers with bookings that wait for a deposit, and a card provider on loopback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import CLOCK
from business.payments import checkouts, events, ledger, receiving
from business.payments.ledger import Statement
from business.payments.receiving import Incoming, Received
from business.payments.stripe import Stripe
from business.pricing.rules import Party
from business.profile.schemas import Profile
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Booking, Checkout, Handoff
from tests.bookings.conftest import PROFILE, Customers, customers, database_url, far, request, with_capacity
from tests.rig.stripe import KEY, StripeServer
from workers.payments import PaymentEvents
from workers.refunds import Refunds

__all__ = ["customers", "database_url"]

DEPOSIT = PROFILE.prices.deposit_cents
TOTAL = 70_000
SUCCESS, CANCEL = "https://chat.example.com/b/token?paid", "https://chat.example.com/b/token"
MANY = with_capacity(100)


@dataclass
class Till:
    """What tests do with money."""

    customers: Customers
    provider: Stripe
    server: StripeServer
    bus: Bus
    profile: Profile = MANY
    days: int = 60
    phones: int = field(default=100)

    @property
    def database(self) -> Database:
        return self.customers.database

    async def booking(self, *, day: date | None = None, phone: str | None = None, name: str | None = None, **more: Any) -> UUID:
        """A booking whose customer has agreed to the terms and has not paid."""
        conversation = await self.customers.one(more.pop("locale", "en"))
        profile = more.pop("profile", self.profile)
        wanted = request(conversation, day or far(self.days), party=Party(10), phone=phone, name=name, **more)
        held = await self.customers.held(wanted, profile)
        await self.price(held.booking.id)
        await self.database.unit(lambda c: life.accept_terms(c, profile, held.booking.id, CLOCK, utc_now()))
        return held.booking.id

    async def price(self, booking: UUID, total: int = TOTAL) -> None:
        async with self.database.transaction() as connection:
            values = {"total_cents": total, "deposit_cents": DEPOSIT}
            await connection.execute(sa.update(Booking).where(Booking.id == booking).values(values))

    async def lapse(self, booking: UUID) -> None:
        """Its deposit did not come in time."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == booking).values(deposit_until=past))
        assert await self.database.unit(lambda c: life.expire_unpaid(c, self.profile, booking, utc_now())) is not None

    async def open(self, booking: UUID, purpose: checkouts.Purpose = "deposit", now: datetime | None = None) -> str:
        """The session of a page for the amount."""
        await checkouts.open_checkout(
            self.database, self.provider, booking, purpose, success_url=SUCCESS, cancel_url=CANCEL, now=now or utc_now()
        )
        return str(await self.one(Checkout.session, Checkout.booking_id == booking, Checkout.state == "open"))

    async def receive(self, booking: UUID | None, cents: int = DEPOSIT, reference: str = "A-1", **more: Any) -> Received:
        values: dict[str, Any] = {"method": "venmo", "received_at": utc_now(), **more}
        incoming = Incoming(reference=reference, amount_cents=cents, booking=booking, **values)
        return await self.database.unit(lambda c: receiving.receive(c, self.profile, incoming, utc_now()))

    async def told(self, *happened: dict[str, Any]) -> None:
        """These events come, in this order, and a worker carries them out."""
        for event in happened:
            await self.database.unit(lambda c, e=event: events.store(c, e["id"], e["type"], e["data"]["object"]))  # type: ignore[misc]
            await self.work()

    async def work(self) -> None:
        """A worker does what is due."""
        given = (self.database, self.bus, self.provider, lambda: self.profile, utc_now)
        for worker in (PaymentEvents(*given, delays=(0.0,) * 3), Refunds(*given, delays=(0.0,) * 3)):
            while await worker.look():
                await worker.idle()

    async def statement(self, booking: UUID) -> Statement:
        async with self.database.transaction() as connection:
            return await ledger.statement(connection, booking)

    async def balanced(self) -> bool:
        async with self.database.transaction() as connection:
            return (await ledger.trial_balance(connection)).total == 0

    async def accounts(self) -> dict[str, int]:
        async with self.database.transaction() as connection:
            return {name: cents for name, cents in (await ledger.trial_balance(connection)).accounts.items() if cents}

    async def one(self, what: Any, *where: Any) -> Any:
        async with self.database.transaction() as connection:
            return await connection.scalar(sa.select(what).where(*where))

    async def status(self, booking: UUID) -> str:
        return str(await self.one(Booking.status, Booking.id == booking))

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(sa.select(table).where(*where))).all())

    async def lines(self, booking: UUID) -> list[str]:
        """What the customer reads in the conversation, of the business itself."""
        theirs = sa.select(Booking.conversation_id).where(Booking.id == booking).scalar_subquery()
        async with self.database.transaction() as connection:
            query = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == theirs, ChatMessage.author_kind == "system")
            return list(await connection.scalars(query.order_by(ChatMessage.seq)))

    async def called(self, booking: UUID) -> list[Any]:
        """Handoffs of payments."""
        theirs = sa.select(Booking.conversation_id).where(Booking.id == booking).scalar_subquery()
        return await self.rows(Handoff, Handoff.conversation_id == theirs, Handoff.kind == "payment")


@pytest.fixture
async def server() -> AsyncIterator[StripeServer]:
    async with StripeServer() as found:
        yield found


@pytest.fixture
async def till(database: Database, redis_url: str, server: StripeServer) -> AsyncIterator[Till]:
    from business.sites.service import ensure_demo

    provider, bus = Stripe(KEY, address=server.base, timeout=5), Bus(connect(redis_url))
    async with database.transaction() as connection:
        await ensure_demo(connection)
        await connection.execute(sa.text(EMPTY))
    yield Till(Customers(database), provider, server, bus)
    await provider.close()
    await bus.close()


EMPTY = (
    "TRUNCATE ops.ledger_entry, ops.ledger_posting, ops.refund, ops.payment_notice, ops.payment, ops.checkout, ops.payment_event,"
    " ops.booking_event, ops.booking, ops.quote, ops.outbox, ops.handoff CASCADE"
)
