"""A customer's words come in: one short transaction stores the message and queues a turn, whichever channel they came by."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, Writing, writing
from business.customers import visitors
from business.customers.visitors import Visitor
from business.uploads import records
from business.uploads.records import Sender
from kernel.errors import Busy, Conflict
from kernel.ids import MessageId, TurnId, new_id
from kernel.tables.ai import ChatMessage, ChatSession, Turn
from kernel.tables.core import Customer
from kernel.wire.server import Author

MOST_WAITING = 5


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `repeated`: it was stored before, and nothing was stored now."""

    message: MessageId
    seq: int
    repeated: bool
    announcement: Announcement | None


def payload_hash(author_id: UUID, text: str, attachments: tuple[UUID, ...] = ()) -> str:
    """Tells a repeated send (the same) from an id used again for something else."""
    return hashlib.sha256(orjson.dumps([str(author_id), text, [str(a) for a in attachments]])).hexdigest()


async def find_repeat(connection: AsyncConnection, conversation: UUID, client_id: UUID, digest: str) -> Received | None:
    """The message that this client id already names. Raises Conflict where it named something else."""
    row = (
        await connection.execute(
            select(ChatMessage.id, ChatMessage.seq, ChatMessage.payload_hash).where(
                ChatMessage.conversation_id == conversation, ChatMessage.client_id == str(client_id)
            )
        )
    ).one_or_none()
    if row is None:
        return None
    if row.payload_hash != digest:
        raise Conflict("This message id was already used for something else. Send it with a new id.")
    return Received(MessageId(row.id), row.seq, True, None)


async def receive(
    connection: AsyncConnection,
    visitor: Visitor,
    *,
    client_id: UUID,
    text: str,
    now: datetime,
    channel: str = "web",
    locale: str | None = None,
    attachments: tuple[UUID, ...] = (),
) -> Received:
    """Store a customer's message once and queue a turn where the AI owns. Raises Busy, Conflict. Safe to repeat."""
    if not visitor.stored:
        await settle(connection, visitor, now, channel, locale)
    async with writing(connection, visitor.conversation) as log:
        digest = payload_hash(visitor.conversation, text, attachments)
        if repeat := await find_repeat(connection, log.id, client_id, digest):
            return repeat
        owner = log.row.owner
        name, waiting = await _name_and_waiting(log)
        if owner == "ai" and waiting >= MOST_WAITING:
            raise Busy("One moment, please: we are still answering your last messages.", retry_after_ms=3000)
        files = await records.claim(connection, Sender(conversation=log.id), attachments)
        message, seq = log.say(
            Author(kind="customer", name=name or "Customer"),
            text,
            author_id=log.row.customer_id,
            client_id=client_id,
            payload_hash=digest,
            attachments=files,
        )
        await records.use(connection, files, log.id, message)
        log.change(unread=log.row.unread + 1, state="open")
        if log.row.waiting_since is None:
            log.change(waiting_since=func.clock_timestamp(), silence_alerted_at=None)
        if owner == "ai":
            await queue_turn(log)
    return Received(message, seq, False, log.announcement)


async def settle(connection: AsyncConnection, visitor: Visitor, now: datetime, channel: str, locale: str | None) -> None:
    """Make rows of a newcomer: customer, token, conversation. Safe to repeat and to race."""
    customer = await visitors.settle(connection, visitor, now)
    await connection.execute(
        insert(ChatSession)
        .values(
            id=visitor.conversation,
            history=visitor.history,
            site_id=visitor.site,
            customer_id=customer,
            channel=channel,
            locale=locale,
        )
        .on_conflict_do_nothing()
    )


async def queue_turn(log: Writing) -> None:
    """A reply is wanted; one waits at most."""
    await log.connection.execute(
        insert(Turn)
        .values(id=TurnId(new_id()), conversation_id=log.id, state="queued")
        .on_conflict_do_nothing(index_elements=["conversation_id"], index_where=text("state = 'queued'"))
    )


async def _name_and_waiting(log: Writing) -> tuple[str | None, int]:
    """The customer's name, and how many of their messages no turn has claimed yet; one statement, for a customer waits for it."""
    waiting = (
        select(func.count())
        .select_from(ChatMessage)
        .where(
            ChatMessage.conversation_id == log.id,
            ChatMessage.seq > log.row.claimed_seq,
            ChatMessage.author_kind == "customer",
        )
        .scalar_subquery()
    )
    row = (
        await log.connection.execute(select(waiting, select(Customer.name).where(Customer.id == log.row.customer_id).scalar_subquery()))
    ).one()
    return row[1], row[0]
