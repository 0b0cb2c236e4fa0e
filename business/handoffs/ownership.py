"""Who speaks: the verbs that move a conversation between the AI, the queue and a person.

Each is one transaction under the conversation's row: owner, epoch, event, handoff, audit and outbox together. Cutting the reply
that was being written is the caller's next step (`Moved.cut` says whether there is one).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import leases
from business.conversations.log import Announcement, Writing, database_now, writing
from business.conversations.receive import queue_turn
from business.handoffs import records
from business.staff import audit, rotation
from kernel import outbox
from kernel.errors import Conflict, NotAllowed, Stale
from kernel.ids import HandoffId, StaffId
from kernel.jobs import NotifyStaff
from kernel.tables.ai import ChatMessage
from kernel.wire.base import HandoffState, Owner
from kernel.wire.server import Assigned, Author, Closed, NoteWritten, OwnerChanged, Reopened

HUMAN_SILENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Actor:
    """The member of staff who acts."""

    id: StaffId
    name: str

    @property
    def author(self) -> Author:
        return Author(kind="human", name=self.name)


@dataclass(frozen=True, slots=True)
class Cut:
    """The reply that was in progress when the owner changed, and where its cut is decided."""

    turn: UUID
    home: str
    runner: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the conversation."""

    epoch: int
    announcement: Announcement
    cut: Cut | None = None
    handoff: HandoffId | None = None
    answer: bool = False  # a turn was queued
    effects: tuple[UUID, ...] = ()


async def _own(log: Writing, owner: Owner, by: Author, *, staff: Actor | None = None, minutes: int | None = None) -> int:
    """Set the owner and count the epoch. Nothing happens where it is so already."""
    epoch = log.get("epoch") + 1
    log.change(
        owner=owner,
        owner_staff_id=staff.id if staff else None,
        owner_name=staff.name if staff else None,
        owner_since=await database_now(log.connection),
        epoch=epoch,
        staff_spoke_at=None,
        silence_alerted_at=None,
    )
    log.add(OwnerChanged(owner=owner, epoch=epoch, by=by, expected_minutes=minutes))
    return int(epoch)


async def _cut(log: Writing) -> Cut | None:
    running = await leases.running_turn(log.connection, log.id)
    return Cut(running.id, running.fence_home, running.runner) if running else None


def _require_epoch(log: Writing, epoch: int | None) -> None:
    if epoch is not None and epoch != log.row.epoch:
        raise Stale("This conversation has changed hands since you looked.", owner=log.row.owner, epoch=log.row.epoch)


async def take(connection: AsyncConnection, conversation: UUID, actor: Actor, *, epoch: int | None = None, force: bool = False) -> Moved:
    """The conversation is the actor's: from the AI or the queue without a word, from a colleague only by force."""
    async with writing(connection, conversation) as log:
        row = log.row
        if row.owner == "human" and row.owner_staff_id == actor.id:
            _require_epoch(log, epoch)
            return Moved(row.epoch, log.announcement)
        if row.owner == "human" and not force:
            raise Conflict(f"{row.owner_name} is talking with this customer.", owner=row.owner, epoch=row.epoch)
        _require_epoch(log, epoch)
        cut = await _cut(log)
        moved = await _own(log, "human", actor.author, staff=actor)
        log.change(assignee_id=actor.id, state="open")
        handoff = await records.unsettled(connection, conversation, "human")
        if handoff is not None and handoff.claimed_by != actor.id:
            await records.change(log, handoff, "claimed", actor.author, staff=actor.id)
        await _audit(connection, actor, "conversation.take", log, force=force)
    return Moved(moved, log.announcement, cut, HandoffId(handoff.id) if handoff else None)


async def give_back(connection: AsyncConnection, conversation: UUID, actor: Actor, *, epoch: int, note: str | None) -> Moved:
    """The AI answers again; where the customer had the last word, at once."""
    async with writing(connection, conversation) as log:
        _require_epoch(log, epoch)
        if log.row.owner == "ai":
            raise NotAllowed("The assistant is answering already.")
        if note:
            log.add_staff(NoteWritten(id=conversation, author=actor.author, text=note))
        moved = await _own(log, "ai", actor.author)
        handoff = await _settle_human(log, "resolved", actor.author, note)
        answer = await _answer_last_word(log)
        await _audit(connection, actor, "conversation.give_back", log)
    return Moved(moved, log.announcement, handoff=handoff, answer=answer)


async def _settle_human(log: Writing, state: HandoffState, by: Author, note: str | None = None) -> HandoffId | None:
    handoff = await records.unsettled(log.connection, log.id, "human")
    if handoff is None:
        return None
    await records.change(log, handoff, state, by, note=note)
    return HandoffId(handoff.id)


async def _answer_last_word(log: Writing) -> bool:
    """Queue a turn where the last thing said is the customer's."""
    last = (
        await log.connection.execute(
            select(ChatMessage.author_kind, ChatMessage.seq)
            .where(ChatMessage.conversation_id == log.id, ChatMessage.author_kind != "system")
            .order_by(ChatMessage.seq.desc())
            .limit(1)
        )
    ).one_or_none()
    if last is None or last.author_kind != "customer":
        log.change(claimed_seq=log.seq)  # what was said to people waits for nobody
        return False
    spoken = await log.connection.scalar(
        select(ChatMessage.seq)
        .where(
            ChatMessage.conversation_id == log.id,
            ChatMessage.author_kind.in_(("ai", "human")),
        )
        .order_by(ChatMessage.seq.desc())
        .limit(1)
    )
    # What was said while nobody answered is what the turn answers, even if an earlier turn had claimed it.
    log.change(claimed_seq=spoken or 0)
    await queue_turn(log)
    return True


