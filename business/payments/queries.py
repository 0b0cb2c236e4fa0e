"""Reads of money for people: what came, what waits for somebody, what goes back, how it adds up by week."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger
from business.payments.ledger import COSTS_NOTHING as NOTHING_COOKED
from kernel.errors import NotFound
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, Payment, PaymentNotice, Refund

PAGE = 50
WAITING = ("suggested", "unmatched")


@dataclass(frozen=True, slots=True)
class Whose:
    """A booking as one line. `name` of who booked."""

    id: UUID
    number: int
    name: str | None
    conversation: UUID


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment. `going_back_cents`: asked for and not done yet."""

    id: UUID
    number: int
    method: str
    purpose: str
    amount_cents: int
    refunded_cents: int
    going_back_cents: int
    payer: str | None
    note: str | None
    received_at: datetime
    booking: Whose | None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice; `booking` whose it is, or may be."""

    id: UUID
    method: str
    amount_cents: int
    payer: str | None
    note: str | None
    said: str
    source: str
    state: str
    rule: str | None
    received_at: datetime
    booking: Whose | None


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Money that goes back."""

    id: UUID
    payment: int
    method: str
    amount_cents: int
    reason: str
    state: str
    error: str | None
    created_at: datetime
    changed_at: datetime
    booking: Whose | None


@dataclass(frozen=True, slots=True)
class Owing:
    """A booking that came to nothing and whose money is still here, none of it on its way back: a person gives it back."""

    booking: Whose
    cents: int


@dataclass(frozen=True, slots=True)
class Week:
    """What came by one method in the week that begins on this Monday, at the venue."""

    monday: date
    method: str
    cents: int


async def payments(connection: AsyncConnection, before: int | None = None, limit: int = PAGE) -> tuple[list[PaymentLine], int | None]:
    """The newest first; and where the next page begins."""
    back = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.payment_id == Payment.id, Refund.state == "asked")
        .scalar_subquery()
    )
    query = _with_booking(select(Payment.__table__, back.label("going_back_cents")), Payment.booking_id)
    if before is not None:
        query = query.where(Payment.number < before)
    rows = (await connection.execute(query.order_by(Payment.number.desc()).limit(limit + 1))).all()
    shown = rows[:limit]
    return [_payment(row) for row in shown], shown[-1].number if len(rows) > limit else None


async def notices(connection: AsyncConnection, *, waiting: bool) -> list[NoticeLine]:
    """Those that wait for a person, or the newest that were decided."""
    state = PaymentNotice.state.in_(WAITING) if waiting else PaymentNotice.state.not_in(WAITING)
    query = _with_booking(select(PaymentNotice.__table__).where(state), PaymentNotice.booking_id)
    rows = (await connection.execute(query.order_by(PaymentNotice.created_at.desc()).limit(PAGE))).all()
    return [_notice(row) for row in rows]


async def notice(connection: AsyncConnection, id: UUID) -> NoticeLine:
    """One of them. Raises NotFound."""
    query = _with_booking(select(PaymentNotice.__table__).where(PaymentNotice.id == id), PaymentNotice.booking_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such notice.")
    return _notice(row)


async def refunds(connection: AsyncConnection) -> list[RefundLine]:
    """Those that are not done first, then the newest."""
    query = _with_booking(
        select(Refund.__table__, Payment.number.label("payment"), Payment.method).join(Payment, Payment.id == Refund.payment_id),
        Payment.booking_id,
    )
    rows = (await connection.execute(query.order_by(Refund.state == "done", Refund.created_at.desc()).limit(PAGE))).all()
    return [_refund(row) for row in rows]


async def owing(connection: AsyncConnection) -> list[Owing]:
    """Of cancelled and lapsed bookings; what is kept by the rules was posted as ours, so that nothing is owed for it."""
    going = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.booking_id == Booking.id, Refund.state == "asked")
        .scalar_subquery()
    )
    paid = exists().where(Payment.booking_id == Booking.id, Payment.refunded_cents < Payment.amount_cents)
    query = _with_booking(select(going.label("going")).select_from(Booking).where(Booking.status.in_(NOTHING_COOKED), paid))
    rows = (await connection.execute(query.order_by(Booking.changed_at.desc()).limit(PAGE))).all()
    stands = await ledger.statements(connection, [row.whose_id for row in rows])
    left = [(row, -stands[row.whose_id].balance_cents - int(row.going)) for row in rows]
    return [Owing(whose, cents) for row, cents in left if cents > 0 and (whose := _whose(row)) is not None]


