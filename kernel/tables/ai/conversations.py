"""What is said and how it was answered: conversations, messages, the two event logs, turns, signals."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import AiBase, created, empty_json, soft_key


class ChatSession(AiBase):
    """One conversation: who owns it, the tops of its two logs, and the row that the inbox shows."""

    __tablename__ = "chat_session"
    __table_args__ = (
        CheckConstraint("owner IN ('ai', 'queue', 'human')", name="owner"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("channel IN ('web', 'sms')", name="channel"),
        CheckConstraint("(owner = 'human') = (owner_staff_id IS NOT NULL)", name="human_is_named"),
        Index("uq_chat_session_phone", "phone", unique=True, postgresql_where=sql("phone IS NOT NULL")),
        Index("ix_chat_session_changed_at", "changed_at"),
        Index("ix_chat_session_customer_id", "customer_id"),
        Index("ix_chat_session_waiting", "owner", "waiting_since", postgresql_where=sql("state = 'open'")),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    history: Mapped[str]  # the incarnation of the log
    site_id: Mapped[UUID] = soft_key("core.site.id")
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    channel: Mapped[str]  # by which the customer last wrote, and so is answered
    phone: Mapped[str | None]  # E.164; texts from this number go on here, and in no other conversation
    our_phone: Mapped[str | None]  # the number of ours that they write to
    locale: Mapped[str | None]
    owner: Mapped[str] = mapped_column(server_default=sql("'ai'"))
    owner_staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    owner_name: Mapped[str | None]
    owner_since: Mapped[datetime] = created()
    assignee_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    epoch: Mapped[int] = mapped_column(server_default=sql("0"))
    state: Mapped[str] = mapped_column(server_default=sql("'open'"))
    last_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    last_staff_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    claimed_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))  # customer's messages up to here have a turn
    customer_seen: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    mailed_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))  # what people wrote up to here went by e-mail, unread
    staff_seen: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    rev: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))  # of the inbox row
    preview: Mapped[str] = mapped_column(server_default=sql("''"))
    preview_author: Mapped[str] = mapped_column(server_default=sql("'customer'"))
    waiting_since: Mapped[datetime | None]  # the oldest customer's message that nobody answered
    staff_spoke_at: Mapped[datetime | None]
    silence_alerted_at: Mapped[datetime | None]
    unread: Mapped[int] = mapped_column(server_default=sql("0"))
    risk: Mapped[str] = mapped_column(server_default=sql("'normal'"))
    memory: Mapped[dict[str, Any]] = empty_json()  # what the last finished turn left for the next
    memory_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))  # customer's messages up to here are in it
    summary: Mapped[str] = mapped_column(server_default=sql("''"))  # of what was said up to `summary_seq`, for models and for colleagues
    summary_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class ChatMessage(AiBase):
    """What somebody said. `client_id` makes a repeated send the same message; `payload_hash` tells a repeat from a reuse."""

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint("author_kind IN ('customer', 'ai', 'human', 'system')", name="author_kind"),
        CheckConstraint("channel IN ('web', 'sms')", name="channel"),
        Index("ix_chat_message_words", "words", postgresql_using="gin"),
        Index("uq_chat_message_turn_id", "turn_id", unique=True, postgresql_where=sql("author_kind = 'ai'")),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    author_kind: Mapped[str]
    author_name: Mapped[str]
    author_id: Mapped[UUID | None]  # a customer or a member of staff, by author_kind
    text: Mapped[str]
    format: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default=sql("'web'"))  # by which a customer's came in
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("ai.turn.id"))
    agent: Mapped[str | None]
    model: Mapped[str | None]
    sources: Mapped[list[Any]] = empty_json("[]")
    client_id: Mapped[str | None]
    payload_hash: Mapped[str | None]
    interrupted: Mapped[bool] = mapped_column(server_default=sql("false"))
    # 'simple': customers write in several languages, and a stemmer of one spoils names and the words of the others.
    words: Mapped[Any] = mapped_column(TSVECTOR, Computed("to_tsvector('simple'::regconfig, text)", persisted=True), nullable=True)
    created_at: Mapped[datetime] = created()


class Upload(AiBase):
    """A file that somebody sent; its bytes are in the folder of uploads, under the hash.

    A visitor's is bound to the conversation of their token, which may not be written yet, and unused until `message_id` is set. A staff
    member's is theirs until it gets a conversation: with a `message_id` the customer sees it, without one it is part of a note.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("conversation_id IS NOT NULL OR staff_id IS NOT NULL", name="is_someones"),
        Index("ix_upload_conversation_id_created_at", "conversation_id", "created_at"),
        Index("ix_upload_message_id", "message_id"),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("ai.chat_message.id", deferrable=True, initially="DEFERRED"))
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    created_at: Mapped[datetime] = created()


