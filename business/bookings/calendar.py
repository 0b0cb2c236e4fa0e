"""Reads for the calendar: what stands on some days, one booking with its history, and what a chef's feed and a customer's page show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import diary
from business.bookings.diary import LAPSED
from business.bookings.moving import question_of
from business.bookings.requests import BookingView
from business.bookings.rules import OCCUPYING
from business.profile.schemas import Profile
from kernel.errors import NotFound
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, BookingEvent, Chef

DAYS_AT_MOST = 62
PAST = ("completed", "no_show")
_NAME = func.coalesce(Booking.contact_name, Customer.name)


@dataclass(frozen=True, slots=True)
class Entry:
    """A party in the calendar. `name` of who booked; `chef` by number; `kept`: without a deposit, by somebody of the staff."""

    id: UUID
    number: int
    conversation: UUID
    status: str
    station: str
    day: date
    slot: time
    lane: int
    starts_at: datetime
    ends_at: datetime
    guests: int
    name: str | None
    chef: int | None
    kept: bool
    version: int


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a booking's history."""

    at: datetime
    kind: str
    by_kind: str
    by_name: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DayFree:
    """The starts of a day that a customer may move to."""

    day: date
    times: tuple[time, ...]


async def between(connection: AsyncConnection, first: date, last: date) -> tuple[Entry, ...]:
    """What stands on these days at the venue or stood there, in the order of the starts; holds that are over left out."""
    standing = (Booking.status.in_((*OCCUPYING, *PAST)), ~LAPSED)
    query = (
        select(Booking, _NAME.label("name"))
        .join(Customer, Customer.id == Booking.customer_id)
        .where(Booking.day.between(first, last), *standing)
        .order_by(Booking.starts_at, Booking.lane, Booking.number)
    )
    return tuple(entry(row) for row in await connection.execute(query))


async def one(connection: AsyncConnection, booking: UUID) -> Any:
    """The row of a booking, with `name`, `chef_name` and the `locale` of its conversation. Raises NotFound."""
    query = (
        select(Booking, _NAME.label("name"), Chef.name.label("chef_name"), ChatSession.locale)
        .join(Customer, Customer.id == Booking.customer_id)
        .join(ChatSession, ChatSession.id == Booking.conversation_id)
        .outerjoin(Chef, Chef.number == Booking.chef_number)
        .where(Booking.id == booking)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such booking.")
    return row


async def history(connection: AsyncConnection, booking: UUID) -> tuple[Happening, ...]:
    """What happened to it, the newest first."""
    query = select(BookingEvent).where(BookingEvent.booking_id == booking).order_by(BookingEvent.version.desc())
    rows = await connection.execute(query)
    return tuple(Happening(row.at, row.kind, row.by_kind, row.by_name, row.details) for row in rows)


async def of_chef(connection: AsyncConnection, chef: int, since: datetime) -> Sequence[Any]:
    """Rows of a chef's parties that end after `since`, also of those that were booked and then called off; with `name`."""
    booked = or_(Booking.status.in_((*OCCUPYING, *PAST)), and_(Booking.status == "cancelled", Booking.confirmed_at.is_not(None)))
    query = (
        select(Booking, _NAME.label("name"))
        .join(Customer, Customer.id == Booking.customer_id)
        .where(Booking.chef_number == chef, Booking.ends_at > since, booked, ~LAPSED)
        .order_by(Booking.starts_at, Booking.number)
    )
    return (await connection.execute(query)).all()


async def free_days(
    connection: AsyncConnection, profile: Profile, booking: BookingView, first: date, now: datetime, days: int
) -> tuple[DayFree, ...]:
    """The days from `first` on, of so many, to which it could move, with the starts that are free; its own start is none of them."""
    question = await question_of(connection, profile, booking, now)
    shown = [first + timedelta(days=n) for n in range(days)]
    there = await diary.read(
        connection, booking.station, {day + timedelta(days=n) for day in shown for n in (-1, 0, 1)}, without=booking.id
    )
    found = []
    for day in shown:
        slots = [there.slot(profile, question, day, slot) for slot in sorted(profile.slots.times)]
        times = tuple(slot.at for slot in slots if slot.free and slot.starts_at != booking.starts_at)
        if times:
            found.append(DayFree(day, times))
    return tuple(found)


def first_day(profile: Profile, now: datetime) -> date:
    """The first day at the venue on which anything may be booked."""
    soonest = now + timedelta(hours=profile.slots.ahead_at_least_hours)
    return soonest.astimezone(profile.business.zone).date()


def last_day(profile: Profile, now: datetime) -> date:
    return now.astimezone(profile.business.zone).date() + timedelta(days=profile.slots.ahead_at_most_days)


def entry(row: Any) -> Entry:
    """A row of `ops.booking` with `name`."""
    return Entry(
        id=row.id,
        number=row.number,
        conversation=row.conversation_id,
        status=row.status,
        station=row.station,
        day=row.day,
        slot=row.slot,
        lane=row.lane,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        guests=row.guests,
        name=row.name,
        chef=row.chef_number,
        kept=row.kept,
        version=row.version,
    )
