"""ops: what has to be done. Handoffs to people, the outbox of effects, notifications of staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    rev: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    due_at: Mapped[datetime]
    alerted_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    claimed_name: Mapped[str | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class Outbox(OpsBase):
    """An effect on the world, written in the transaction of its cause. `key` makes it one effect."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('new', 'working', 'done', 'dead')", name="state"),
        CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name="working_is_leased"),
        Index("ix_outbox_due", "kind", "next_at", postgresql_where=text("state IN ('new', 'working')")),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = created()
    lease_until: Mapped[datetime | None]
    lease_id: Mapped[UUID | None]
    error: Mapped[str | None]  # its kind
    created_at: Mapped[datetime] = created()
    done_at: Mapped[datetime | None]


class WebhookEndpoint(OpsBase):
    """A receiver of events. `previous_secret` signs beside `secret` until `previous_until`."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("off_reason IN ('staff', 'gone', 'failing')", name="off_reason"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    events: Mapped[list[Any]] = empty_json("[]")
    secret: Mapped[str]  # signs, so it is kept as it is
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    off_reason: Mapped[str | None]  # null: it is on
    failing_since: Mapped[datetime | None]  # the first failure after the last success
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class WebhookDelivery(OpsBase):
    """An event on its way to one endpoint. Its id is the receiver's idempotency id; the outbox's row `webhook:{key}` carries it."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("ops.webhook_endpoint.id", ondelete="CASCADE"))
    key: Mapped[str]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = created()


class WebhookAttempt(OpsBase):
    """One try of a delivery. `status` where the receiver answered, `error` where it did not accept."""

    __tablename__ = "webhook_attempt"
    __table_args__ = ({"schema": "ops"},)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("ops.webhook_delivery.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int | None]
    error: Mapped[str | None]  # its kind
    duration_ms: Mapped[int]
    at: Mapped[datetime] = created()


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
