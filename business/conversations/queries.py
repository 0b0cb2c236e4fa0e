"""Reads of a conversation: snapshots, pages of either log, tops, the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import customer_event
from business.conversations.searching import name_pattern, phone_pieces, words_query
from business.customers import contacts
from kernel.clock import rfc3339
from kernel.ids import ConversationId
from kernel.tables.ai import ChatEvent, ChatMessage, ChatSession, StaffEvent, Turn
from kernel.tables.core import Customer, Identity, Staff
from kernel.wire.base import FRESH_EVENTS, SNAPSHOT_BYTES, SNAPSHOT_EVENTS

CATCH_UP = 200
INBOX_PAGE = 40  # fits a frame whatever the previews hold
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """The reply in progress, as far as PostgreSQL knows it."""

    turn: UUID
    checkpoint: str


@dataclass(frozen=True, slots=True)
class View:
    """A conversation for a client: its row and the events it lacks, before they are cut to what fits a frame.

    `fresh`: the newest events, for a client that holds nothing that counts; `foreign`: what it holds is of another log.
    """

    row: Any
    events: list[Event]
    fresh: bool
    foreign: bool
    running: Running | None

    def conversation(self) -> dict[str, Any]:
        row = self.row
        return {"id": str(row.id), "owner": row.owner, "epoch": row.epoch, "state": row.state}


def staff_event(conversation: UUID, row: Any) -> Event:
    """A stored staff event in the shape of the wire."""
    return {
        "conversation": str(conversation),
        "log": "staff",
        "staff_seq": row.staff_seq,
        "at": rfc3339(row.at),
        "kind": row.kind,
        **row.payload,
    }


def _event(conversation: UUID, history: str, row: Any) -> Event:
    return customer_event(conversation, history, row.seq, row.at, row.kind, row.payload)


async def row_of(connection: AsyncConnection, conversation: UUID) -> Any | None:
    """The conversation's row, unlocked."""
    return (await connection.execute(select(ChatSession).where(ChatSession.id == conversation))).one_or_none()


async def view(connection: AsyncConnection, conversation: UUID, *, history: str | None = None, after: int | None = None) -> View | None:
    """The snapshot for a client that holds `history` up to `after`. None: no such conversation."""
    row = await row_of(connection, conversation)
    if row is None:
        return None
    running = (
        await connection.execute(select(Turn.id, Turn.partial).where(Turn.conversation_id == conversation, Turn.state == "running"))
    ).one_or_none()
    live = Running(running.id, running.partial) if running else None
    foreign = after is not None and ((history is not None and history != row.history) or after > row.last_seq)
    if after is None or foreign:
        newest = await _page(connection, row, ChatEvent.seq <= row.last_seq, FRESH_EVENTS, newest_first=True)
        return View(row, newest[::-1], True, foreign, live)
    found = await _page(connection, row, (ChatEvent.seq > after) & (ChatEvent.seq <= row.last_seq), SNAPSHOT_EVENTS)
    return View(row, found, False, False, live)


async def _page(connection: AsyncConnection, row: Any, where: Any, limit: int, *, newest_first: bool = False) -> list[Event]:
    order = ChatEvent.seq.desc() if newest_first else ChatEvent.seq
    rows = await connection.execute(
        select(ChatEvent.seq, ChatEvent.kind, ChatEvent.payload, ChatEvent.at)
        .where(ChatEvent.conversation_id == row.id, where)
        .order_by(order)
        .limit(limit)
    )
    return [_event(row.id, row.history, event) for event in rows]


def fitting(events: list[Event], *, room: int = SNAPSHOT_BYTES, from_the_end: bool = False) -> list[Event]:
    """As many events as fit, in order; always at least one."""
    kept = 0
    for event in reversed(events) if from_the_end else events:
        room -= len(orjson.dumps(event)) + 1
        if kept and room < 0:
            break
        kept += 1
    return events[len(events) - kept :] if from_the_end else events[:kept]


async def history_page(connection: AsyncConnection, conversation: UUID, before: int, limit: int) -> list[Event]:
    """The events before `before`, oldest first, as many as fit."""
    row = await row_of(connection, conversation)
    if row is None:
        return []
    found = await _page(connection, row, ChatEvent.seq < before, limit, newest_first=True)
    return fitting(list(reversed(found)), from_the_end=True)


async def events_after(connection: AsyncConnection, conversation: UUID, history: str, after: int) -> list[Event]:
    """What a gateway has yet to deliver."""
    rows = await connection.execute(_AFTER, {"conversation": conversation, "after": after})
    return [_event(conversation, history, row) for row in rows]


