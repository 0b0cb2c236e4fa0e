"""Reads of text messages for people: what went out, the newest first, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.gate import WENT
from business.channels.states import counts
from kernel.errors import NotFound
from kernel.tables.ops import TextMessage

SUMMED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sum:
    """Of the last 30 days, of what went or may have gone."""

    texts: int
    segments: int
    microdollars: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the table, how many there are in each state, and where the next page begins."""

    rows: Sequence[Any]
    counts: dict[str, int]
    cursor: UUID | None


async def page(
    connection: AsyncConnection, *, state: str | None, purpose: str | None, number: str | None, before: UUID | None, limit: int
) -> Page:
    """`number`: digits of the number that it went to, its last ones or all."""
    query = select(TextMessage).order_by(TextMessage.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(TextMessage.state == state)
    if purpose is not None:
        query = query.where(TextMessage.purpose == purpose)
    if digits := "".join(filter(str.isdecimal, number or "")):
        query = query.where(TextMessage.to_number.endswith(digits, autoescape=True))
    if before is not None:
        query = query.where(TextMessage.id < before)
    rows = (await connection.execute(query)).all()
    return Page(rows[:limit], await counts(connection), rows[limit - 1].id if len(rows) > limit else None)


async def one(connection: AsyncConnection, text: UUID) -> Any:
    """Its row. Raises NotFound."""
    row = (await connection.execute(select(TextMessage).where(TextMessage.id == text))).one_or_none()
    if row is None:
        raise NotFound("There is no such text message.")
    return row


async def sums(connection: AsyncConnection) -> Sum:
    """What texts came to of late."""
    went = TextMessage.state.in_(WENT), TextMessage.created_at > func.clock_timestamp() - SUMMED
    columns = func.count(), func.coalesce(func.sum(TextMessage.segments), 0), func.coalesce(func.sum(TextMessage.cost_microdollars), 0)
    count, segments, cost = (await connection.execute(select(*columns).where(*went))).one()
    return Sum(count, int(segments), int(cost))
