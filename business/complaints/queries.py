"""Reads of complaints for people: the list, and one with everything that was said, done and planned about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import contacts, reach
from kernel.errors import NotFound
from kernel.tables.ai import ChatEvent, ChatSession, StaffEvent
from kernel.tables.core import Customer, Staff
from kernel.tables.ops import Booking, Chef, Complaint, Coupon, FollowUp

SAID = 60
NOTES = 60
BOOKINGS = 20
SUMMARY = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list. `follow_up_at`: the next that is planned; `coupon`: the state of the newest one."""

    id: UUID
    conversation: UUID
    customer: str | None
    severity: str
    topic: str | None
    state: str
    summary: str
    created_at: datetime
    resolved_at: datetime | None
    follow_up_at: datetime | None
    coupon: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One complaint, whole. `said` and `notes` are payloads of the logs; rows of the others."""

    row: Any
    customer: str | None
    phone: str | None
    email: str | None
    resolved_by: str | None
    said: Sequence[Any]
    notes: Sequence[Any]
    bookings: Sequence[Any]
    follow_ups: Sequence[Any]
    coupons: Sequence[Any]


async def page(
    connection: AsyncConnection, *, state: str | None, severity: str | None, cursor: UUID | None, limit: int
) -> tuple[list[Listed], UUID | None]:
    """The newest first, and the cursor of the next page."""
    due = select(func.min(FollowUp.due_at)).where(FollowUp.complaint_id == Complaint.id, FollowUp.done_at.is_(None)).scalar_subquery()
    coupon = select(Coupon.state).where(Coupon.complaint_id == Complaint.id).order_by(Coupon.id.desc()).limit(1).scalar_subquery()
    query = (
        select(Complaint, Customer.name, ChatSession.phone, due.label("follow_up_at"), coupon.label("coupon"))
        .join(Customer, Customer.id == Complaint.customer_id)
        .join(ChatSession, ChatSession.id == Complaint.conversation_id)
        .order_by(Complaint.id.desc())
        .limit(limit + 1)
    )
    if state is not None:
        query = query.where(Complaint.state == state)
    if severity is not None:
        query = query.where(Complaint.severity == severity)
    if cursor is not None:
        query = query.where(Complaint.id < cursor)
    rows = (await connection.execute(query)).all()
    return [_listed(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many are open, by severity."""
    rows = await connection.execute(select(Complaint.severity, func.count()).where(Complaint.state == "open").group_by(Complaint.severity))
    return {severity: count for severity, count in rows}


async def record(connection: AsyncConnection, complaint: UUID) -> Record:
    """Raises NotFound."""
    query = (
        select(Complaint, Customer.name, ChatSession.phone, Staff.name.label("by"))
        .join(Customer, Customer.id == Complaint.customer_id)
        .join(ChatSession, ChatSession.id == Complaint.conversation_id)
        .outerjoin(Staff, Staff.id == Complaint.resolved_by)
        .where(Complaint.id == complaint)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such complaint.")
    return Record(
        row=row,
        customer=contacts.called(row.name, row.phone),
        phone=await reach.phone_of(connection, row.customer_id),
        email=await reach.email_of(connection, row.customer_id),
        resolved_by=row.by,
        said=await _said(connection, row.conversation_id),
        notes=await _notes(connection, row.conversation_id),
        bookings=await _bookings(connection, row.customer_id),
        follow_ups=await _follow_ups(connection, complaint),
        coupons=await _coupons(connection, complaint),
    )


def _listed(row: Any) -> Listed:
    return Listed(
        id=row.id,
        conversation=row.conversation_id,
        customer=contacts.called(row.name, row.phone),
        severity=row.severity,
        topic=row.topic,
        state=row.state,
        summary=row.summary[:SUMMARY],
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        follow_up_at=row.follow_up_at,
        coupon=row.coupon,
    )


async def _said(connection: AsyncConnection, conversation: UUID) -> Sequence[Any]:
    """The newest messages, in their order: `at`, and `message` as on the wire."""
    query = select(ChatEvent.at, ChatEvent.payload["message"].label("message")).where(
        ChatEvent.conversation_id == conversation, ChatEvent.kind == "message"
    )
    return (await connection.execute(query.order_by(ChatEvent.seq.desc()).limit(SAID))).all()[::-1]


async def _notes(connection: AsyncConnection, conversation: UUID) -> Sequence[Any]:
    query = select(StaffEvent.at, StaffEvent.payload).where(StaffEvent.conversation_id == conversation, StaffEvent.kind == "note")
    return (await connection.execute(query.order_by(StaffEvent.staff_seq.desc()).limit(NOTES))).all()[::-1]


async def _bookings(connection: AsyncConnection, customer: UUID) -> Sequence[Any]:
    query = (
        select(Booking.id, Booking.number, Booking.status, Booking.starts_at, Booking.guests, Booking.station, Chef.name.label("chef"))
        .outerjoin(Chef, Chef.number == Booking.chef_number)
        .where(Booking.customer_id == customer, Booking.status != "expired")
    )
    return (await connection.execute(query.order_by(Booking.starts_at.desc()).limit(BOOKINGS))).all()


async def _follow_ups(connection: AsyncConnection, complaint: UUID) -> Sequence[Any]:
    query = (
        select(FollowUp, Staff.name.label("by")).outerjoin(Staff, Staff.id == FollowUp.done_by).where(FollowUp.complaint_id == complaint)
    )
    return (await connection.execute(query.order_by(FollowUp.due_at, FollowUp.id))).all()


async def _coupons(connection: AsyncConnection, complaint: UUID) -> Sequence[Any]:
    query = (
        select(Coupon, Staff.name.label("by"), Booking.number.label("booking"))
        .outerjoin(Staff, Staff.id == Coupon.decided_by)
        .outerjoin(Booking, Booking.id == Coupon.booking_id)
        .where(Coupon.complaint_id == complaint)
    )
    return (await connection.execute(query.order_by(Coupon.id))).all()
