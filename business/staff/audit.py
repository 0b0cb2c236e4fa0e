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
) -> None:
    """One row. `action` is `noun.verb`, `subject` the id of what it was done to; `details` hold no secret and no text."""
    await connection.execute(
        insert(Audit).values(
            id=new_id(),
            actor_kind=actor_kind,
            actor_id=None if actor_id is None else str(actor_id),
            action=action,
            subject=None if subject is None else str(subject),
            details=details or {},
        )
    )
