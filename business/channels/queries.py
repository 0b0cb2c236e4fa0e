"""Reads of text messages for people: what went out, the newest first, and what it came to."""

from collections.abc import Mapping, Sequence
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

SUMMED, DAY, HOUR = timedelta(days=30), timedelta(days=1), timedelta(hours=1)
QUANTILES = (0.5, 0.99)


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


@dataclass(frozen=True, slots=True)
class Figures:
    """For whoever watches over an install: of a day, and now. `seconds`: from a text's moment until the provider had it, by quantile."""

    counts: Sequence[tuple[str, str, int]]
    segments: int
    due: int
    oldest_seconds: float
    unknown: int
    seconds: Mapping[str, float]


async def figures(connection: AsyncConnection) -> Figures:
    """How texts stand now."""
    lately = TextMessage.created_at > func.now() - DAY
    grouped = select(TextMessage.purpose, TextMessage.state, func.count()).where(lately).group_by(TextMessage.purpose, TextMessage.state)
    counted = [(row[0], row[1], row[2]) for row in await connection.execute(grouped)]
    segments = await connection.scalar(select(func.sum(TextMessage.segments)).where(lately, TextMessage.state.in_(WENT)))
    is_due = TextMessage.state == "waiting", TextMessage.send_at <= func.now()
    oldest = func.extract("epoch", func.now() - func.min(TextMessage.send_at))
    due, seconds = (await connection.execute(select(func.count(), oldest).where(*is_due))).one()
    unknown = await connection.scalar(select(func.count()).where(TextMessage.state == "unknown"))
    return Figures(counted, int(segments or 0), due, float(seconds or 0), unknown or 0, await _latency(connection))


async def _latency(connection: AsyncConnection) -> dict[str, float]:
    """Nothing where none went."""
    took = func.extract("epoch", TextMessage.sent_at - TextMessage.send_at)
    each = [func.percentile_cont(share).within_group(took) for share in QUANTILES]
    row = (
        await connection.execute(select(*each).where(TextMessage.sending_at > func.now() - HOUR, TextMessage.sent_at.is_not(None)))
    ).one()
    return {str(share): float(value) for share, value in zip(QUANTILES, row, strict=True) if value is not None}


async def sums(connection: AsyncConnection) -> Sum:
    """What texts came to of late."""
    went = TextMessage.state.in_(WENT), TextMessage.created_at > func.clock_timestamp() - SUMMED
    columns = func.count(), func.coalesce(func.sum(TextMessage.segments), 0), func.coalesce(func.sum(TextMessage.cost_microdollars), 0)
    count, segments, cost = (await connection.execute(select(*columns).where(*went))).one()
    return Sum(count, int(segments), int(cost))