async def ask_for_human(
    connection: AsyncConnection,
    conversation: UUID,
    *,
    reason: str | None,
    due_at: datetime,
    minutes: int | None,
    line: str,
    summary: str,
    business: str,
) -> Moved:
    """The customer wants a person. Asking again returns the same handoff; while a person owns, nothing changes hands.

    `line` is what the customer reads (the expected wait in it), `summary` what the staff reads, `due_at` when it is overdue.
    """
    async with writing(connection, conversation) as log:
        customer = Author(kind="customer", name="Customer")
        existing = await records.unsettled(connection, conversation, "human")
        if existing is not None:
            handoff = HandoffId(existing.id)
        else:
            handoff = await records.open_handoff(
                log,
                kind="human",
                urgency="normal",
                summary=summary,
                due_at=due_at,
                by=customer,
                facts={"reason": reason} if reason else {},
            )
        if log.row.owner != "ai":
            return Moved(log.row.epoch, log.announcement, handoff=handoff)
        cut = await _cut(log)
        log.change(state="open")
        if log.row.waiting_since is None:
            log.change(waiting_since=await database_now(connection))
        moved = await _own(log, "queue", customer, minutes=minutes)
        log.say(Author(kind="system", name=business), line)
        turn = await rotation.take_turn(connection)
        if turn is not None:
            log.change(assignee_id=turn.staff)
            log.add_staff(Assigned(staff=turn.staff, name=turn.name, by=Author(kind="system", name="Turns")))
        effect = await outbox.enqueue(
            connection,
            NotifyStaff(handoff=handoff, conversation=conversation, reason="handoff", staff=turn.staff if turn else None),
            key=f"notify_staff:{handoff}:{moved}",
        )
    return Moved(moved, log.announcement, cut, handoff, effects=(effect,))


async def back_to_assistant(connection: AsyncConnection, conversation: UUID) -> Moved:
    """The customer wants the AI again: from the queue at any time, from a person after 15 minutes of silence."""
    async with writing(connection, conversation) as log:
        row, customer = log.row, Author(kind="customer", name="Customer")
        if row.owner == "ai":
            return Moved(row.epoch, log.announcement)
        if row.owner == "human":
            since = row.staff_spoke_at or row.owner_since
            if await database_now(connection) - since < HUMAN_SILENCE:
                raise NotAllowed("A person is talking with you right now; just write here.")
        moved = await _own(log, "ai", customer)
        handoff = await _settle_human(log, "withdrawn", customer)
        answer = await _answer_last_word(log)
    return Moved(moved, log.announcement, handoff=handoff, answer=answer)


async def resolve(connection: AsyncConnection, conversation: UUID, actor: Actor, *, epoch: int) -> Moved:
    """Done: the owner is the AI again and the conversation is closed until the next message."""
    async with writing(connection, conversation) as log:
        _require_epoch(log, epoch)
        if log.row.state == "closed":
            return Moved(log.row.epoch, log.announcement)
        cut = await _cut(log) if log.row.owner == "ai" else None
        if cut is not None:
            await leases.mark_stopped(connection, cut.turn)
        moved = await _own(log, "ai", actor.author)
        log.change(state="closed", waiting_since=None, unread=0, claimed_seq=log.row.last_seq)
        handoff = await _settle_human(log, "resolved", actor.author)
        log.add(Closed())
        await _audit(connection, actor, "conversation.resolve", log)
    return Moved(moved, log.announcement, cut, handoff)


async def reopen(connection: AsyncConnection, conversation: UUID, actor: Actor, *, epoch: int) -> Moved:
    """Open again, without a message; the owner stays."""
    async with writing(connection, conversation) as log:
        _require_epoch(log, epoch)
        if log.row.state == "closed":
            log.change(state="open")
            log.add(Reopened(by=actor.author))
            await _audit(connection, actor, "conversation.reopen", log)
    return Moved(log.row.epoch, log.announcement)


async def claim_handoff(connection: AsyncConnection, handoff: UUID, actor: Actor) -> Moved:
    """The handoff is the actor's; where its conversation waits in the queue, the conversation too."""
    conversation = await records.conversation_of(connection, handoff)
    async with writing(connection, conversation) as log:
        record = await records.locked(connection, handoff)
        if record.state not in records.UNSETTLED:
            raise Conflict("This handoff is settled already.", state=record.state)
        if record.state == "claimed" and record.claimed_by != actor.id:
            raise Conflict(f"{record.claimed_name} has this handoff.", claimed_by=str(record.claimed_by))
        epoch = log.row.epoch
        if record.state == "open":
            await records.change(log, record, "claimed", actor.author, staff=actor.id)
            await _audit(connection, actor, "handoff.claim", log)
        if log.row.owner == "queue":
            epoch = await _own(log, "human", actor.author, staff=actor)
            log.change(assignee_id=actor.id)
    return Moved(epoch, log.announcement, handoff=HandoffId(handoff))


async def resolve_handoff(connection: AsyncConnection, handoff: UUID, actor: Actor, note: str | None) -> Moved:
    """The handoff is settled; the conversation stays with whom it is."""
    conversation = await records.conversation_of(connection, handoff)
    async with writing(connection, conversation) as log:
        record = await records.locked(connection, handoff)
        if record.state in records.UNSETTLED:
            await records.change(log, record, "resolved", actor.author, note=note)
            await _audit(connection, actor, "handoff.resolve", log)
    return Moved(log.row.epoch, log.announcement, handoff=HandoffId(handoff))


async def _audit(connection: AsyncConnection, actor: Actor, action: str, log: Writing, **details: Any) -> None:
    await audit.record(connection, "staff", str(actor.id), action, str(log.id), {**details, "epoch": log.get("epoch")})
