"""The audit trail, read back: the newest first, a page at a time, all of it or what somebody asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.core import Audit, Staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. `before`: the entry that the page before ended with; `actor`: a colleague; `kind`: who else acts, or staff at large;
    `action`: `site.changed`, or `site` for all that is done to one; from `since` to just before `until`."""

    before: UUID | None = None
    subject: str | None = None
    actor: UUID | None = None
    kind: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = PAGE

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions, apart from where the page begins."""
        found: list[ColumnElement[bool]] = []
        if self.subject is not None:
            found.append(Audit.subject == self.subject)
        if self.actor is not None:
            found += [Audit.actor_kind == "staff", Audit.actor_id == str(self.actor)]
        if self.kind is not None:
            found.append(Audit.actor_kind == self.kind)
        if self.action is not None:
            whole = "." in self.action
            found.append(Audit.action == self.action if whole else Audit.action.startswith(f"{self.action}.", autoescape=True))
        if self.since is not None:
            found.append(Audit.at >= self.since)
        if self.until is not None:
            found.append(Audit.at < self.until)
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to what. `actor_name` and `subject_name` where that is somebody of the staff."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    action: str
    subject: str | None
    subject_name: str | None
    details: dict[str, Any]


async def page(connection: AsyncConnection, wanted: Wanted) -> tuple[tuple[Entry, ...], UUID | None]:
    """Entries, and where the next page begins."""
    query = select(Audit).where(*wanted.where()).order_by(Audit.id.desc()).limit(wanted.limit + 1)  # ids carry the time
    if wanted.before is not None:
        query = query.where(Audit.id < wanted.before)
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
            names.get(row.subject),
            row.details,
        )
        for row in rows[: wanted.limit]
    )
    return entries, entries[-1].id if len(rows) > wanted.limit else None
