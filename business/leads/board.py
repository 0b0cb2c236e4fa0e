"""Reads for the board: columns by how leads stand, the most promising first in each; and one lead with everything that is known of it.

How somebody is reached is for owners, admins, and whose lead it is: to others a lead says that it can be reached, not how, and is not found
by it either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent
from business.customers import contacts
from business.leads.queries import of_temperature
from business.leads.rules import SETTLED, STATUSES, Status, Temperature, temperature
from business.profile.schemas import Profile
from kernel.errors import BadRequest, NotFound
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity, Staff
from kernel.tables.crm import Lead, LeadEvent
from kernel.tables.ops import Booking
from kernel.wire.base import Channel

HISTORY = 100
BOOKINGS = 10
Way = Literal["phone", "email"]
WAYS: tuple[Way, ...] = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `chief`: an owner or an admin."""

    staff: UUID
    chief: bool

    def may_reach(self, assignee: UUID | None) -> bool:
        return self.chief or assignee == self.staff


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads; None: whichever. `text` stands in a name, a fact, a phone number or an address."""

    temperature: Temperature | None = None
    source: str | None = None
    assignee: UUID | Literal["nobody"] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A lead on the board. `row` is the lead's; `customer`: as the inbox calls them, where the viewer may see how they are reached;
    `reached_by`: the kinds of contacts that are known."""

    row: Any
    temperature: Temperature
    customer: str | None
    channel: Channel
    assignee: str | None
    reached_by: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`count` of all; `cursor`: where the next page begins, None on the last."""

    status: Status
    count: int
    cards: tuple[Card, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One lead, whole. `contacts` are None where the viewer may not see them. `consent` to text messages: None where nobody was asked."""

    card: Card
    contacts: Sequence[Any] | None
    consent: bool | None
    history: Sequence[Any]
    bookings: Sequence[Any]


async def columns(
    connection: AsyncConnection,
    profile: Profile,
    viewer: Viewer,
    wanted: Wanted,
    limit: int,
    only: Status | None = None,
    cursor: str | None = None,
) -> tuple[Column, ...]:
    """All of them, or `only` one, from its `cursor` on. Raises BadRequest for a cursor that is none."""
    where = _where(profile, viewer, wanted)
    tally = select(Lead.status, func.count()).join(Customer, Customer.id == Lead.customer_id).where(*where).group_by(Lead.status)
    counts: dict[str, int] = {status: count for status, count in await connection.execute(tally)}
    found = []
    for status in STATUSES if only is None else (only,):
        rows = await _page(connection, status, where, limit, cursor) if counts.get(status) else []
        after = _cursor(status, rows[limit - 1]) if len(rows) > limit else None
        found.append(Column(status, counts.get(status, 0), tuple(_card(profile, viewer, row) for row in rows[:limit]), after))
    return tuple(found)


async def record(connection: AsyncConnection, profile: Profile, viewer: Viewer, lead: UUID) -> Record:
    """Raises NotFound."""
    row = (await connection.execute(_CARDS.where(Lead.id == lead))).one_or_none()
    if row is None:
        raise NotFound("There is no such lead.")
    agreed = await consent.of_customer(connection, row.customer_id)
    return Record(
        card=_card(profile, viewer, row),
        contacts=await _contacts(connection, row.customer_id) if viewer.may_reach(row.assignee_id) else None,
        consent=agreed["sms"]["granted"] if agreed else None,
        history=await _history(connection, lead),
        bookings=await _bookings(connection, row.conversation_id),
    )


_REACHED_BY = (
    select(func.string_agg(Identity.kind.distinct(), ","))
    .where(Identity.customer_id == Lead.customer_id, Identity.kind.in_(WAYS))
    .scalar_subquery()
)
_CARDS = (
    select(
        Lead,
        Customer.name.label("customer"),
        ChatSession.channel,
        ChatSession.phone,
        Staff.name.label("assignee"),
        _REACHED_BY.label("reached_by"),
    )
    .join(Customer, Customer.id == Lead.customer_id)
    .join(ChatSession, ChatSession.id == Lead.conversation_id)
    .outerjoin(Staff, Staff.id == Lead.assignee_id)
)


async def _page(
    connection: AsyncConnection, status: Status, where: list[ColumnElement[bool]], limit: int, cursor: str | None
) -> Sequence[Any]:
    """The most promising first; of those that are settled the newest. One more than `limit` where there are more."""
    place = Lead.status_since if status in SETTLED else Lead.score
    query = _CARDS.where(Lead.status == status, *where).order_by(place.desc(), Lead.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(place, Lead.id) < tuple_(*_place(status, cursor)))
    return (await connection.execute(query)).all()


def _where(profile: Profile, viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = of_temperature(profile, wanted.temperature)
    if wanted.source is not None:
        found.append(Lead.source == wanted.source)
    if wanted.assignee == "nobody":
        found.append(Lead.assignee_id.is_(None))
    elif wanted.assignee is not None:
        found.append(Lead.assignee_id == wanted.assignee)
    if wanted.text:
        reached = Identity.value.icontains(wanted.text, autoescape=True)
        contact = exists().where(Identity.customer_id == Lead.customer_id, Identity.kind.in_(WAYS), reached)
        if not viewer.chief:
            contact = contact.where(Lead.assignee_id == viewer.staff)
        told = [Lead.facts[name].astext.icontains(wanted.text, autoescape=True) for name in ("place", "address", "occasion", "date")]
        found.append(or_(Customer.name.icontains(wanted.text, autoescape=True), *told, contact))
    return found


def _card(profile: Profile, viewer: Viewer, row: Any) -> Card:
    known = (row.reached_by or "").split(",")
    reached = tuple(way for way in WAYS if way in known)
    customer = contacts.called(row.customer, row.phone if viewer.may_reach(row.assignee_id) else None)
    return Card(row, temperature(profile, row.score), customer, row.channel, row.assignee, reached)


def _cursor(status: Status, row: Any) -> str:
    place = row.status_since.isoformat() if status in SETTLED else str(row.score)
    return f"{place}_{row.id}"


def _place(status: Status, cursor: str) -> tuple[datetime | int, UUID]:
    try:
        place, _, id = cursor.partition("_")
        return datetime.fromisoformat(place) if status in SETTLED else int(place), UUID(id)
    except ValueError:
        raise BadRequest("This cursor is none of ours. Ask for the column without it.") from None


async def _contacts(connection: AsyncConnection, customer: UUID) -> Sequence[Any]:
    """`kind, value, verified`, the verified ones first."""
    query = select(Identity.kind, Identity.value, Identity.verified).where(Identity.customer_id == customer, Identity.kind.in_(WAYS))
    return (await connection.execute(query.order_by(Identity.verified.desc(), Identity.kind.desc(), Identity.created_at))).all()


async def _history(connection: AsyncConnection, lead: UUID) -> Sequence[Any]:
    """The newest first: `id, kind, payload, at`, and `by` whom, None for the system."""
    query = select(LeadEvent, Staff.name.label("by")).outerjoin(Staff, Staff.id == LeadEvent.staff_id).where(LeadEvent.lead_id == lead)
    return (await connection.execute(query.order_by(LeadEvent.at.desc(), LeadEvent.id.desc()).limit(HISTORY))).all()


async def _bookings(connection: AsyncConnection, conversation: UUID) -> Sequence[Any]:
    query = select(Booking.id, Booking.number, Booking.status, Booking.starts_at, Booking.guests)
    query = query.where(Booking.conversation_id == conversation, Booking.status != "expired").order_by(Booking.number.desc())
    return (await connection.execute(query.limit(BOOKINGS))).all()
