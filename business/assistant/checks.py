"""Whether a step of a guide is done, read from the data. Each answers True or False, or None where nothing can be known of it: there is no
such complaint, booking or payment, or no conversation was named."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.settings import HOUSE
from kernel.tables.ai import ChatSession, EnsembleVersion, StaffEvent, Usage
from kernel.tables.core import Staff
from kernel.tables.ops import Booking, BookingEvent, Complaint, Coupon, FollowUp, Handoff, Payment, Refund

Check = Callable[[AsyncConnection, UUID | None], Awaitable[bool | None]]


def _newest_complaint(conversation: UUID) -> ScalarSelect[UUID]:
    query = select(Complaint.id).where(Complaint.conversation_id == conversation).order_by(Complaint.created_at.desc()).limit(1)
    return query.scalar_subquery()


def _of_conversation(done: Callable[[UUID], ColumnElement[bool]], known: Callable[[UUID], ColumnElement[bool]]) -> Check:
    """`known`: whether there is anything in the conversation of which it can be said."""

    async def check(connection: AsyncConnection, conversation: UUID | None) -> bool | None:
        if conversation is None:
            return None
        row = (await connection.execute(select(known(conversation).label("known"), done(conversation).label("done")))).one()
        return bool(row.done) if row.known else None

    return check


def _of_business(query: Select[int]) -> Check:
    async def check(connection: AsyncConnection, conversation: UUID | None) -> bool | None:
        return bool(await connection.scalar(query))

    return check


def _complained(conversation: UUID) -> ColumnElement[bool]:
    return exists().where(Complaint.conversation_id == conversation)


def _booked(conversation: UUID) -> ColumnElement[bool]:
    return exists().where(Booking.conversation_id == conversation)


def _paid(conversation: UUID) -> ColumnElement[bool]:
    return exists().where(Payment.booking_id == Booking.id, Booking.conversation_id == conversation)


def _talks(conversation: UUID) -> ColumnElement[bool]:
    return exists().where(ChatSession.id == conversation)


def _happened(*kinds: str) -> Callable[[UUID], ColumnElement[bool]]:
    return lambda talk: exists().where(BookingEvent.booking_id == Booking.id, Booking.conversation_id == talk, BookingEvent.kind.in_(kinds))


def _of_complaint(where: ColumnElement[bool]) -> Callable[[UUID], ColumnElement[bool]]:
    return lambda talk: exists().where(Complaint.id == _newest_complaint(talk), where)


CHECKS: dict[str, Check] = {
    "complaint_claimed": _of_conversation(
        lambda talk: ~exists().where(Handoff.conversation_id == talk, Handoff.kind == "complaint", Handoff.state == "open"), _complained
    ),
    "conversation_taken": _of_conversation(lambda talk: exists().where(ChatSession.id == talk, ChatSession.owner == "human"), _talks),
    "note_written": _of_conversation(
        lambda talk: exists().where(StaffEvent.conversation_id == talk, StaffEvent.kind == "note", StaffEvent.client_id.is_not(None)),
        _talks,
    ),
    "follow_up_planned": _of_conversation(lambda talk: exists().where(FollowUp.complaint_id == _newest_complaint(talk)), _complained),
    "coupon_decided": _of_conversation(
        lambda talk: exists().where(Coupon.complaint_id == _newest_complaint(talk), Coupon.state.in_(("approved", "used", "rejected"))),
        _complained,
    ),
    "complaint_settled": _of_conversation(_of_complaint(Complaint.state == "resolved"), _complained),
    "booking_stands": _of_conversation(
        lambda talk: exists().where(
            Booking.conversation_id == talk, Booking.status.in_(("held", "deposit_pending", "confirmed", "in_progress"))
        ),
        _booked,
    ),
    "booking_moved": _of_conversation(_happened("rescheduled", "moved"), _booked),
    "no_show_marked": _of_conversation(lambda talk: exists().where(Booking.conversation_id == talk, Booking.status == "no_show"), _booked),
    "cancellation_asked": _of_conversation(_happened("cancellation_requested"), _booked),
    "cancellation_decided": _of_conversation(_happened("cancelled", "cancellation_rejected"), _booked),
    "refund_asked": _of_conversation(
        lambda talk: exists().where(Refund.payment_id == Payment.id, Payment.booking_id == Booking.id, Booking.conversation_id == talk),
        _paid,
    ),
    "refund_done": _of_conversation(
        lambda talk: exists().where(
            Refund.payment_id == Payment.id, Payment.booking_id == Booking.id, Booking.conversation_id == talk, Refund.state == "done"
        ),
        _paid,
    ),
    "colleague_there": _of_business(select(func.count()).select_from(Staff).where(Staff.disabled_at.is_(None)).having(func.count() > 1)),
    "policy_saved": _of_business(select(func.count()).select_from(EnsembleVersion)),
    "model_answered": _of_business(
        select(func.count()).select_from(Usage).where(Usage.model != HOUSE, Usage.outcome == "complete", Usage.role == "answer")
    ),
}
