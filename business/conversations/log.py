"""The two logs of a conversation: whoever writes holds the conversation's row, numbers its events and stores them in one transaction.

    async with writing(connection, conversation) as log:
        log.add(Closed())
        log.change(state="closed")
    announcement = log.announcement

Everything that happens to a conversation goes through here, so `seq` has no gap, the inbox row is never behind, and what webhooks
are to tell of it is written in the same transaction. Where a turn begins or ends and nothing else goes on, the row is not held
meanwhile, but must not have changed (at_once.py).
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import replying
from business.channels.replying import Said
from business.conversations.flushing import NOW, Rows, TurnEnd, store, store_unchanged
from business.webhooks import outgoing
from kernel.clock import rfc3339
from kernel.errors import NotFound
from kernel.ids import ConversationId, MessageId, new_id
from kernel.tables.ai import ChatEvent, ChatMessage, ChatSession, StaffEvent
from kernel.wire.base import Channel
from kernel.wire.server import Attachment, Author, MessageEvent, MessageOut, Payload

PREVIEW = 160
PREVIEWED = 2_000  # characters that are looked at for it


@dataclass(frozen=True, slots=True)
class Announcement:
    """What to tell other processes after the commit: the tops of the logs, never their content.

    `events`: where they are known, what this transaction added to the customer's log, in the shape of the wire; for this process alone.
    """

    conversation: ConversationId
    seq: int
    staff_seq: int
    events: tuple[dict[str, Any], ...] = ()


_MARKS = re.compile(r"^\s*(?:[-*+]\s+|#{1,6}\s+|>\s?)|\*\*|`", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def preview_of(text: str, format: str) -> str:
    """One line of a message for the inbox; of Markdown the words without its marks."""
    text = text[:PREVIEWED]
    shown = _MARKS.sub("", _LINK.sub(r"\1", text)) if format == "markdown" else text
    return " ".join(shown.split())[:PREVIEW]


def customer_event(conversation: UUID, history: str, seq: int, at: datetime, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A stored event of the customer's log in the shape of the wire."""
    return {"conversation": str(conversation), "history": history, "seq": seq, "at": rfc3339(at), "kind": kind, **payload}


def _row(conversation: UUID, seq: int, message: MessageOut, channel: Channel) -> dict[str, Any]:
    """What the row of a message has of what everyone sees."""
    return {
        "id": message.id,
        "conversation_id": conversation,
        "seq": seq,
        "author_kind": message.author.kind,
        "author_name": message.author.name,
        "text": message.text,
        "format": message.format,
        "channel": channel,
        "turn_id": message.turn,
        "agent": message.agent,
        "client_id": str(message.client_id) if message.client_id else None,
        "interrupted": message.interrupted is not None,
    }


