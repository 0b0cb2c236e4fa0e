"""A customer's words come in: one short transaction stores the message and queues a turn, whichever channel they came by."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, bindparam, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from business.conversations import turns
from business.conversations.flushing import CLOCK
from business.conversations.log import Announcement, Writing, writing
from business.conversations.said import WORDLESS, Spoken
from business.conversations.turns import Claim, Runner
from business.customers import visitors
from business.customers.details import keep_written
from business.customers.visitors import Visitor
from business.uploads import records
from business.uploads.records import Sender
from kernel.errors import Busy, Conflict
from kernel.ids import MessageId, TurnId, new_id
from kernel.tables.ai import ChatMessage, ChatSession, Turn
from kernel.tables.core import Customer
from kernel.wire.server import Attachment, Author

MOST_WAITING = 5


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `repeated`: it was stored before, and nothing was stored now. `claim`: the turn that answers it,
    where the caller offered to run it and nothing else was going on."""

    message: MessageId
    seq: int
    repeated: bool
    announcement: Announcement | None
    claim: Claim | None = None


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
    return None if row is None else _repeated(row, digest)


def _repeated(row: Any, digest: str) -> Received:
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
    runner: Runner | None = None,
    home_phone: str | None = None,
    answered: bool = True,
) -> Received:
    """Store a customer's message once and queue a turn where the AI owns; where nothing else is going on, `runner` has it at once.
    While no turn reads it, an address to be reached at is kept from it where none was known (`home_phone`: the business's own, None
    where nothing is read). `answered`: False where the AI is not to answer it by itself. From now on the customer is answered by
    `channel`. Raises Busy, of the web alone: a text was sent, and is not taken back; Conflict. Safe to repeat."""
    if not visitor.stored:
        await settle(connection, visitor, now, channel, locale)
    async with writing(connection, visitor.conversation) as log:
        digest = payload_hash(visitor.conversation, text, attachments)
        known = (await connection.execute(_KNOWN, {"conversation": log.id, "client": str(client_id)})).one()
        if known.id is not None:
            return _repeated(known, digest)
        owner = log.row.owner
        if owner == "ai" and known.waiting >= MOST_WAITING and channel == "web":
            raise Busy("One moment, please: we are still answering your last messages.", retry_after_ms=3000)
        files = await records.claim(connection, Sender(conversation=log.id), attachments)
        message, seq = say_customers(log, known.name, text, client_id, digest, files, channel, answered=answered)
        await records.use(connection, files, log.id, message)
        claim = None
        if not answered:
            pass
        elif owner == "ai" and runner is not None and not known.waiting and not known.busy:
            claim = await turns.start(log, runner, Spoken("customer", text or WORDLESS, now, seq))
        elif owner == "ai":
            await queue_turn(log)
        elif home_phone is not None:
            await keep_written(log, text, home_phone)
    return Received(message, seq, False, log.announcement, claim)


def say_customers(
    log: Writing,
    name: str | None,
    text: str,
    client_id: UUID,
    digest: str,
    files: Sequence[Attachment] = (),
    channel: str = "web",
    *,
    answered: bool = True,
) -> tuple[MessageId, int]:
    """Log what the customer said, who waits for an answer from now on (if they are to have one), the way that they came by; returns its
    id and `seq`."""
    log.change(unread=log.row.unread + 1, state="open")
    if log.row.channel != channel:
        log.change(channel=channel)
    if log.row.waiting_since is None and answered:
        log.change(waiting_since=CLOCK, silence_alerted_at=None)
    return log.say(
        Author(kind="customer", name=name or "Customer"),
        text,
        author_id=log.row.customer_id,
        client_id=client_id,
        payload_hash=digest,
        attachments=files,
        by_text=channel == "sms",
    )


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


def _known() -> Any:
    """What must be known before a message is stored, in one statement, for a customer waits for it: a message with this client id, the
    customer's name, how many messages no turn has claimed yet, and whether a turn runs or waits."""
    repeat = aliased(ChatMessage)
    waiting = select(func.count()).where(
        ChatMessage.conversation_id == ChatSession.id,
        ChatMessage.seq > ChatSession.claimed_seq,
        ChatMessage.author_kind == "customer",
    )
    return (
        select(
            repeat.id,
            repeat.seq,
            repeat.payload_hash,
            select(Customer.name).where(Customer.id == ChatSession.customer_id).scalar_subquery().label("name"),
            waiting.correlate(ChatSession).scalar_subquery().label("waiting"),
            exists(select(Turn.id).where(Turn.conversation_id == ChatSession.id, Turn.state.in_(("running", "queued")))).label("busy"),
        )
        .select_from(ChatSession)
        .outerjoin(repeat, and_(repeat.conversation_id == ChatSession.id, repeat.client_id == bindparam("client")))
        .where(ChatSession.id == bindparam("conversation"))
    )


_KNOWN = _known()
