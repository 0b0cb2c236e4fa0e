"""The outbox: effects written with their cause, handled once. PostgreSQL is the truth; arq only wakes a worker sooner.

A row goes new -> working -> done, or back to new after a failure with a growing delay, or dead after the last attempt. A worker
holds a row under a lease with an id of its own; a handler that outlives its lease is refused when it settles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import WRITTEN
from kernel.ids import new_id
from kernel.jobs import JOBS, Due, Job
from kernel.tables.ops import Outbox

LEASE_SECONDS = 20
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Effect:
    """A row that this worker holds."""

    id: UUID
    lease: UUID
    key: str
    attempts: int
    job: Job


async def enqueue(connection: AsyncConnection, job: Job, *, key: str, at: datetime | ColumnElement[datetime] | None = None) -> UUID:
    """Write the effect in the transaction of its cause; the same key again is the same effect. `at`: not before that moment, by
    PostgreSQL's clock. Returns its id; who carries it out is woken after the commit (`Database.on_written`)."""
    effect = new_id()
    later = {} if at is None else {"next_at": at}
    inserted = await connection.scalar(
        insert(Outbox)
        .values(id=effect, key=key, kind=job.kind, payload=job.model_dump(mode="json"), **later)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Outbox.id)
    )
    if inserted is not None:
        if at is None:
            connection.info.setdefault(WRITTEN, []).append(Due(effect, job.queue))
        return effect
    existing = await connection.scalar(select(Outbox.id).where(Outbox.key == key))
    assert existing is not None
    return existing


async def enqueue_all(connection: AsyncConnection, effects: Sequence[tuple[Job, str, datetime | None]]) -> None:
    """Several at once: `(job, key, at)` each, as `enqueue` takes them; nobody is woken for them."""
    if not effects:
        return
    rows = [
        {"id": new_id(), "key": key, "kind": job.kind, "payload": job.model_dump(mode="json"), "next_at": at or func.clock_timestamp()}
        for job, key, at in effects
    ]
    await connection.execute(insert(Outbox).values(rows).on_conflict_do_nothing(index_elements=["key"]))


def is_due(*kinds: str) -> ColumnElement[bool]:
    """Rows of these kinds that nobody works on and whose time has come."""
    return Outbox.kind.in_(kinds) & (
        (Outbox.state == "new") & (Outbox.next_at <= func.clock_timestamp())
        | (Outbox.state == "working") & (Outbox.lease_until < func.clock_timestamp())
    )


async def claim_due(
    connection: AsyncConnection,
    kinds: Iterable[str],
    limit: int = 10,
    only: UUID | None = None,
    among: ColumnElement[bool] | None = None,
    lease_seconds: int = LEASE_SECONDS,
) -> list[Effect]:
    """Hold rows that are due, or whose worker's lease ran out, of the kinds that the caller carries out (`among` narrows them).
    Commit before working on them."""
    due = (
        select(Outbox.id)
        .where(is_due(*kinds), true() if among is None else among)
        .order_by(Outbox.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if only is not None:
        due = due.where(Outbox.id == only)
    rows = await connection.execute(
        update(Outbox)
        .where(Outbox.id.in_(due))
        .values(
            state="working",
            attempts=Outbox.attempts + 1,
            lease_id=new_id(),
            lease_until=text(f"clock_timestamp() + interval '{int(lease_seconds)} seconds'"),
        )
        .returning(Outbox.id, Outbox.lease_id, Outbox.key, Outbox.kind, Outbox.payload, Outbox.attempts, Outbox.next_at)
    )
    held = []
    # An update answers in any order; what happened first is told first.
    for row in sorted(rows.all(), key=lambda row: (row.next_at, row.id)):
        try:
            job = JOBS[row.kind].model_validate(row.payload)
        except ValidationError:
            # Nobody will ever read it; it must not keep the others from being held.
            buried = {"state": "dead", "error": "InvalidPayload", "lease_until": None}
            await connection.execute(update(Outbox).where(Outbox.id == row.id).values(buried))
            continue
        held.append(Effect(row.id, row.lease_id, row.key, row.attempts, job))
    return held


async def settle_done(connection: AsyncConnection, effect: Effect) -> bool:
    """In the transaction of the effect itself. False: another worker holds it now; roll back."""
    return await _settle(connection, effect, {"state": "done", "done_at": func.clock_timestamp(), "error": None})


async def settle_failed(connection: AsyncConnection, effect: Effect, error: str) -> bool:
    """Put it back with a delay of 1, 4, 16 ... seconds (at most an hour), or bury it. Returns True where it is dead now."""
    dead = effect.attempts >= ATTEMPTS
    if dead:
        await settle_dead(connection, effect, error)
    else:
        await settle_later(connection, effect, error, min(4 ** (effect.attempts - 1), 3600))
    return dead


async def settle_later(connection: AsyncConnection, effect: Effect, error: str, seconds: float) -> bool:
    """Put it back for `seconds`. False: another worker holds it now; roll back."""
    next_at = func.clock_timestamp() + timedelta(seconds=seconds)
    return await _settle(connection, effect, {"state": "new", "error": error, "next_at": next_at})


async def settle_dead(connection: AsyncConnection, effect: Effect, error: str) -> bool:
    """Bury it. False: another worker holds it now; roll back."""
    return await _settle(connection, effect, {"state": "dead", "error": error})


async def renew(connection: AsyncConnection, effect: Effect, seconds: int) -> bool:
    """Hold it for `seconds` from now. False: another worker holds it."""
    renewed = await connection.execute(
        update(Outbox)
        .where(Outbox.id == effect.id, Outbox.lease_id == effect.lease, Outbox.state == "working")
        .values(lease_until=func.clock_timestamp() + timedelta(seconds=seconds))
    )
    return renewed.rowcount == 1


async def _settle(connection: AsyncConnection, effect: Effect, values: dict[str, Any]) -> bool:
    settled = await connection.execute(
        update(Outbox)
        .where(Outbox.id == effect.id, Outbox.lease_id == effect.lease, Outbox.state == "working")
        .values(lease_until=None, **values)
    )
    return settled.rowcount == 1
