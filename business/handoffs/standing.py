"""Reads of handoffs that are not settled, for people: which wait, which are overdue. At most `SHOWN` rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.handoffs.records import UNSETTLED
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer
from kernel.tables.ops import Handoff
from kernel.wire.base import HandoffKind

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """An open or claimed handoff, with its customer's name and the number that they text from. `overdue`: open, past its time, and of an
    urgency for which somebody waits."""

    id: UUID
    conversation: UUID
    kind: str
    state: str
    urgency: str
    summary: str
    name: str | None
    phone: str | None
    claimed_by: str | None
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class FoundHandoffs:
    """The first of them, and how many there are."""

    shown: tuple[Standing, ...]
    total: int


async def unsettled(
    connection: AsyncConnection,
    now: datetime,
    *,
    kind: HandoffKind | None = None,
    overdue: bool = False,
    conversation: UUID | None = None,
    but: Collection[UUID] = (),
) -> FoundHandoffs:
    """Whatever is due first comes first; `but` those. `overdue`: those alone; nobody waits for what has low urgency."""
    late = _late(now)
    query = _handoffs(now).where(Handoff.id.not_in(but))
    if kind is not None:
        query = query.where(Handoff.kind == kind)
    if overdue:
        query = query.where(late)
    if conversation is not None:
        query = query.where(Handoff.conversation_id == conversation)
    return await _found(connection, query)


async def unclaimed(connection: AsyncConnection, now: datetime, minutes: int, *, but: Collection[UUID] = ()) -> FoundHandoffs:
    """Open for so many minutes and not overdue yet: nobody has taken them."""
    waits = (Handoff.state == "open") & (Handoff.created_at <= now - timedelta(minutes=minutes)) & (Handoff.urgency != "low")
    return await _found(connection, _handoffs(now).where(waits, ~_late(now), Handoff.id.not_in(but)))


def _late(now: datetime) -> ColumnElement[bool]:
    return (Handoff.state == "open") & (Handoff.due_at < now) & (Handoff.urgency != "low")


def _handoffs(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(Handoff, Customer.name, ChatSession.phone, _late(now).label("late"), func.count().over().label("total"))
        .join(ChatSession, ChatSession.id == Handoff.conversation_id)
        .join(Customer, Customer.id == ChatSession.customer_id)
        .where(Handoff.state.in_(UNSETTLED))
    )


async def _found(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> FoundHandoffs:
    rows = (await connection.execute(query.order_by(Handoff.due_at, Handoff.id).limit(SHOWN))).all()
    return FoundHandoffs(tuple(map(_standing, rows)), rows[0].total if rows else 0)


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        conversation=row.conversation_id,
        kind=row.kind,
        state=row.state,
        urgency=row.urgency,
        summary=row.summary,
        name=row.name,
        phone=row.phone,
        claimed_by=row.claimed_name,
        due_at=row.due_at,
        overdue=row.late,
    )