class ChatEvent(AiBase):
    """The log of what a customer may see, gapless per conversation."""

    __tablename__ = "chat_event"
    __table_args__ = ({"schema": "ai"},)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    at: Mapped[datetime] = created()


class StaffEvent(AiBase):
    """The log of what only staff may see, gapless per conversation. `client_id` makes a repeated note the same note."""

    __tablename__ = "staff_event"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"), {"schema": "ai"})
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"), primary_key=True)
    staff_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    client_id: Mapped[str | None]
    at: Mapped[datetime] = created()


class Turn(AiBase):
    """One reply in the making. At most one runs and one waits per conversation, by partial unique indexes."""

    __tablename__ = "turn"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done')", name="state"),
        CheckConstraint("outcome IN ('complete', 'stopped', 'taken_over', 'failed', 'replaced', 'dropped')", name="outcome"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="running_is_leased"),
        Index("uq_turn_running", "conversation_id", unique=True, postgresql_where=sql("state = 'running'")),
        Index("uq_turn_queued", "conversation_id", unique=True, postgresql_where=sql("state = 'queued'")),
        Index("ix_turn_open", "state", "lease_until", postgresql_where=sql("state <> 'done'")),
        Index("ix_turn_conversation_id", "conversation_id"),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    state: Mapped[str]
    outcome: Mapped[str | None]
    fence: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    fence_home: Mapped[str] = mapped_column(server_default=sql("'redis'"))  # where a cut is decided: redis | postgres
    runner: Mapped[str | None]  # the process that holds the lease
    lease_until: Mapped[datetime | None]
    answers: Mapped[list[Any]] = empty_json("[]")
    visible: Mapped[bool] = mapped_column(server_default=sql("false"))  # a token has gone out
    restarts: Mapped[int] = mapped_column(server_default=sql("0"))  # visible ones, along the chain of replacements
    stop_requested: Mapped[bool] = mapped_column(server_default=sql("false"))
    partial: Mapped[str] = mapped_column(server_default=sql("''"))  # checkpoint of the text
    cut_at: Mapped[int | None]  # the position at which a taken-over or stopped turn ended
    replaces: Mapped[UUID | None]
    hand_over: Mapped[UUID | None] = soft_key("ops.handoff.id", nullable=True)  # the end of this turn puts the customer in the queue
    created_at: Mapped[datetime] = created()
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class TrainingSignal(AiBase):
    """Something that says how good an answer was (thumbs), or a whole conversation (ratings, which name no message)."""

    __tablename__ = "training_signal"
    __table_args__ = (
        UniqueConstraint("message_id", "kind", "author_kind", "author_id"),
        CheckConstraint("(kind = 'rating') = (message_id IS NULL)", name="message_unless_rating"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index("ix_training_signal_conversation_id", "conversation_id"),
        Index("uq_training_signal_rating", "conversation_id", unique=True, postgresql_where=sql("kind = 'rating'")),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("ai.chat_message.id"))
    kind: Mapped[str]  # thumb | rating
    value: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    score: Mapped[int | None]  # a rating's stars
    client_id: Mapped[str | None]
    comment: Mapped[str | None]
    author_kind: Mapped[str]
    author_id: Mapped[UUID]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
