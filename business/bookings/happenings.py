"""What happened to bookings on some days, the newest first: for whoever of the staff asks what changed. At most `SHOWN` rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.core import Customer
from kernel.tables.ops import Booking, BookingEvent

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a booking. `name` of who booked; `starts_at` as it is now."""

    booking: UUID
    number: int
    conversation: UUID
    kind: str
    by_kind: str
    by_name: str
    at: datetime
    starts_at: datetime
    name: str | None


@dataclass(frozen=True, slots=True)
class Happenings:
    """The newest of them, and how many there are."""

    shown: tuple[Happened, ...]
    total: int


async def between(connection: AsyncConnection, since: datetime, until: datetime) -> Happenings:
    """What happened from `since` on, and before `until`."""
    query = (
        select(
            BookingEvent,
            Booking.number,
            Booking.conversation_id,
            Booking.starts_at,
            func.coalesce(Booking.contact_name, Customer.name).label("name"),
            func.count().over().label("total"),
        )
        .join(Booking, Booking.id == BookingEvent.booking_id)
        .join(Customer, Customer.id == Booking.customer_id)
        .where(BookingEvent.at >= since, BookingEvent.at < until)
        .order_by(BookingEvent.at.desc(), BookingEvent.booking_id, BookingEvent.version.desc())
        .limit(SHOWN)
    )
    rows = (await connection.execute(query)).all()
    found = (Happened(r.booking_id, r.number, r.conversation_id, r.kind, r.by_kind, r.by_name, r.at, r.starts_at, r.name) for r in rows)
    return Happenings(tuple(found), rows[0].total if rows else 0)
