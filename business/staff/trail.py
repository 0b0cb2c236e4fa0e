"""The audit trail, read back: the newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.core import Audit, Staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to what. `actor_name` where the actor is of the staff."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    action: str
    subject: str | None
    details: dict[str, Any]


async def page(connection: AsyncConnection, before: UUID | None, subject: str | None) -> tuple[tuple[Entry, ...], UUID | None]:
    """Entries older than `before`, of one subject or all, and where the next page begins."""
    query = select(Audit).order_by(Audit.id.desc()).limit(PAGE + 1)  # ids carry the time
    if before is not None:
        query = query.where(Audit.id < before)
    if subject is not None:
        query = query.where(Audit.subject == subject)
    rows = (await connection.execute(query)).all()
    names = {str(row.id): row.name for row in await connection.execute(select(Staff.id, Staff.name))}
    entries = tuple(
        Entry(
            row.id,
            row.at,
            row.actor_kind,
            row.actor_id,
            names.get(row.actor_id) if row.actor_kind == "staff" else None,
            row.action,
            row.subject,
            row.details,
        )
        for row in rows[:PAGE]
    )
    return entries, entries[-1].id if len(rows) > PAGE else None
