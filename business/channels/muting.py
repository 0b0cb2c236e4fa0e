"""A number that was taken for a machine (loops.py): whether it is answered again by now, and a colleague who says that it is to be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import loops
from business.conversations.flushing import CLOCK
from business.conversations.log import Writing, writing
from business.conversations.receive import queue_turn
from business.handoffs.ownership import Actor, Moved
from business.staff import audit
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.ops import TextNumber
from kernel.wire.server import Unmuted


@dataclass(frozen=True, slots=True)
class Muted:
    """Nothing is answered there by itself until then. `why`: what it was taken for a machine by, as loops.py names it."""

    until: datetime
    why: str


async def muted(connection: AsyncConnection, conversation: UUID, now: datetime) -> Muted | None:
    """Of the number that texts in this conversation."""
    query = select(TextNumber.muted_until, TextNumber.mute_reason).join(ChatSession, ChatSession.phone == TextNumber.number)
    row: Any = (await connection.execute(query.where(ChatSession.id == conversation, TextNumber.muted_until > now))).one_or_none()
    return None if row is None else Muted(row.muted_until, row.mute_reason or "")


async def lift(connection: AsyncConnection, conversation: UUID, actor: Actor, now: datetime) -> Moved | None:
    """The assistant answers there again, at once where something waits for an answer. None where it does already: safe to repeat and to
    race. Raises NotFound."""
    # Who takes a text of this number holds the conversation's row before they look whether it is muted: it is before this, or after.
    async with writing(connection, conversation) as log:
        number = log.row.phone
        if number is None or (why := await loops.unmute(connection, number, now)) is None:
            return None
        log.add_staff(Unmuted(by=actor.author))
        answer = log.row.owner == "ai" and await _answer_what_waits(log)
        await audit.record(connection, "staff", actor.id, "conversation.unmute", conversation, {"why": why})
    return Moved(log.row.epoch, log.announcement, answer=answer)


async def _answer_what_waits(log: Writing) -> bool:
    """What came while nothing was answered has no turn yet."""
    here = (ChatMessage.conversation_id == log.id, ChatMessage.seq > log.row.claimed_seq, ChatMessage.author_kind == "customer")
    if await log.connection.scalar(select(ChatMessage.id).where(*here).limit(1)) is None:
        return False
    if log.row.waiting_since is None:
        log.change(waiting_since=CLOCK, silence_alerted_at=None)
    await queue_turn(log)
    return True