_AFTER = (
    select(ChatEvent.seq, ChatEvent.kind, ChatEvent.payload, ChatEvent.at)
    .where(ChatEvent.conversation_id == bindparam("conversation"), ChatEvent.seq > bindparam("after"))
    .order_by(ChatEvent.seq)
    .limit(CATCH_UP)
)


async def staff_events_after(connection: AsyncConnection, conversation: UUID, after: int) -> list[Event]:
    """What a gateway has yet to deliver to staff."""
    rows = await connection.execute(
        select(StaffEvent.staff_seq, StaffEvent.kind, StaffEvent.payload, StaffEvent.at)
        .where(StaffEvent.conversation_id == conversation, StaffEvent.staff_seq > after)
        .order_by(StaffEvent.staff_seq)
        .limit(CATCH_UP)
    )
    return [staff_event(conversation, row) for row in rows]


async def staff_page(
    connection: AsyncConnection, conversation: UUID, before: int | None, limit: int, room: int = SNAPSHOT_BYTES
) -> list[Event]:
    """The newest staff events (before `before`), oldest first, as many as fit."""
    where = [StaffEvent.conversation_id == conversation]
    if before is not None:
        where.append(StaffEvent.staff_seq < before)
    rows = await connection.execute(
        select(StaffEvent.staff_seq, StaffEvent.kind, StaffEvent.payload, StaffEvent.at)
        .where(*where)
        .order_by(StaffEvent.staff_seq.desc())
        .limit(limit)
    )
    return fitting([staff_event(conversation, row) for row in reversed(rows.all())], room=room, from_the_end=True)


async def tops(connection: AsyncConnection, conversation: UUID) -> tuple[str, int, int] | None:
    """`history, last_seq, last_staff_seq`."""
    row = (
        await connection.execute(
            select(ChatSession.history, ChatSession.last_seq, ChatSession.last_staff_seq).where(ChatSession.id == conversation)
        )
    ).one_or_none()
    return (row.history, row.last_seq, row.last_staff_seq) if row else None


async def recent_tops(connection: AsyncConnection, seconds: int) -> Sequence[tuple[UUID, int, int]]:
    """The tops of every conversation that changed in the last seconds, by PostgreSQL's clock."""
    rows = await connection.execute(
        select(ChatSession.id, ChatSession.last_seq, ChatSession.last_staff_seq).where(
            ChatSession.changed_at > text(f"clock_timestamp() - interval '{int(seconds)} seconds'")
        )
    )
    return [(row.id, row.last_seq, row.last_staff_seq) for row in rows]


_INBOX = (
    select(
        ChatSession.id,
        ChatSession.rev,
        ChatSession.channel,
        ChatSession.phone,
        ChatSession.owner,
        ChatSession.owner_name,
        ChatSession.state,
        ChatSession.preview,
        ChatSession.preview_author,
        ChatSession.waiting_since,
        ChatSession.unread,
        ChatSession.assignee_id,
        ChatSession.risk,
        ChatSession.changed_at,
        Customer.name.label("customer"),
        Staff.name.label("assignee_name"),
    )
    .join(Customer, Customer.id == ChatSession.customer_id)
    .outerjoin(Staff, Staff.id == ChatSession.assignee_id)
)


def inbox_row(row: Any, viewers: Sequence[str] = ()) -> dict[str, Any]:
    """One line of the inbox in the shape of the wire. Whoever texts and gave no name goes by their number: it is for staff alone."""
    return {
        "id": str(row.id),
        "rev": row.rev,
        "customer": contacts.called(row.customer, row.phone) or f"Visitor {str(row.id)[-4:]}",
        "channel": row.channel,
        "owner": row.owner,
        "state": row.state,
        "preview": row.preview,
        "preview_author": row.preview_author,
        "waiting_since": rfc3339(row.waiting_since) if row.waiting_since else None,
        "unread": row.unread,
        "assignee": str(row.assignee_id) if row.assignee_id else None,
        "assignee_name": row.assignee_name,
        "risk": row.risk,
        "viewers": list(viewers),
    }


