"""What staff write in a conversation: words to the customer, notes, assignments; and what a customer thinks of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import mentions, queries
from business.conversations.flushing import CLOCK
from business.conversations.log import Announcement, Writing, database_now, writing
from business.conversations.receive import Received, find_repeat, payload_hash
from business.uploads import records
from business.uploads.records import Sender
from kernel import outbox
from kernel.errors import Conflict, NotAllowed, NotFound, Stale
from kernel.ids import ConversationId, CustomerId, new_id
from kernel.jobs import UnreadReply
from kernel.tables.ai import ChatSession, StaffEvent, TrainingSignal
from kernel.tables.core import Customer, Identity, Staff
from kernel.wire.server import Assigned, Author, NoteWritten


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as it is stored; the same one again announces nothing. `effects` wake those whom it mentions."""

    staff_seq: int
    announcement: Announcement | None = None
    effects: tuple[UUID, ...] = ()


THUMBS = {"up": Decimal("0.3"), "down": Decimal("-0.3")}


async def say(
    connection: AsyncConnection,
    conversation: UUID,
    staff: UUID,
    name: str,
    *,
    client_id: UUID,
    text: str,
    epoch: int,
    attachments: tuple[UUID, ...] = (),
    unread_after: timedelta | None = None,
) -> Received:
    """A person's words to the customer; where they have not read them `unread_after` it, they go by e-mail. Raises Stale, NotAllowed
    while the AI owns, Conflict. Safe to repeat."""
    async with writing(connection, conversation) as log:
        digest = payload_hash(staff, text, attachments)
        if repeat := await find_repeat(connection, log.id, client_id, digest):
            return repeat
        if epoch != log.row.epoch:
            raise Stale("This conversation has changed hands since you looked.", owner=log.row.owner, epoch=log.row.epoch)
        if log.row.owner == "ai":
            raise NotAllowed("The assistant is answering. Take over first, then write.")
        files = await records.claim(connection, Sender(staff=staff), attachments)
        message, seq = log.say(
            Author(kind="human", name=name), text, author_id=staff, client_id=client_id, payload_hash=digest, attachments=files
        )
        await records.use(connection, files, log.id, message)
        log.change(staff_spoke_at=CLOCK, waiting_since=None, silence_alerted_at=None, unread=0, staff_seen=seq)
        if unread_after is not None:
            look = UnreadReply(conversation=log.id, seq=seq)
            at = await database_now(connection) + unread_after
            await outbox.enqueue(connection, look, key=f"unread:{log.id}:{seq}", at=at)
    return Received(message, seq, False, log.announcement)


async def _repeated_staff_event(log: Writing, client_id: UUID, kind: str) -> int | None:
    row = (
        await log.connection.execute(
            select(StaffEvent.staff_seq, StaffEvent.kind).where(
                StaffEvent.conversation_id == log.id, StaffEvent.client_id == str(client_id)
            )
        )
    ).one_or_none()
    if row is not None and row.kind != kind:
        raise Conflict("This id was already used for something else. Send it with a new id.")
    return row.staff_seq if row else None


async def note(
    connection: AsyncConnection,
    conversation: UUID,
    staff: UUID,
    name: str,
    *,
    client_id: UUID,
    text: str,
    attachments: tuple[UUID, ...] = (),
    mentioned: tuple[UUID, ...] = (),
) -> Noted:
    """Something for staff alone. Safe to repeat. Raises NotFound where somebody who is mentioned does not work here."""
    async with writing(connection, conversation) as log:
        if (repeat := await _repeated_staff_event(log, client_id, "note")) is not None:
            return Noted(repeat)
        files = await records.claim(connection, Sender(staff=staff), attachments)
        named = await mentions.named(connection, mentioned) if mentioned else []
        author = Author(kind="human", name=name)
        written = NoteWritten(id=client_id, author=author, text=text, attachments=files or None, mentions=named or None)
        seq = log.add_staff(written, client_id)
        await records.use(connection, files, log.id, None)
        effects = await mentions.keep(log, seq, staff, name, named)
    return Noted(seq, log.announcement, effects)


async def assign(
    connection: AsyncConnection, conversation: UUID, name: str, *, client_id: UUID, assignee: UUID | None
) -> tuple[int, Announcement | None]:
    """Whose conversation it is. Raises NotFound for unknown staff. Safe to repeat."""
    async with writing(connection, conversation) as log:
        if (repeat := await _repeated_staff_event(log, client_id, "assigned")) is not None:
            return repeat, None
        whom = None
        if assignee is not None:
            whom = await connection.scalar(select(Staff.name).where(Staff.id == assignee, Staff.disabled_at.is_(None)))
            if whom is None:
                raise NotFound("There is no such colleague.")
        seq = log.add_staff(Assigned(staff=assignee, name=whom, by=Author(kind="human", name=name)), client_id)
        log.change(assignee_id=assignee)
    return seq, log.announcement


async def customer_saw(connection: AsyncConnection, conversation: UUID, seq: int) -> bool:
    """Remember how far the customer has read; False where that was known."""
    moved = await connection.execute(
        update(ChatSession)
        .where(ChatSession.id == conversation, ChatSession.customer_seen < seq, ChatSession.last_seq >= seq)
        .values(customer_seen=seq)
    )
    return moved.rowcount == 1


async def staff_saw(connection: AsyncConnection, conversation: UUID, seq: int) -> bool:
    """Remember how far staff have read, and what is left unread; False where that was known."""
    unread = await queries.unread_after(connection, conversation, seq)
    moved = await connection.execute(
        update(ChatSession)
        .where(ChatSession.id == conversation, ChatSession.staff_seen < seq, ChatSession.last_seq >= seq)
        .values(staff_seen=seq, unread=unread, rev=ChatSession.rev + 1, changed_at=func.clock_timestamp())
    )
    return moved.rowcount == 1


async def thumb(
    connection: AsyncConnection,
    conversation: ConversationId,
    customer: CustomerId,
    message: UUID,
    value: str,
    comment: str | None,
) -> None:
    """A thumb on one of the AI's answers in this conversation; the last one counts. Raises NotFound."""
    found = await queries.belongs(connection, message, conversation)
    if found is None or found.author_kind != "ai":
        raise NotFound("There is no such answer in this conversation.")
    weight = THUMBS[value]
    await connection.execute(
        insert(TrainingSignal)
        .values(
            id=new_id(),
            conversation_id=conversation,
            message_id=message,
            kind="thumb",
            value=weight,
            comment=comment,
            author_kind="customer",
            author_id=customer,
        )
        .on_conflict_do_update(
            index_elements=["message_id", "kind", "author_kind", "author_id"],
            set_={"value": weight, "comment": comment, "changed_at": func.clock_timestamp()},
        )
    )


async def customer_card(connection: AsyncConnection, customer: UUID) -> dict[str, Any]:
    """What is known of a customer, for the console."""
    row = (await connection.execute(select(Customer).where(Customer.id == customer))).one()
    identities: Sequence[Any] = (
        await connection.execute(
            select(Identity.kind, Identity.value, Identity.verified).where(Identity.customer_id == customer).order_by(Identity.created_at)
        )
    ).all()
    # Who was joined to them may have given the same: it is told once.
    known: dict[tuple[str, str], bool] = {}
    for one in identities:
        known[one.kind, one.value] = known.get((one.kind, one.value), False) or one.verified
    return {
        "id": str(row.id),
        "name": row.name,
        "locale": row.locale,
        "identities": [{"kind": kind, "value": value, "verified": verified} for (kind, value), verified in known.items()],
    }