class Writing:
    """A conversation whose row this transaction holds, or has read (at_once.py)."""

    def __init__(self, connection: AsyncConnection, row: Any) -> None:
        self.connection = connection
        self.row = row
        self.id = ConversationId(row.id)
        self.seq: int = row.last_seq
        self.staff_seq: int = row.last_staff_seq
        self._events: list[dict[str, Any]] = []
        self._staff_events: list[dict[str, Any]] = []
        self._messages: list[dict[str, Any]] = []
        self._changes: dict[str, Any] = {}
        self._told: list[tuple[Payload, int]] = []
        self._more: list[Rows] = []
        self._texts: list[Said] = []

    @property
    def announcement(self) -> Announcement:
        return Announcement(self.id, self.seq, self.staff_seq)

    def get(self, column: str) -> Any:
        """The column as this transaction would leave it."""
        return self._changes.get(column, getattr(self.row, column))

    def change(self, **columns: Any) -> None:
        """Set columns of the conversation's row."""
        self._changes.update(columns)

    def add(self, payload: Payload) -> int:
        """Append to the customer's log; returns its `seq`."""
        self.seq += 1
        self._told.append((payload, self.seq))
        body = payload.model_dump(mode="json", exclude_none=True, exclude={"kind"})
        self._events.append(
            {"conversation_id": self.id, "seq": self.seq, "kind": payload.kind, "payload": body}  # type: ignore[attr-defined]
        )
        return self.seq

    def add_staff(self, payload: Payload, client_id: UUID | None = None) -> int:
        """Append to the staff's log; returns its `staff_seq`."""
        self.staff_seq += 1
        self._told.append((payload, self.staff_seq))
        self._staff_events.append(
            {
                "conversation_id": self.id,
                "staff_seq": self.staff_seq,
                "kind": payload.kind,  # type: ignore[attr-defined]
                "payload": payload.model_dump(mode="json", exclude_none=True, exclude={"kind"}),
                "client_id": str(client_id) if client_id else None,
            }
        )
        return self.staff_seq

    def say(
        self,
        author: Author,
        text: str,
        *,
        author_id: UUID | None = None,
        format: str = "plain",
        client_id: UUID | None = None,
        payload_hash: str | None = None,
        turn: UUID | None = None,
        agent: str | None = None,
        model: str | None = None,
        sources: list[dict[str, Any]] | None = None,
        interrupted: bool = False,
        attachments: Sequence[Attachment] = (),
        by_text: bool = False,
    ) -> tuple[MessageId, int]:
        """Store a message and its event; returns its id and `seq`. What is for a customer whom texts reach becomes one; `by_text`: it
        came in as one, or went as one before."""
        goes = not by_text and replying.goes_by_text(self.get("channel"), self.get("phone"), author.kind, interrupted)
        channel: Channel = "sms" if goes or by_text else "web"
        message = MessageOut.model_validate(
            {
                "id": new_id(),
                "author": author,
                "text": text,
                "format": format,
                "turn": turn,
                "agent": agent,
                "sources": sources or None,
                "attachments": attachments or None,
                "client_id": client_id,
                "interrupted": interrupted or None,
                "channel": "sms" if channel == "sms" else None,
            }
        )
        seq = self.add(MessageEvent(message=message))
        kept = {"author_id": author_id, "model": model, "sources": sources or [], "payload_hash": payload_hash}
        self._messages.append({**_row(self.id, seq, message, channel), **kept})
        if goes:
            self._texts.append(Said(message.id, author.kind, author_id, text, tuple(file.id for file in attachments)))
        if author.kind != "system":
            shown = text if text.strip() else ", ".join(file.name for file in attachments)
            self.change(preview=preview_of(shown, format), preview_author=author.kind)
        return MessageId(message.id), seq

    def insert(self, rows: Rows) -> None:
        """Rows of another table, written with the rest; something is logged or changed with them."""
        self._more.append(rows)

    async def flush(self) -> None:
        """Write what was collected; called once, at the end."""
        if not (self._events or self._staff_events or self._changes):
            return
        wanted = await store(self.connection, self.id, self._all_changes, self._all_rows)
        if self._texts:
            await replying.write(self.connection, self.row, self.get("phone"), self.get("our_phone"), self._texts)
        if wanted:
            await outgoing.tell(self.connection, self.row, self._changes, self.seq, self._told, self.row.rev + 1)

    async def flush_unchanged(self, version: str, end: TurnEnd | None = None) -> Announcement | None:
        """Write what was collected where the row, which nobody holds, is of this version still; None: nothing is written."""
        assert not self._staff_events and not self._texts, "nothing of theirs is written by turns"
        at = await store_unchanged(self.connection, self.id, version, self._all_changes, self._all_rows, end)
        if at is None:
            return None
        shown = (customer_event(self.id, self.row.history, event["seq"], at, event["kind"], event["payload"]) for event in self._events)
        return Announcement(self.id, self.seq, self.staff_seq, tuple(shown))

    @property
    def _all_changes(self) -> dict[str, Any]:
        return {"last_seq": self.seq, "last_staff_seq": self.staff_seq, **self._changes}

    @property
    def _all_rows(self) -> list[Rows]:
        logged = Rows(ChatMessage, self._messages), Rows(ChatEvent, self._events, _AT), Rows(StaffEvent, self._staff_events)
        return [rows for rows in (*self._more, *logged) if rows.rows]


_AT = {"at": NOW}
_HELD = select(ChatSession).where(ChatSession.id == bindparam("conversation")).with_for_update()
_FREE = select(ChatSession).where(ChatSession.id == bindparam("conversation")).with_for_update(skip_locked=True)


@asynccontextmanager
async def writing(connection: AsyncConnection, conversation: UUID, *, skip_locked: bool = False) -> AsyncIterator[Writing]:
    """Hold the conversation's row, collect, store. Raises NotFound where there is none (or, with `skip_locked`, it is held)."""
    row = (await connection.execute(_FREE if skip_locked else _HELD, {"conversation": conversation})).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    log = Writing(connection, row)
    yield log
    await log.flush()


async def database_now(connection: AsyncConnection) -> datetime:
    """PostgreSQL's clock: the only one that leases and silences are measured by."""
    now = await connection.scalar(select(func.clock_timestamp()))
    assert isinstance(now, datetime)
    return now
