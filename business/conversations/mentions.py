"""Colleagues named in a note: kept until they have looked, so that a badge is true on every device of theirs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Writing
from kernel import outbox
from kernel.clock import rfc3339
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.jobs import NotifyMention
from kernel.tables.core import Staff
from kernel.tables.ops import Mention
from kernel.wire.server import Mentioned

SHOWN = 100


async def named(connection: AsyncConnection, staff: Sequence[UUID]) -> list[Mentioned]:
    """These colleagues by the names they have now. Raises NotFound where one does not work here."""
    rows = (await connection.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff), Staff.disabled_at.is_(None)))).all()
    names = {row.id: row.name for row in rows}
    if missing := [one for one in staff if one not in names]:
        raise NotFound(f"{len(missing)} of the mentioned no longer work here. Take them out of the note.")
    return [Mentioned(staff=one, name=names[one]) for one in dict.fromkeys(staff)]


async def keep(log: Writing, staff_seq: int, by: UUID, name: str, mentioned: Sequence[Mentioned]) -> tuple[UUID, ...]:
    """One row for each but oneself, and the effects that wake their devices."""
    others = [one for one in mentioned if one.staff != by]
    if not others:
        return ()
    effects = []
    for one in others:
        mention = new_id()
        row = {"id": mention, "conversation_id": log.id, "staff_seq": staff_seq, "staff_id": one.staff, "by_name": name}
        await log.connection.execute(insert(Mention).values(row))
        job = NotifyMention(mention=mention, staff=one.staff, conversation=log.id, by=name)
        effects.append(await outbox.enqueue(log.connection, job, key=f"notify_mention:{mention}"))
    return tuple(effects)


async def unseen(connection: AsyncConnection, staff: UUID) -> list[dict[str, Any]]:
    """Where this person is mentioned and has not looked, the newest first, in the shape of the wire."""
    newest = func.max(Mention.created_at)
    rows = await connection.execute(
        select(Mention.conversation_id, func.max(Mention.by_name).label("by"), newest.label("at"))
        .where(Mention.staff_id == staff, Mention.seen_at.is_(None))
        .group_by(Mention.conversation_id)
        .order_by(newest.desc())
        .limit(SHOWN)
    )
    return [{"conversation": str(row.conversation_id), "by": row.by, "at": rfc3339(row.at)} for row in rows]


async def saw(connection: AsyncConnection, staff: UUID, conversation: UUID) -> bool:
    """They have looked; False where that was known."""
    seen = await connection.execute(
        update(Mention)
        .where(Mention.staff_id == staff, Mention.conversation_id == conversation, Mention.seen_at.is_(None))
        .values(seen_at=func.clock_timestamp())
    )
    return seen.rowcount > 0


async def recent(connection: AsyncConnection) -> set[UUID]:
    """Whose mentions changed in the last half minute."""
    since = text("clock_timestamp() - interval '30 seconds'")
    rows = await connection.scalars(select(Mention.staff_id).where((Mention.created_at > since) | (Mention.seen_at > since)))
    return set(rows)