async def inbox_rows_of(connection: AsyncConnection, conversations: Sequence[UUID]) -> Sequence[Any]:
    """The rows of these conversations."""
    return (await connection.execute(_INBOX.where(ChatSession.id.in_(conversations)))).all()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the inbox: those who have waited longest first, then what changed last."""

    waiting_since: datetime | None
    changed_at: datetime
    id: UUID


_ORDER = (ChatSession.waiting_since.asc().nulls_last(), ChatSession.changed_at.desc(), ChatSession.id)


def _viewed(view: str, staff: UUID) -> Any:
    """The rows that a view shows."""
    if view == "all":
        return _INBOX
    rows = _INBOX.where(ChatSession.state == ("closed" if view == "closed" else "open"))
    if view == "mine":
        return rows.where(or_(ChatSession.assignee_id == staff, ChatSession.owner_staff_id == staff))
    if view == "unassigned":
        return rows.where(ChatSession.assignee_id.is_(None))
    if view == "ai":
        return rows.where(ChatSession.owner == "ai")
    if view == "needs_human":
        return rows.where(ChatSession.owner == "queue")
    return rows


def _behind(place: Place) -> Any:
    later = or_(
        ChatSession.changed_at < place.changed_at,
        and_(ChatSession.changed_at == place.changed_at, ChatSession.id > place.id),
    )
    if place.waiting_since is None:
        return and_(ChatSession.waiting_since.is_(None), later)
    return or_(
        ChatSession.waiting_since.is_(None),
        ChatSession.waiting_since > place.waiting_since,
        and_(ChatSession.waiting_since == place.waiting_since, later),
    )


async def inbox(connection: AsyncConnection, view: str, staff: UUID, after: Place | None) -> tuple[Sequence[Any], Place | None]:
    """A page of a view behind `after`, and its last row's place where more follow.

    By place and not by number: a row that moves between two pages takes none of the others out of sight.
    """
    rows = _viewed(view, staff)
    if after is not None:
        rows = rows.where(_behind(after))
    found = (await connection.execute(rows.order_by(*_ORDER).limit(INBOX_PAGE + 1))).all()
    last = found[INBOX_PAGE - 1] if len(found) > INBOX_PAGE else None
    return found[:INBOX_PAGE], Place(last.waiting_since, last.changed_at, last.id) if last else None


def _known_by(query: str) -> ColumnElement[bool]:
    """By a name, or by a piece of a number that they text from or gave."""
    named = Customer.name.ilike(name_pattern(query), escape="\\")
    pieces = phone_pieces(query)
    if not pieces:
        return named
    gave = exists().where(Identity.customer_id == Customer.id, Identity.kind == "phone", or_(*map(Identity.value.contains, pieces)))
    return or_(named, *map(ChatSession.phone.contains, pieces), gave)


async def search_inbox(connection: AsyncConnection, view: str, staff: UUID, query: str, offset: int) -> tuple[Sequence[Any], int | None]:
    """What was found in a view by names, numbers and words, who waits longest first, then the newest match; and the next offset."""
    rows = _viewed(view, staff)
    newest: list[Any] = []
    words = words_query(query)
    named = _known_by(query)
    if words is None:
        rows = rows.where(named)
    else:
        said = (
            select(ChatMessage.conversation_id, func.max(ChatMessage.created_at).label("at"))
            .where(ChatMessage.words.bool_op("@@")(func.to_tsquery("simple", words)))
            .group_by(ChatMessage.conversation_id)
            .subquery()
        )
        rows = rows.outerjoin(said, said.c.conversation_id == ChatSession.id).where(or_(named, said.c.at.is_not(None)))
        newest.append(said.c.at.desc().nulls_last())
    rows = rows.order_by(_ORDER[0], *newest, *_ORDER[1:]).offset(offset)
    found = (await connection.execute(rows.limit(INBOX_PAGE + 1))).all()
    return found[:INBOX_PAGE], offset + INBOX_PAGE if len(found) > INBOX_PAGE else None


async def belongs(connection: AsyncConnection, message: UUID, conversation: ConversationId) -> Any | None:
    """The message's `id, author_kind` where it is of this conversation."""
    return (
        await connection.execute(
            select(ChatMessage.id, ChatMessage.author_kind).where(ChatMessage.id == message, ChatMessage.conversation_id == conversation)
        )
    ).one_or_none()


async def unread_after(connection: AsyncConnection, conversation: UUID, seq: int) -> int:
    """How many of the customer's messages came after `seq`."""
    count = await connection.scalar(
        select(func.count())
        .select_from(ChatMessage)
        .where(ChatMessage.conversation_id == conversation, ChatMessage.author_kind == "customer", ChatMessage.seq > seq)
    )
    return count or 0
