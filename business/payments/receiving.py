"""Money that came, by any method: one payment for each reference, one posting, and what it does to its booking. Nothing vanishes: what
fits nothing is kept as money that nobody knows the owner of, and a person is told.

Locks: the conversation's row first, then what a deposit needs (chefs' days, the booking); the payment is written last.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import life
from business.conversations.log import Announcement, writing
from business.handoffs.opening import open_for
from business.payments import ledger, refunds, words
from business.payments.ledger import Method, Statement
from business.profile.figures import money
from business.profile.schemas import Profile
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking, Checkout, Payment
from kernel.wire.base import Risk
from kernel.wire.server import Author

Purpose = Literal["deposit", "balance", "fee", "other"]
# `counted`: it lowers what is still to pay. `short`: the deposit is not whole yet.
Outcome = Literal["confirmed", "reheld", "lost", "counted", "short", "unmatched"]

MAY_BE_BOOKED = ("held", "deposit_pending", "expired", "cancelled", "cancellation_requested")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came. `booking` None: nobody knows whose it is. `purpose` None: what it is for follows from how the booking stands. `taken_by`:
    who of the staff wrote it down, or matched it."""

    method: Method
    reference: str
    amount_cents: int
    received_at: datetime
    booking: UUID | None = None
    purpose: Purpose | None = None
    payer: str | None = None
    note: str | None = None
    checkout: UUID | None = None
    session: str | None = None
    taken_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """`new`: it was not known before; else nothing was done. `announcement`: of the conversation, None where nothing stands there."""

    payment: UUID
    new: bool
    outcome: Outcome
    announcement: Announcement | None = None


async def receive(connection: AsyncConnection, profile: Profile, incoming: Incoming, now: datetime) -> Received:
    """Keep the money and do what it is for. The same reference of the same method again is the same payment. Raises NotFound."""
    if incoming.booking is None:
        return await _of_nobody(connection, incoming)
    booking = await _locked(connection, incoming.booking)
    known = await _known(connection, incoming)
    if known is not None:
        return Received(known.id, False, "counted" if known.booking_id else "unmatched")
    before = await ledger.statement(connection, booking.id)
    outcome = await _apply(connection, profile, booking, before, incoming.amount_cents, now)
    payment = await _write(connection, incoming, incoming.purpose or _purpose(booking, before))
    await _post(connection, payment, incoming)
    told = await _tell(connection, profile, booking, before, incoming, outcome, now)
    return Received(payment, True, outcome, told)


