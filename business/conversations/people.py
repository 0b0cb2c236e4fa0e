"""Reads of the people behind conversations: who waits for a person, whom a name or a number belongs to. At most `SHOWN` rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.searching import DIGITS_AT_LEAST, name_pattern
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation by its customer. `phone`: the number that they text from; `waiting_since`: the oldest message that nobody answered."""

    conversation: UUID
    customer: UUID
    name: str | None
    phone: str | None
    channel: str
    state: str
    owner: str
    owner_name: str | None
    waiting_since: datetime | None
    risk: str
    preview: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class FoundTalks:
    """The first of them, and how many there are."""

    shown: tuple[Talk, ...]
    total: int


_TALKS = select(ChatSession, Customer.name, func.count().over().label("total")).join(Customer, Customer.id == ChatSession.customer_id)


async def waiting(connection: AsyncConnection) -> FoundTalks:
    """Customers who wait for a person, in the queue or with one, the longest first."""
    query = _TALKS.where(ChatSession.state == "open", ChatSession.owner != "ai", ChatSession.waiting_since.is_not(None))
    return await _found(connection, query.order_by(ChatSession.waiting_since, ChatSession.id))


async def find(connection: AsyncConnection, text: str) -> FoundTalks:
    """Customers by a name, an e-mail address, or a piece of a phone number; who changed last comes first."""
    pattern, digits = name_pattern(text), "".join(filter(str.isdecimal, text))
    known: list[ColumnElement[bool]] = [Identity.value.ilike(pattern, escape="\\")] if "@" in text else []
    if len(digits) >= DIGITS_AT_LEAST:
        known.append(Identity.value.contains(digits, autoescape=True))
    ways: list[ColumnElement[bool]] = [Customer.name.ilike(pattern, escape="\\")]
    if known:
        contact = Identity.kind.in_(("email", "phone"))
        ways.append(exists().where(Identity.customer_id == Customer.id, contact, or_(*known)))
    if len(digits) >= DIGITS_AT_LEAST:
        ways.append(ChatSession.phone.contains(digits))
    return await _found(connection, _TALKS.where(or_(*ways)).order_by(ChatSession.changed_at.desc(), ChatSession.id))


async def one(connection: AsyncConnection, conversation: UUID) -> Talk | None:
    """This conversation; None where there is none."""
    row = (await connection.execute(_TALKS.where(ChatSession.id == conversation))).one_or_none()
    return None if row is None else _talk(row)


async def _found(connection: AsyncConnection, query: Any) -> FoundTalks:
    rows = (await connection.execute(query.limit(SHOWN))).all()
    return FoundTalks(tuple(map(_talk, rows)), rows[0].total if rows else 0)


def _talk(row: Any) -> Talk:
    return Talk(
        conversation=row.id,
        customer=row.customer_id,
        name=row.name,
        phone=row.phone,
        channel=row.channel,
        state=row.state,
        owner=row.owner,
        owner_name=row.owner_name,
        waiting_since=row.waiting_since,
        risk=row.risk,
        preview=row.preview,
        changed_at=row.changed_at,
    )
