"""Reads of leads for people: whom nobody has looked after yet, the most promising first. At most `SHOWN` rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.leads.rules import Temperature, temperature
from business.leads.untouched import untouched as nobody_looks
from business.profile.schemas import Profile
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer
from kernel.tables.crm import Lead

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that waits for somebody since `since`. `phone`: the number that they text from. `failed`: why a booking came to nothing."""

    id: UUID
    conversation: UUID
    customer: UUID
    name: str | None
    phone: str | None
    source: str
    score: int
    temperature: Temperature
    facts: Mapping[str, Any]
    failed: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class FoundLeads:
    """The first of them, and how many there are."""

    shown: tuple[Waiting, ...]
    total: int


async def untouched(
    connection: AsyncConnection,
    profile: Profile,
    now: datetime,
    hours: int,
    wanted: Temperature | None = None,
    *,
    told: bool = False,
    but: Collection[UUID] = (),
) -> FoundLeads:
    """New leads of at least so many hours in whose conversation no person ever wrote, which hold no slot, and whose day is not over; `but`
    those. `told`: with those of which staff were told already, for the profile's time of theirs was over."""
    long = Lead.created_at <= now - timedelta(hours=hours)
    today = now.astimezone(profile.business.zone).date()
    query = (
        select(Lead, Customer.name, ChatSession.phone, func.count().over().label("total"))
        .join(Customer, Customer.id == Lead.customer_id)
        .join(ChatSession, ChatSession.id == Lead.conversation_id)
        .where(nobody_looks(today), Lead.id.not_in(but), *of_temperature(profile, wanted))
        .where(or_(long, Lead.alerted_at.is_not(None)) if told else long)
    )
    rows = (await connection.execute(query.order_by(Lead.score.desc(), Lead.created_at).limit(SHOWN))).all()
    return FoundLeads(tuple(_waiting(profile, row) for row in rows), rows[0].total if rows else 0)


def of_temperature(profile: Profile, wanted: Temperature | None) -> list[ColumnElement[bool]]:
    """What a lead's score must be."""
    rule = profile.leads.score
    match wanted:
        case "hot":
            return [Lead.score >= rule.hot_from]
        case "warm":
            return [Lead.score >= rule.warm_from, Lead.score < rule.hot_from]
        case "cold":
            return [Lead.score < rule.warm_from]
    return []


def _waiting(profile: Profile, row: Any) -> Waiting:
    return Waiting(
        id=row.id,
        conversation=row.conversation_id,
        customer=row.customer_id,
        name=row.name,
        phone=row.phone,
        source=row.source,
        score=row.score,
        temperature=temperature(profile, row.score),
        facts=row.facts,
        failed=row.failed,
        since=row.created_at,
    )
