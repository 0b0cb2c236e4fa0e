"""What is kept of a provider's webhook: its secret and its token, made once, and how it stands."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ops import TextSubscription

SECRET_BYTES = 32
TOLD_EVERY = 10.0  # seconds: a gateway writes no more often that it was told something


async def ensure(connection: AsyncConnection, provider: str) -> Any:
    """Its row; made where there is none. What came before that moment is not ours to answer."""
    made = {"secret": secrets.token_urlsafe(SECRET_BYTES), "token": secrets.token_urlsafe(SECRET_BYTES)}
    await connection.execute(insert(TextSubscription).values(provider=provider, **made).on_conflict_do_nothing(index_elements=["provider"]))
    return await read(connection, provider)


async def read(connection: AsyncConnection, provider: str) -> Any | None:
    """Its row; None where no worker has looked after it yet."""
    return (await connection.execute(select(TextSubscription).where(TextSubscription.provider == provider))).one_or_none()


async def sender(connection: AsyncConnection, provider: str) -> str | None:
    """The first of our numbers that may send, E.164; None where the provider was not asked for them yet, or has none."""
    listed = await connection.scalar(select(TextSubscription.numbers).where(TextSubscription.provider == provider))
    return next((str(one["number"]) for one in listed or () if one.get("sends") and one.get("number")), None)


async def is_ours(connection: AsyncConnection, provider: str, number: str) -> bool:
    """Whether this number, E.164, is one that the provider has for us."""
    listed = await connection.scalar(select(TextSubscription.numbers).where(TextSubscription.provider == provider))
    return any(one.get("number") == number for one in listed or ())


async def change(connection: AsyncConnection, provider: str, *, only: ColumnElement[bool] | None = None, **values: Any) -> bool:
    """Set columns; `only`: where it holds still. False: it does not."""
    changing = update(TextSubscription).where(TextSubscription.provider == provider)
    if only is not None:
        changing = changing.where(only)
    changed = await connection.execute(changing.values(changed_at=func.clock_timestamp(), **values))
    return changed.rowcount == 1


async def claim(connection: AsyncConnection, provider: str, column: str, before: datetime, now: datetime) -> bool:
    """Whether this worker is the one that looks now: nobody has since `before`. `column`: checked_at or polled_at."""
    last = getattr(TextSubscription, column)
    return await change(connection, provider, only=or_(last.is_(None), last < before), **{column: now})
