"""What the card provider tells by its webhook. An event is stored before it is answered, each once. It is a hint alone: what happened is
asked of the provider when it is carried out, so that events in any order, twice or late come to the same.

The store and `apply_*` are short transactions; `look` asks the provider, in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.payments import checkouts, receiving, settling, words
from business.payments.provider import Dispute, Provider, ProviderRefund, Session
from business.payments.receiving import Incoming, Purpose
from business.profile.schemas import Profile
from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import HandlePaymentEvent
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking, Checkout, PaymentEvent
from kernel.wire.server import Author

HANDLED = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
)
PURPOSES: dict[str | None, Purpose] = {"deposit": "deposit", "balance": "balance", "fee": "fee"}


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is kept: ids alone, for the rest is asked for."""

    type: str
    thing: str
    payment: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """How things stand at the provider now."""

    told: Told
    session: Session | None = None
    refunds: tuple[ProviderRefund, ...] = ()
    dispute: Dispute | None = None


@dataclass(slots=True)
class Applied:
    """What is to be announced after the commit."""

    announcements: list[Announcement] = field(default_factory=list)

    def add(self, one: Announcement | None) -> None:
        if one is not None:
            self.announcements.append(one)


async def store(connection: AsyncConnection, event: str, type: str, thing: Mapping[str, Any]) -> bool:
    """Keep an event and have it carried out. False where it is known, or nothing that we act upon."""
    if type not in HANDLED:
        return False
    payment = thing.get("payment_intent")
    payload = {"thing": str(thing.get("id", "")), "payment": payment if isinstance(payment, str) else None}
    row = insert(PaymentEvent).values(id=new_id(), provider="stripe", event=event, type=type, payload=payload)
    new = await connection.scalar(row.on_conflict_do_nothing(index_elements=["provider", "event"]).returning(PaymentEvent.id))
    if new is None:
        return False
    await outbox.enqueue(connection, HandlePaymentEvent(event=new), key=f"payment_event:{new}")
    return True


async def read(connection: AsyncConnection, event: UUID) -> Told | None:
    """The event; None where there is none."""
    row = (await connection.execute(select(PaymentEvent).where(PaymentEvent.id == event))).one_or_none()
    return None if row is None else Told(row.type, row.payload["thing"], row.payload["payment"])


async def look(provider: Provider, told: Told) -> Found:
    """Ask how it stands now. Raises ProviderError."""
    if told.type.startswith("checkout.session."):
        return Found(told, await provider.session(told.thing))
    if told.type == "charge.dispute.created":
        dispute = await provider.dispute(told.thing)
        return Found(told, await _session_of(provider, dispute.payment), dispute=dispute)
    if told.type == "charge.refunded":
        payment = told.payment or await provider.payment_of_charge(told.thing)
        return Found(told, await _session_of(provider, payment), await provider.refunds_of(payment) if payment else ())
    refund = await provider.refunded(told.thing)
    return Found(told, await _session_of(provider, refund.payment), (refund,))


async def apply(connection: AsyncConnection, profile: Profile, event: UUID, found: Found, now: datetime) -> Applied:
    """Do what follows from it, once however often: a payment by its reference, a refund by its state."""
    applied = Applied()
    if found.session is not None:
        await _apply_session(connection, profile, found.session, found.told.type, applied, now)
    for refund in found.refunds:
        applied.add(await settling.of_provider(connection, profile, refund, now))
    if found.dispute is not None:
        applied.add(await settling.disputed(connection, profile, found.dispute, now))
    await connection.execute(update(PaymentEvent).where(PaymentEvent.id == event).values(handled_at=func.clock_timestamp()))
    return applied


async def _session_of(provider: Provider, payment: str | None) -> Session | None:
    return await provider.session_of(payment) if payment else None


async def _apply_session(
    connection: AsyncConnection, profile: Profile, session: Session, type: str, applied: Applied, now: datetime
) -> None:
    checkout = await _checkout(connection, session)
    if session.paid and session.amount_cents > 0:
        incoming = await _incoming(connection, session, checkout, now)
        applied.add((await receiving.receive(connection, profile, incoming, now)).announcement)
    elif checkout is not None and (session.state == "expired" or type.endswith("async_payment_failed")):
        still_open = checkout.state in checkouts.OPEN
        await checkouts.over(connection, checkout.id)
        if still_open and type.endswith("async_payment_failed"):
            applied.add(await _say(connection, profile, checkout.booking_id, "not_charged"))


async def _incoming(connection: AsyncConnection, session: Session, checkout: Any | None, now: datetime) -> Incoming:
    """Whose money it is: by our row, else by what the page says of itself where there is such a booking, else nobody's."""
    booking = checkout.booking_id if checkout is not None else None
    if booking is None and session.booking is not None:
        booking = await connection.scalar(select(Booking.id).where(Booking.id == session.booking))
    purpose = checkout.purpose if checkout is not None else session.purpose
    return Incoming(
        method="card",
        reference=session.payment or session.id,
        amount_cents=session.amount_cents,
        received_at=now,
        booking=booking,
        purpose=PURPOSES.get(purpose, "other"),
        payer=session.payer,
        checkout=checkout.id if checkout is not None else None,
        session=session.id,
    )


async def _checkout(connection: AsyncConnection, session: Session) -> Any | None:
    ours = (Checkout.session == session.id) if session.checkout is None else (Checkout.id == session.checkout)
    return (await connection.execute(select(Checkout).where(ours))).one_or_none()


async def _say(connection: AsyncConnection, profile: Profile, booking: UUID, line: str) -> Announcement:
    query = select(Booking.conversation_id, ChatSession.locale).join(ChatSession, ChatSession.id == Booking.conversation_id)
    row = (await connection.execute(query.where(Booking.id == booking))).one()
    async with writing(connection, row.conversation_id) as log:
        log.say(Author(kind="system", name=profile.business.name), words.line(row.locale, line))
    return log.announcement