async def waiting_counts(connection: AsyncConnection) -> tuple[int, int]:
    """Notices that wait for a person; refunds that do, with money that nobody gives back yet."""
    open_notices = select(func.count()).select_from(PaymentNotice).where(PaymentNotice.state.in_(WAITING))
    by_hand = (
        select(func.count())
        .select_from(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where((Refund.state == "failed") | (Refund.state == "asked") & (Payment.method != "card"))
    )
    counts = [int(await connection.scalar(query) or 0) for query in (open_notices, by_hand)]
    return counts[0], counts[1] + len(await owing(connection))


async def weeks(connection: AsyncConnection, zone: ZoneInfo, today: date, count: int = 12) -> list[Week]:
    """What came in the last weeks, this one with them; weeks and methods without money are left out."""
    monday = today - timedelta(days=today.weekday() + 7 * (count - 1))
    local = func.timezone(zone.key, Payment.received_at)
    begins = cast(func.date_trunc("week", local), Date)
    query = (
        select(begins.label("monday"), Payment.method, func.sum(Payment.amount_cents).label("cents"))
        .where(cast(local, Date) >= literal(monday))
        .group_by(begins, Payment.method)
        .order_by(begins, Payment.method)
    )
    return [Week(row.monday, row.method, int(row.cents)) for row in await connection.execute(query)]


async def booking_by_number(connection: AsyncConnection, number: int) -> UUID:
    """Raises NotFound."""
    found = await connection.scalar(select(Booking.id).where(Booking.number == number))
    if found is None:
        raise NotFound(f"There is no booking {number}.")
    return found


def _with_booking(query: Any, booking: Any = None) -> Any:
    """`booking`: the column that names it; None where the query is of bookings already."""
    whose = (
        Booking.id.label("whose_id"),
        Booking.number.label("whose_number"),
        Booking.conversation_id.label("whose_conversation"),
        func.coalesce(Booking.contact_name, Customer.name).label("whose_name"),
    )
    query = query.add_columns(*whose)
    if booking is not None:
        query = query.outerjoin(Booking, Booking.id == booking)
    return query.outerjoin(Customer, Customer.id == Booking.customer_id)


def _whose(row: Any) -> Whose | None:
    return None if row.whose_id is None else Whose(row.whose_id, row.whose_number, row.whose_name, row.whose_conversation)


def _payment(row: Any) -> PaymentLine:
    return PaymentLine(
        id=row.id,
        number=row.number,
        method=row.method,
        purpose=row.purpose,
        amount_cents=row.amount_cents,
        refunded_cents=row.refunded_cents,
        going_back_cents=int(row.going_back_cents),
        payer=row.payer,
        note=row.note,
        received_at=row.received_at,
        booking=_whose(row),
    )


def _notice(row: Any) -> NoticeLine:
    return NoticeLine(
        id=row.id,
        method=row.method,
        amount_cents=row.amount_cents,
        payer=row.payer,
        note=row.note,
        said=row.said,
        source=row.source,
        state=row.state,
        rule=row.rule,
        received_at=row.received_at,
        booking=_whose(row),
    )


def _refund(row: Any) -> RefundLine:
    return RefundLine(
        id=row.id,
        payment=row.payment,
        method=row.method,
        amount_cents=row.amount_cents,
        reason=row.reason,
        state=row.state,
        error=row.error,
        created_at=row.created_at,
        changed_at=row.changed_at,
        booking=_whose(row),
    )
