"""Dead letters: rows of the outbox that were tried in vain to the end, for owners and admins to see and to send on their way again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit
from business.webhooks import deliveries
from kernel.database import WRITTEN
from kernel.errors import Conflict, NotFound
from kernel.jobs import JOBS, DeliverWebhook, Due
from kernel.tables.ops import Outbox

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What it was, and the kind of error it died of; nothing of what it says."""

    id: UUID
    kind: str
    error: str | None
    attempts: int
    created_at: datetime
    conversation: UUID | None


async def page(connection: AsyncConnection, before: UUID | None, limit: int) -> tuple[Sequence[DeadLetter], UUID | None]:
    """Dead letters, the newest first, from just before `before`; and where the next page begins."""
    rows = select(Outbox).where(Outbox.state == "dead").order_by(Outbox.id.desc()).limit(limit + 1)
    if before is not None:
        rows = rows.where(Outbox.id < before)
    found = (await connection.execute(rows)).all()
    return [_letter(row) for row in found[:limit]], found[limit - 1].id if len(found) > limit else None


async def count(connection: AsyncConnection) -> int:
    """How many there are."""
    return await connection.scalar(select(func.count()).select_from(Outbox).where(Outbox.state == "dead")) or 0


async def retry(connection: AsyncConnection, effect: UUID, staff: UUID) -> str:
    """Try it again, from the first attempt on. Returns its state: one that is on its way, or done, is left alone. Raises NotFound;
    Conflict where a webhook's endpoint is switched off."""
    row = (await connection.execute(select(Outbox).where(Outbox.id == effect).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such dead letter.")
    if row.state != "dead":
        return str(row.state)
    await _revive(connection, row)
    await audit.record(connection, "staff", staff, "dead_letter.retried", effect, {"kind": row.kind, "error": row.error})
    return "new"


async def retry_kind(connection: AsyncConnection, kind: str, staff: UUID) -> tuple[int, int]:
    """Try again all of a kind, at most `AT_ONCE`, the oldest first. Returns how many are on their way, and how many are still dead."""
    dead = (Outbox.state == "dead") & (Outbox.kind == kind)
    rows = (await connection.execute(select(Outbox).where(dead).order_by(Outbox.id).limit(AT_ONCE).with_for_update(skip_locked=True))).all()
    revived = 0
    for row in rows:
        try:
            await _revive(connection, row)
        except (NotFound, Conflict):
            continue  # of an endpoint that is gone or switched off: it stays where it is
        revived += 1
    if revived:
        await audit.record(connection, "staff", staff, "dead_letters.retried", None, {"kind": kind, "count": revived})
    left = await connection.scalar(select(func.count()).select_from(Outbox).where(dead)) or 0
    return revived, left


async def _revive(connection: AsyncConnection, row: Any) -> None:
    if row.kind == DeliverWebhook.kind:
        await deliveries.again(connection, UUID(row.payload["delivery"]))
        return
    revived = {"state": "new", "attempts": 0, "next_at": func.clock_timestamp(), "error": None}
    await connection.execute(update(Outbox).where(Outbox.id == row.id).values(revived))
    if (job := JOBS.get(row.kind)) is not None:
        connection.info.setdefault(WRITTEN, []).append(Due(row.id, job.queue))


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(row.id, row.kind, row.error, row.attempts, row.created_at, _conversation(row.payload))


def _conversation(payload: dict[str, Any]) -> UUID | None:
    """An effect that died because nobody could read it may hold anything."""
    try:
        return UUID(payload["conversation"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
