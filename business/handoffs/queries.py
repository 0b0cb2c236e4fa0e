"""Reads of handoffs for the console."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.queries import fitting
from kernel.clock import rfc3339
from kernel.tables.ops import Handoff

PAGE = 50


def handoff_row(row: Any) -> dict[str, Any]:
    """A handoff in the shape of the wire; what nobody said of it is left out."""
    told = {"step": row.step or None, "facts": row.facts or None, "tried": row.tried, "suggested_reply": row.suggested_reply}
    return {
        "id": str(row.id),
        "rev": row.rev,
        "kind": row.kind,
        "state": row.state,
        "conversation": str(row.conversation_id),
        "summary": row.summary,
        "urgency": row.urgency,
        "due_at": rfc3339(row.due_at),
        "claimed_by": str(row.claimed_by) if row.claimed_by else None,
        **{key: value for key, value in told.items() if value is not None},
    }


async def rows_of(connection: AsyncConnection, handoffs: Sequence[UUID]) -> Sequence[Any]:
    """These handoffs."""
    return (await connection.execute(select(Handoff).where(Handoff.id.in_(handoffs)))).all()


async def recent(connection: AsyncConnection) -> Sequence[tuple[UUID, int]]:
    """`id, rev` of those that changed in the last half minute."""
    rows = await connection.execute(
        select(Handoff.id, Handoff.rev).where(Handoff.changed_at > text("clock_timestamp() - interval '30 seconds'"))
    )
    return [(row.id, row.rev) for row in rows]


async def page(connection: AsyncConnection, state: str | None, kind: str | None, offset: int) -> tuple[list[dict[str, Any]], int | None]:
    """Handoffs in the shape of the wire, the most overdue first, as many as a frame holds, and the next offset."""
    rows = select(Handoff).order_by(Handoff.due_at, Handoff.id).offset(offset).limit(PAGE + 1)
    if state:
        rows = rows.where(Handoff.state == state)
    if kind:
        rows = rows.where(Handoff.kind == kind)
    found = [handoff_row(row) for row in await connection.execute(rows)]
    kept = fitting(found[:PAGE])
    return kept, offset + len(kept) if len(found) > len(kept) else None
