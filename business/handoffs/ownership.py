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
from business.handoffs import calling, records
from business.handoffs.owning import own
from business.staff import audit
from kernel.errors import Conflict, NotAllowed, Stale
from kernel.ids import HandoffId, StaffId
from kernel.tables.ai import ChatMessage
from kernel.wire.base import HandoffState
from kernel.wire.server import Author, Closed, NoteWritten, Reopened

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
    hand_over: UUID | None = None  # the handoff for which it would have put the customer in the queue


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the conversation."""

    epoch: int
    announcement: Announcement
    cut: Cut | None = None
    handoff: HandoffId | None = None
    others: tuple[HandoffId, ...] = ()  # more handoffs that changed
    answer: bool = False  # a turn was queued
    effects: tuple[UUID, ...] = ()


async def _cut(log: Writing) -> Cut | None:
    """The reply in progress. What it was to do at its end is done, or undone, by who changes the owner now."""
    running = await leases.running_turn(log.connection, log.id)
    if running is None:
        return None
    await leases.keep_from_queue(log.connection, running.id)
    return Cut(running.id, running.fence_home, running.runner, running.hand_over)


async def _take_for(log: Writing, actor: Actor) -> int:
    return await own(log, "human", actor.author, staff=actor.id, name=actor.name)


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
        moved = await _take_for(log, actor)
        log.change(assignee_id=actor.id, state="open")
        handoffs = await _claim_what_waits(log, actor)
        await _audit(connection, actor, "conversation.take", log, force=force)
    return Moved(moved, log.announcement, cut, *_first(handoffs))


async def _claim_what_waits(log: Writing, actor: Actor) -> list[HandoffId]:
    """Whoever takes a conversation has what may have brought it into the queue."""
    claimed = []
    for kind in ("human", "complaint"):
        handoff = await records.unsettled(log.connection, log.id, kind)
        if handoff is not None and handoff.claimed_by != actor.id and (kind == "human" or handoff.state == "open"):
            await records.change(log, handoff, "claimed", actor.author, staff=actor.id)
        if handoff is not None:
            claimed.append(HandoffId(handoff.id))
    return claimed


def _first(handoffs: list[HandoffId]) -> tuple[HandoffId | None, tuple[HandoffId, ...]]:
    return (handoffs[0], tuple(handoffs[1:])) if handoffs else (None, ())


async def give_back(connection: AsyncConnection, conversation: UUID, actor: Actor, *, epoch: int, note: str | None) -> Moved:
    """The AI answers again; where the customer had the last word, at once."""
    async with writing(connection, conversation) as log:
        _require_epoch(log, epoch)
        if log.row.owner == "ai":
            raise NotAllowed("The assistant is answering already.")
        if note:
            log.add_staff(NoteWritten(id=conversation, author=actor.author, text=note))
        moved = await own(log, "ai", actor.author)
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
        _read_up_to(log, log.seq)  # what was said to people waits for nobody
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
    _read_up_to(log, spoken or 0)
    await queue_turn(log)
    return True


def _read_up_to(log: Writing, seq: int) -> None:
    """What people have dealt with is neither answered by the AI nor read by it as if it were new: it would call them again."""
    log.change(claimed_seq=seq, memory_seq=max(log.row.memory_seq, seq))


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
        if existing is not None:
            await records.wait_anew(log, existing, customer, due_at)
        log.change(state="open")
        if log.row.waiting_since is None:
            log.change(waiting_since=await database_now(connection))
        moved = await own(log, "queue", customer, minutes=minutes)
        log.say(Author(kind="system", name=business), line)
        effects: tuple[UUID, ...] = ()
        if cut is None or cut.hand_over != handoff:  # else staff have heard of it from the assistant a moment ago
            staff = await calling.assign_next(log)
            effects = (await calling.tell_staff(log, handoff, "human", "normal", staff, f"notify_staff:{handoff}:{moved}"),)
    return Moved(moved, log.announcement, cut, handoff, effects=effects)


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
        moved = await own(log, "ai", customer)
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
        moved = await own(log, "ai", actor.author)
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
            epoch = await _take_for(log, actor)
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
