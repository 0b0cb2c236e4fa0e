"""Reads of e-mails for people: what went out and what came in, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.searching import name_pattern
from kernel.errors import NotFound
from kernel.tables.ops import Email, InboundEmail

_ROW = (
    Email.id, Email.kind, Email.to_address, Email.to_name, Email.locale, Email.subject, Email.state, Email.error, Email.marketing,
    Email.booking_id, Email.conversation_id, Email.send_at, Email.created_at, Email.sent_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the table, how many there are in each state, and where the next page begins."""

    rows: Sequence[Any]
    counts: dict[str, int]
    cursor: UUID | None


async def page(
    connection: AsyncConnection, *, state: str | None, kind: str | None, text: str | None, before: UUID | None, limit: int
) -> Page:
    """`text`: a piece of an address, a name or a subject."""
    query = select(*_ROW).order_by(Email.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(Email.state == state)
    if kind is not None:
        query = query.where(Email.kind == kind)
    if text and text.strip():
        pattern = name_pattern(text)
        named = (Email.to_address, Email.to_name, Email.subject)
        query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in named)))
    if before is not None:
        query = query.where(Email.id < before)
    rows = (await connection.execute(query)).all()
    counts = await connection.execute(select(Email.state, func.count()).group_by(Email.state))
    return Page(rows[:limit], {row[0]: row[1] for row in counts}, rows[limit - 1].id if len(rows) > limit else None)


async def one(connection: AsyncConnection, email: UUID) -> Any:
    """The whole mail. Raises NotFound."""
    row = (await connection.execute(select(Email).where(Email.id == email))).one_or_none()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return row


@dataclass(frozen=True, slots=True)
class Came:
    """A mail that came in, with the first words of it."""

    id: UUID
    from_address: str
    subject: str
    text: str
    outcome: str
    email: UUID | None
    conversation: UUID | None
    created_at: datetime


async def came(connection: AsyncConnection, before: UUID | None, limit: int) -> tuple[list[Came], UUID | None]:
    """The newest first, and where the next page begins."""
    query = select(InboundEmail).order_by(InboundEmail.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(InboundEmail.id < before)
    rows = (await connection.execute(query)).all()
    found = [
        Came(row.id, row.from_address, row.subject, row.text[:2000], row.outcome, row.email_id, row.conversation_id, row.created_at)
        for row in rows[:limit]
    ]
    return found, rows[limit - 1].id if len(rows) > limit else None
