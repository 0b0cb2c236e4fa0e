"""The trail: who did what to what, written in the transaction of the deed, never changed."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.tables.core import Audit

ActorKind = Literal["staff", "customer", "system", "cli"]


async def record(
    connection: AsyncConnection,
    actor_kind: ActorKind,
    actor_id: UUID | str | None,
    action: str,
    subject: UUID | str | None = None,
    details: dict[str, Any] | None = None,
) -> UUID:
    """One row; returns its id. `action` is `noun.verb`, `subject` the id of what it was done to; `details` hold no secret and no text."""
    entry = new_id()
    await connection.execute(
        insert(Audit).values(
            id=entry,
            actor_kind=actor_kind,
            actor_id=None if actor_id is None else str(actor_id),
            action=action,
            subject=None if subject is None else str(subject),
            details=details or {},
        )
    )
    return entry
