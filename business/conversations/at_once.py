"""The two transactions that a turn begins and ends with, where nothing else is going on: read by one statement, written by another that
does nothing where the conversation has changed in between. Two round trips, and nobody is locked while we think.

None means that something else is going on, or that something else is to be written: the way that holds the conversation's row
(receive.py, turns.py) does it, and says why where it does not.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import records, turns
from business.conversations.flushing import VERSION, TurnEnd
from business.conversations.log import Writing
from business.conversations.receive import Received, payload_hash, say_customers
from business.conversations.records import Recorded
from business.conversations.said import SAID, WORDLESS, Spoken, in_one
from business.conversations.turns import Ended, Runner
from business.conversations.whole import Whole, say_whole
from business.customers.visitors import Visitor
from kernel.ids import TurnId
from kernel.tables.ai import ChatMessage, ChatSession, Turn
from kernel.tables.core import Customer
from kernel.wire.base import MAX_REPLY

_UNANSWERED = exists(
    select(ChatMessage.id).where(
        ChatMessage.conversation_id == ChatSession.id, ChatMessage.seq > ChatSession.claimed_seq, ChatMessage.author_kind == "customer"
    )
)


async def receive_at_once(
    connection: AsyncConnection, visitor: Visitor, *, client_id: UUID, text: str, now: datetime, runner: Runner
) -> Received | None:
    """A customer's words, stored with the turn that answers them, which `runner` has; each statement commits by itself."""
    row = (await connection.execute(_FREE, {"conversation": visitor.conversation, "client": str(client_id)})).one_or_none()
    if row is None:
        return None
    log = Writing(connection, row)
    digest = payload_hash(visitor.conversation, text)
    message, seq = say_customers(log, row.customer, text, client_id, digest)
    claim = turns.begin(log, runner, Spoken("customer", text or WORDLESS, now, seq), in_one(row.said))
    announcement = await log.flush_unchanged(row.version)
    return Received(message, seq, False, announcement, claim) if announcement is not None else None


async def finish_at_once(
    connection: AsyncConnection,
    conversation: UUID,
    turn: TurnId,
    fence: int,
    reply: Whole,
    record: Recorded | None,
    summarise: int | None = None,
) -> Ended | None:
    """A whole reply, stored with the end of its turn; each statement commits by itself."""
    if (record is not None and record.candidates) or summarise is not None:
        return None
    row = (await connection.execute(_RUNNING, {"conversation": conversation, "turn": turn, "fence": fence})).one_or_none()
    if row is None:
        return None
    if row.channel != "web":
        return None  # its texts are written with it
    log = Writing(connection, row)
    outcome = say_whole(log, turn, row.answers, reply)
    if not row.waiting:
        log.change(waiting_since=None)
    if reply.said and record is not None:
        log.insert(records.row_of(log.id, turn, reply.said[:MAX_REPLY], record))
    announcement = await log.flush_unchanged(row.version, TurnEnd(turn, fence, outcome, len(reply.said)))
    return Ended(turn, len(reply.said), outcome, announcement, row.waiting) if announcement is not None else None


def _free() -> Select[Any]:
    """The conversation, where the AI has always owned it, this message is new and no other waits for an answer."""
    repeat = exists(
        select(ChatMessage.id).where(ChatMessage.conversation_id == ChatSession.id, ChatMessage.client_id == bindparam("client"))
    )
    is_open = or_(Turn.state == "running", Turn.state == "queued")
    busy = exists(select(Turn.id).where(Turn.conversation_id == ChatSession.id, is_open))
    name = select(Customer.name).where(Customer.id == ChatSession.customer_id).scalar_subquery()
    return select(ChatSession, VERSION, SAID.label("said"), name.label("customer")).where(
        ChatSession.id == bindparam("conversation"),
        ChatSession.owner == "ai",
        ChatSession.epoch == 0,
        ~or_(repeat, _UNANSWERED, busy),
    )


def _running() -> Select[Any]:
    """The conversation with its running turn, where this fence holds it and its end hands nobody over."""
    this = and_(Turn.id == bindparam("turn"), Turn.state == "running", Turn.fence == bindparam("fence"))
    return (
        select(ChatSession, VERSION, Turn.answers, _UNANSWERED.label("waiting"))
        .join(Turn, Turn.conversation_id == ChatSession.id)
        .where(
            ChatSession.id == bindparam("conversation"),
            ChatSession.owner == "ai",
            this,
            Turn.stop_requested.is_(False),
            Turn.hand_over.is_(None),
        )
    )


_FREE, _RUNNING = _free(), _running()
