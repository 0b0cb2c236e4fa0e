"""Notices of Venmo and Zelle, pasted or by mail. Each is processed once: it is a payment at once, whether its booking is known or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement
from business.handoffs.opening import open_for
from business.payments import ledger, matching, parsing, receiving
from business.payments.ledger import Statement
from business.payments.matching import Candidate, Verdict
from business.payments.parsing import NoticeMethod, Parsed
from business.payments.receiving import Incoming
from business.profile.figures import money
from business.profile.schemas import Profile
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ops import Booking, Payment, PaymentNotice, Refund
from kernel.wire.server import Author

State = Literal["matched", "suggested", "unmatched", "ignored"]
NOW = func.clock_timestamp()
UNBOOKED = ("held", "deposit_pending", "expired", "cancelled")
# What was given up for want of its deposit may be held again by it; a party that was cooked may be paid afterwards.
MAY_PAY = or_(
    Booking.status.in_(("held", "deposit_pending", "expired", "confirmed", "in_progress", "completed", "cancellation_requested")),
    Booking.ended == "unpaid",
)
RECENTLY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands. `new`: it was not known before. `booking`: whose it is, or may be. `rule`: by what."""

    id: UUID
    new: bool
    state: State
    rule: str | None
    method: NoticeMethod
    amount_cents: int
    booking: UUID | None
    payment: UUID | None
    announcement: Announcement | None = None


async def take(
    connection: AsyncConnection,
    profile: Profile,
    *,
    text: str,
    source: Literal["pasted", "mail"],
    received_at: datetime,
    method: NoticeMethod | None = None,
    reference: str | None = None,
    now: datetime | None = None,
) -> Notice:
    """Read a notice, keep its money, find its booking. The same notice again is the same one. `method`, `reference`: where who hands it
    in knows better than its words. Raises BadRequest where it is no notice of a payment."""
    said = parsing.parse(text)
    way = method or said.method
    if said.amount_cents is None:
        raise BadRequest("There is no amount in this text. Paste the whole notice, with its $.")
    if way is None:
        raise BadRequest("It does not say whether this is Venmo or Zelle. Choose one.")
    notice = await _keep(connection, said, way, reference or said.reference, text, source, received_at)
    if notice is None:
        return await known(connection, way, reference or said.reference)
    verdict = matching.match(profile.payments.matching, said, way, received_at, await waiting(connection, received_at))
    return await _settle(connection, profile, notice, said, way, verdict, now or received_at)


async def match(connection: AsyncConnection, profile: Profile, notice: UUID, booking: UUID, by: UUID, now: datetime) -> Notice:
    """A person says whose it is. Raises NotFound, Conflict."""
    row = await _open(connection, notice)
    if row.state == "matched" and row.booking_id == booking:
        return _shown(row)
    if row.state in ("matched", "ignored"):
        raise Conflict("Somebody has decided on this notice already.")
    received = await receiving.assign(connection, profile, row.payment_id, booking, by=by, now=now)
    values = {"state": "matched", "rule": "person", "booking_id": booking, "decided_by": by}
    return await _decided(connection, notice, values, received.announcement)


async def ignore(connection: AsyncConnection, notice: UUID, by: UUID) -> Notice:
    """It was no payment to us: what was posted is taken back. Raises NotFound, Conflict."""
    row = await _open(connection, notice)
    if row.state == "ignored":
        return _shown(row)
    if row.state == "matched":
        raise Conflict("This notice is a payment of a booking. Give the money back instead.")
    await _decided(connection, notice, {"state": "ignored", "booking_id": None, "payment_id": None, "decided_by": by})
    if await connection.scalar(select(Refund.id).where(Refund.payment_id == row.payment_id).limit(1)) is not None:
        raise Conflict("Money of this notice was given back, so it was a payment.")
    await connection.execute(delete(Payment).where(Payment.id == row.payment_id))
    entries: dict[ledger.Account, int] = {"unmatched": row.amount_cents, row.method: -row.amount_cents}
    await ledger.post(connection, kind="dismissed", key=f"dismissed:{row.payment_id}", booking=None, entries=entries)
    return await _one(connection, PaymentNotice.id == notice)


async def expect(connection: AsyncConnection, booking: UUID, method: str, now: datetime) -> None:
    """The customer says that they pay this booking by this way: a notice of it is theirs sooner."""
    said = {"paying": {"method": method, "at": now.isoformat()}}
    await connection.execute(update(Booking).where(Booking.id == booking).values(facts=Booking.facts.op("||")(said)))


async def known(connection: AsyncConnection, method: str, reference: str) -> Notice:
    """A notice by the provider's reference."""
    return await _one(connection, (PaymentNotice.method == method) & (PaymentNotice.reference == reference))