async def assign(
    connection: AsyncConnection, profile: Profile, payment: UUID, booking: UUID, *, by: UUID | None, now: datetime
) -> Received:
    """Money that nobody knew the owner of is this booking's. Raises NotFound, and Conflict where it is another one's already."""
    theirs = await _locked(connection, booking)
    row = (await connection.execute(select(Payment).where(Payment.id == payment).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such payment.")
    if row.booking_id is not None:
        if row.booking_id == booking:
            return Received(payment, False, "counted")
        raise Conflict("This payment belongs to another booking already.")
    if await refunds.asked(connection, payment):
        raise Conflict("This payment goes back, or went back already.")
    before = await ledger.statement(connection, booking)
    outcome = await _apply(connection, profile, theirs, before, row.amount_cents, now)
    values = {"booking_id": booking, "purpose": _purpose(theirs, before), "taken_by": by, "changed_at": func.clock_timestamp()}
    await connection.execute(update(Payment).where(Payment.id == payment).values(values))
    entries: dict[ledger.Account, int] = {"unmatched": row.amount_cents, "customers": -row.amount_cents}
    await ledger.post(connection, kind="assigned", key=f"assigned:{payment}", booking=booking, entries=entries)
    incoming = Incoming(row.method, row.reference, row.amount_cents, row.received_at, booking)
    told = await _tell(connection, profile, theirs, before, incoming, outcome, now)
    return Received(payment, True, outcome, told)


async def _locked(connection: AsyncConnection, booking: UUID) -> Any:
    """The booking as it stands, its conversation held."""
    conversation = await connection.scalar(select(Booking.conversation_id).where(Booking.id == booking))
    if conversation is None:
        raise NotFound("There is no such booking.")
    await connection.execute(select(ChatSession.id).where(ChatSession.id == conversation).with_for_update())
    query = select(Booking, ChatSession.locale).join(ChatSession, ChatSession.id == Booking.conversation_id)
    return (await connection.execute(query.where(Booking.id == booking))).one()


async def _known(connection: AsyncConnection, incoming: Incoming) -> Any | None:
    same = (Payment.method == incoming.method, Payment.reference == incoming.reference)
    return (await connection.execute(select(Payment.id, Payment.booking_id).where(*same))).one_or_none()


async def _of_nobody(connection: AsyncConnection, incoming: Incoming) -> Received:
    known = await _known(connection, incoming)
    if known is not None:
        return Received(known.id, False, "unmatched")
    payment = await _write(connection, incoming, incoming.purpose or "other")
    await _post(connection, payment, incoming)
    return Received(payment, True, "unmatched")


async def _apply(connection: AsyncConnection, profile: Profile, booking: Any, before: Statement, cents: int, now: datetime) -> Outcome:
    """What so much more money does to the booking."""
    if booking.status not in MAY_BE_BOOKED:
        return "counted"
    deposit = before.deposit_cents or profile.prices.deposit_cents
    if before.kept_cents + cents < deposit:
        return "short"
    paid = await life.deposit_paid(connection, profile, booking.id, now)
    return "counted" if paid.outcome == "already" else paid.outcome


def _purpose(booking: Any, before: Statement) -> Purpose:
    return "deposit" if booking.status in MAY_BE_BOOKED and before.deposit_missing_cents else "balance"


async def _write(connection: AsyncConnection, incoming: Incoming, purpose: Purpose) -> UUID:
    payment = new_id()
    row = insert(Payment).values(
        id=payment,
        booking_id=incoming.booking,
        method=incoming.method,
        reference=incoming.reference,
        purpose=purpose,
        amount_cents=incoming.amount_cents,
        payer=incoming.payer,
        note=incoming.note,
        checkout_id=incoming.checkout,
        taken_by=incoming.taken_by,
        received_at=incoming.received_at,
    )
    written = await connection.scalar(row.on_conflict_do_nothing(index_elements=["method", "reference"]).returning(Payment.id))
    if written is None:
        raise Conflict("This payment was written down a moment ago.")  # for another booking, or nobody's: what we did is rolled back
    if incoming.checkout is not None:
        await _paid(connection, incoming)
    return payment


async def _paid(connection: AsyncConnection, incoming: Incoming) -> None:
    values: dict[str, Any] = {"state": "paid", "changed_at": func.clock_timestamp()}
    if incoming.session is not None:
        values["session"] = incoming.session
    await connection.execute(update(Checkout).where(Checkout.id == incoming.checkout).values(values))


async def _post(connection: AsyncConnection, payment: UUID, incoming: Incoming) -> None:
    whose: ledger.Account = "unmatched" if incoming.booking is None else "customers"
    entries: dict[ledger.Account, int] = {incoming.method: incoming.amount_cents, whose: -incoming.amount_cents}
    await ledger.post(connection, kind="payment", key=f"payment:{payment}", booking=incoming.booking, entries=entries)


async def _tell(
    connection: AsyncConnection, profile: Profile, booking: Any, before: Statement, incoming: Incoming, outcome: Outcome, now: datetime
) -> Announcement:
    """The customer reads that it came; a person hears of what is not as it should be, and of money that has to go back."""
    after = await ledger.statement(connection, booking.id)
    if outcome == "lost":
        await refunds.give_all_back(connection, booking.id, "the deposit came after the slot was given to somebody else")
    missing = max(0, (before.deposit_cents or profile.prices.deposit_cents) - after.kept_cents)
    said = await _say(connection, profile, booking, incoming, outcome, missing)
    odd = _odd(before, after, incoming, outcome)
    if odd is None:
        return said
    urgency, summary = odd
    opened = await open_for(
        connection,
        booking.conversation_id,
        turn=None,
        kind="payment",
        urgency=urgency,
        summary=summary,
        facts={"booking": booking.number, "amount_cents": incoming.amount_cents, "balance_cents": after.balance_cents},
        profile=profile,
        now=now,
        by=Author(kind="system", name=profile.business.name),
    )
    return opened.announcement


def _odd(before: Statement, after: Statement, incoming: Incoming, outcome: Outcome) -> tuple[Risk, str] | None:
    """What a person should look at, in a line; None where everything is as it should be."""
    amount = f"{money(incoming.amount_cents)} by {incoming.method}"
    if outcome == "lost":
        return "high", f"{amount} came after the slot was given to somebody else; it goes back. Offer another date."
    if outcome == "short":
        return "normal", f"{amount} came, which is less than the deposit"
    if incoming.purpose == "deposit" and outcome == "counted" and incoming.checkout is not None:
        return "normal", f"{amount} came for a deposit that was paid already; it counts for the balance"
    if after.quoted and after.balance_cents < 0 <= before.balance_cents:
        return "normal", f"{amount} is {money(-after.balance_cents)} more than was to be paid"
    return None


async def _say(
    connection: AsyncConnection, profile: Profile, booking: Any, incoming: Incoming, outcome: Outcome, missing: int
) -> Announcement:
    line = {"lost": "too_late", "reheld": "received_late", "short": "received_rest"}.get(outcome, "received")
    values = {
        "amount": money(incoming.amount_cents),
        "method": words.method_name(booking.locale, incoming.method),
        "missing": money(missing),
    }
    async with writing(connection, booking.conversation_id) as log:
        log.say(Author(kind="system", name=profile.business.name), words.line(booking.locale, line, **values))
    return log.announcement
