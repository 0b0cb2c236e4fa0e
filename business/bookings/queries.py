"""Reads of bookings for people: parties of some days, those whose deposit is missing, those that some words name. At most `SHOWN` rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.diary import LAPSED
from business.bookings.rules import OCCUPYING
from business.conversations.searching import name_pattern
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, Chef, Quote

SHOWN = 20
DIGITS_AT_LEAST = 4
_UNPAID = ("held", "deposit_pending")


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking with what people want to know beside it. `name` of who booked, `chef` by name; amounts in cents, of its quote, None
    where none was told; `unpaid`: its deposit is not there yet."""

    id: UUID
    number: int
    conversation: UUID
    status: str
    day: date
    starts_at: datetime
    guests: int
    party: Mapping[str, int]
    address: str
    chef: str | None
    name: str | None
    phone: str | None
    email: str | None
    hold_until: datetime | None
    deposit_until: datetime | None
    total_cents: int | None
    deposit_cents: int | None
    balance_cents: int | None

    @property
    def unpaid(self) -> bool:
        return self.status in _UNPAID


@dataclass(frozen=True, slots=True)
class FoundBookings:
    """The first of them, and how many there are."""

    shown: tuple[Booked, ...]
    total: int


async def on_days(connection: AsyncConnection, first: date, last: date) -> FoundBookings:
    """What stands on these days at the venue, in the order of the starts; holds that are over and what was given back left out."""
    standing = (Booking.status.in_((*OCCUPYING, "completed", "no_show")), ~LAPSED)
    return await _found(connection, _PARTIES.where(Booking.day.between(first, last), *standing))


async def find(
    connection: AsyncConnection,
    *,
    first: date | None = None,
    last: date | None = None,
    status: str | None = None,
    text: str | None = None,
) -> FoundBookings:
    """Bookings in any state. `text`: a name, a piece of a phone number, an e-mail address, an address, or the booking's number."""
    where: list[ColumnElement[bool]] = []
    if first is not None:
        where.append(Booking.day >= first)
    if last is not None:
        where.append(Booking.day <= last)
    if status is not None:
        where.append(and_(Booking.status == status, ~LAPSED))
    if text and text.strip():
        where.append(_named(text))
    return await _found(connection, _PARTIES.where(*where))


async def unpaid_before(connection: AsyncConnection, now: datetime, hours: int, *, but: Collection[UUID] = ()) -> FoundBookings:
    """Parties that begin within so many hours, and whose deposit is not there; `but` those."""
    soon = Booking.starts_at.between(now, now + timedelta(hours=hours))
    return await _found(connection, _PARTIES.where(Booking.status.in_(_UNPAID), ~LAPSED, soon, Booking.id.not_in(but)))


async def of_conversation(connection: AsyncConnection, conversation: UUID) -> FoundBookings:
    """Everything that the conversation held or booked, the newest first."""
    return await _found(connection, _PARTIES.where(Booking.conversation_id == conversation), newest=True)


_PARTIES = (
    select(
        Booking,
        func.coalesce(Booking.contact_name, Customer.name).label("name"),
        Chef.name.label("chef"),
        Quote.total_cents,
        Quote.deposit_cents,
        Quote.balance_cents,
        func.count().over().label("total"),
    )
    .join(Customer, Customer.id == Booking.customer_id)
    .outerjoin(Chef, Chef.number == Booking.chef_number)
    .outerjoin(Quote, Quote.id == Booking.quote_id)
)


def _named(text: str) -> ColumnElement[bool]:
    pattern, digits = name_pattern(text), "".join(filter(str.isdecimal, text))
    ways: list[ColumnElement[bool]] = [
        func.coalesce(Booking.contact_name, Customer.name).ilike(pattern, escape="\\"),
        Booking.contact_email.ilike(pattern, escape="\\"),
        Booking.address.ilike(pattern, escape="\\"),
    ]
    if len(digits) >= DIGITS_AT_LEAST:
        ways.append(Booking.contact_phone.contains(digits, autoescape=True))
    if text.strip().lstrip("#").isdecimal() and 0 < len(digits) < 10:
        ways.append(Booking.number == int(digits))
    return or_(*ways)


async def _found(connection: AsyncConnection, query: Any, *, newest: bool = False) -> FoundBookings:
    order = (Booking.number.desc(),) if newest else (Booking.starts_at, Booking.number)
    rows = (await connection.execute(query.order_by(*order).limit(SHOWN))).all()
    return FoundBookings(tuple(map(_booked, rows)), rows[0].total if rows else 0)


def _booked(row: Any) -> Booked:
    return Booked(
        id=row.id,
        number=row.number,
        conversation=row.conversation_id,
        status=row.status,
        day=row.day,
        starts_at=row.starts_at,
        guests=row.guests,
        party=row.party,
        address=row.address,
        chef=row.chef,
        name=row.name,
        phone=row.contact_phone,
        email=row.contact_email,
        hold_until=row.hold_until,
        deposit_until=row.deposit_until,
        total_cents=row.total_cents,
        deposit_cents=row.deposit_cents,
        balance_cents=row.balance_cents,
    )