async def waiting(connection: AsyncConnection, received_at: datetime) -> list[Candidate]:
    """Bookings that may be paid about now."""
    recent = or_(Booking.created_at > received_at - RECENTLY, Booking.starts_at > received_at - RECENTLY)
    rows = (await connection.execute(select(Booking).where(MAY_PAY, recent).order_by(Booking.number))).all()
    stands = await ledger.statements(connection, [row.id for row in rows])
    return [candidate for row in rows if (candidate := _candidate(row, stands[row.id])).due_cents]


def _candidate(row: Any, stands: Statement) -> Candidate:
    paying = row.facts.get("paying") or {}
    deposit = stands.deposit_missing_cents if row.status in UNBOOKED else 0
    moments = (row.created_at, row.terms_accepted_at, row.ends_at, datetime.fromisoformat(paying["at"]) if paying else None)
    return Candidate(
        booking=row.id,
        number=row.number,
        phone=row.contact_phone,
        name=row.contact_name,
        due_cents=tuple(sorted({cents for cents in (deposit, stands.balance_cents) if cents > 0})),
        moments=tuple(moment for moment in moments if moment is not None),
        declared=paying.get("method"),
    )


async def _keep(
    connection: AsyncConnection, said: Parsed, method: str, reference: str, text: str, source: str, received_at: datetime
) -> UUID | None:
    """The new row's id; None where the notice is known. Whoever brings the same one at the same moment waits here."""
    row = insert(PaymentNotice).values(
        id=new_id(),
        method=method,
        reference=reference,
        amount_cents=said.amount_cents,
        payer=said.payer,
        note=said.note,
        said=text.replace("\0", "")[: parsing.LONGEST],
        source=source,
        received_at=received_at,
    )
    new: UUID | None = await connection.scalar(
        row.on_conflict_do_nothing(index_elements=["method", "reference"]).returning(PaymentNotice.id)
    )
    return new


async def _settle(
    connection: AsyncConnection,
    profile: Profile,
    notice: UUID,
    said: Parsed,
    method: NoticeMethod,
    verdict: Verdict,
    now: datetime,
) -> Notice:
    row = await _open(connection, notice)
    incoming = Incoming(
        method=method,
        reference=row.reference,
        amount_cents=row.amount_cents,
        received_at=row.received_at,
        booking=verdict.booking if verdict.certain else None,
        payer=said.payer,
        note=said.note,
    )
    received = await receiving.receive(connection, profile, incoming, now)
    state: State = "matched" if verdict.certain else "suggested" if verdict.booking else "unmatched"
    values = {"state": state, "rule": verdict.rule, "booking_id": verdict.booking, "payment_id": received.payment}
    told = await _suggest(connection, profile, verdict.booking, row, now) if state == "suggested" and verdict.booking else None
    return await _decided(connection, notice, values, told or received.announcement, new=True)


async def _suggest(connection: AsyncConnection, profile: Profile, booking: UUID, notice: Any, now: datetime) -> Announcement | None:
    """A person is asked whether it is this booking's."""
    row = (await connection.execute(select(Booking.number, Booking.conversation_id).where(Booking.id == booking))).one()
    opened = await open_for(
        connection,
        row.conversation_id,
        turn=None,
        kind="payment",
        urgency="normal",
        summary=f"{money(notice.amount_cents)} by {notice.method} may be for booking {row.number}: match it under Payments",
        facts={"booking": row.number, "amount_cents": notice.amount_cents, "method": notice.method},
        profile=profile,
        now=now,
        by=Author(kind="system", name=profile.business.name),
    )
    return opened.announcement


async def _open(connection: AsyncConnection, notice: UUID) -> Any:
    """The notice's row, locked."""
    row = (await connection.execute(select(PaymentNotice).where(PaymentNotice.id == notice).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such notice.")
    return row


async def _decided(
    connection: AsyncConnection, notice: UUID, values: dict[str, Any], told: Announcement | None = None, *, new: bool = False
) -> Notice:
    await connection.execute(update(PaymentNotice).where(PaymentNotice.id == notice).values(**values, changed_at=NOW))
    return await _one(connection, PaymentNotice.id == notice, told, new=new)


async def _one(connection: AsyncConnection, where: Any, told: Announcement | None = None, *, new: bool = False) -> Notice:
    return _shown((await connection.execute(select(PaymentNotice).where(where))).one(), told, new=new)


def _shown(row: Any, told: Announcement | None = None, *, new: bool = False) -> Notice:
    return Notice(row.id, new, row.state, row.rule, row.method, row.amount_cents, row.booking_id, row.payment_id, told)
