"""ops: Handoffs to people, what staff must hear of, what they say often."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key


class Handoff(OpsBase):
    """A conversation that needs a person; at most one open or claimed per conversation and kind."""

    __tablename__ = "handoff"
    __table_args__ = (
        CheckConstraint("kind IN ('booking', 'complaint', 'human', 'payment', 'lead')", name="kind"),
        CheckConstraint("state IN ('open', 'claimed', 'resolved', 'withdrawn')", name="state"),
        CheckConstraint("urgency IN ('low', 'normal', 'high', 'severe')", name="urgency"),
        Index(
            "uq_handoff_unsettled",
            "conversation_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('open', 'claimed')"),
        ),
        Index("ix_handoff_due", "due_at", postgresql_where=text("state = 'open' AND alerted_at IS NULL")),
        Index("ix_handoff_changed_at", "changed_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    urgency: Mapped[str]
    summary: Mapped[str]
    facts: Mapped[dict[str, Any]] = empty_json()
    tried: Mapped[str | None]  # by the assistant
    suggested_reply: Mapped[str | None]
    rev: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    due_at: Mapped[datetime]
    alerted_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    claimed_name: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    step: Mapped[int] = mapped_column(server_default=text("0"))  # how often it went higher, for nobody came
    note: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class Notification(OpsBase):
    """Something staff must hear of; `key` is the outbox effect that wrote it."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("key"), Index("ix_notification_created_at", "created_at"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    handoff_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = created()


class Mention(OpsBase):
    """Somebody of the staff, named in a note; unread until `seen_at`."""

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_unseen", "staff_id", "conversation_id", postgresql_where=text("seen_at IS NULL")),
        Index("ix_mention_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    staff_seq: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[UUID] = soft_key("core.staff.id")
    by_name: Mapped[str]
    created_at: Mapped[datetime] = created()
    seen_at: Mapped[datetime | None]


class CannedReply(OpsBase):
    """What staff say often, behind a shortcut. `locale` null: for every language."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("shortcut"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    shortcut: Mapped[str]  # lower case, without the slash
    title: Mapped[str]
    text: Mapped[str]
    locale: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class TranscriptRequest(OpsBase):
    """A customer wants a copy by e-mail; kept until one can be sent."""

    __tablename__ = "transcript_request"
    __table_args__ = (
        Index(
            "uq_transcript_request_unsent",
            "conversation_id",
            "email",
            unique=True,
            postgresql_where=text("sent_at IS NULL"),
        ),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    email: Mapped[str]
    requested_at: Mapped[datetime] = created()
    sent_at: Mapped[datetime | None]
