"""Reads of a customer's own bookings, for whoever answers them in a conversation."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ScalarSelect, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.diary import LAPSED
from business.bookings.requests import BookingView, view
from business.bookings.rules import OCCUPYING
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking

AT_MOST = 5


async def standing(connection: AsyncConnection, conversation: UUID) -> tuple[BookingView, ...]:
    """What the customer of a conversation holds or has booked, what was held in this conversation first, the newest before others."""
    here = case((Booking.conversation_id == conversation, 0), else_=1)
    query = select(Booking).where(Booking.customer_id == _customer(conversation), Booking.status.in_(OCCUPYING), ~LAPSED)
    rows = await connection.execute(query.order_by(here, Booking.number.desc()).limit(AT_MOST))
    return tuple(view(row) for row in rows)


async def last_ended(connection: AsyncConnection, conversation: UUID) -> BookingView | None:
    """The newest of the customer's, where none stands any more; holds that were moved to another slot are none."""
    moved = Booking.ended == "moved"
    query = select(Booking).where(Booking.customer_id == _customer(conversation), moved.is_not(True))
    row = (await connection.execute(query.order_by(Booking.number.desc()).limit(1))).one_or_none()
    if row is None:
        return None
    # A hold that is over, which nobody has written so yet.
    return replace(view(row), status="expired") if row.status in OCCUPYING else view(row)


def _customer(conversation: UUID) -> ScalarSelect[UUID]:
    return select(ChatSession.customer_id).where(ChatSession.id == conversation).scalar_subquery()
