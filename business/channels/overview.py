"""The text channel for whoever runs it: the provider's subscription, our numbers, what waits in either direction. Reads alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ops import InboundText, TextMessage, TextSubscription

RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Flow:
    """`announced`: texts that came in and are still to be fetched, `oldest_at` the first of them. `out`: how many of the last 24 hours
    are in which state, by the state's name; what waits counts whenever it was written."""

    announced: int
    oldest_at: datetime | None
    last_in: datetime | None
    last_out: datetime | None
    taken: int
    out: Mapping[str, int]


async def subscription(connection: AsyncConnection, provider: str) -> RowMapping | None:
    """How this provider tells us of texts; None: it was never asked to. Never the path's secret or the token."""
    table = TextSubscription
    wanted = (
        table.state,
        table.expires_at,
        table.checked_at,
        table.told_at,
        table.read_until,
        table.polled_at,
        table.error,
        table.numbers,
    )
    return (await connection.execute(select(*wanted).where(table.provider == provider))).mappings().one_or_none()


async def flow(connection: AsyncConnection, now: datetime) -> Flow:
    """What came and went of late."""
    waits = InboundText.state == "announced"
    waiting = select(func.count(), func.min(InboundText.created_at)).where(waits)
    announced, oldest_at = (await connection.execute(waiting)).one()
    last_in = await connection.scalar(select(func.max(InboundText.created_at)))
    recent = InboundText.created_at >= now - RECENT
    taken = await connection.scalar(select(func.count()).select_from(InboundText).where(recent, InboundText.state == "taken"))
    last_out = await connection.scalar(select(func.max(TextMessage.sent_at)))
    return Flow(announced, oldest_at, last_in, last_out, taken or 0, await _out(connection, now))


async def _out(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    recent = (TextMessage.created_at >= now - RECENT) | TextMessage.state.in_(("waiting", "sending", "unknown", "held"))
    counted = select(TextMessage.state, func.count()).where(recent).group_by(TextMessage.state)
    return {state: count for state, count in await connection.execute(counted)}


def numbers(stored: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    """Our numbers as they were read from the provider; what is no number of that shape is left out."""
    return tuple(one for one in stored if isinstance(one, dict) and isinstance(one.get("number"), str))
