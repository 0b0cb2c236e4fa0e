"""ops: e-mails that go out and come in, their templates, and addresses that get none."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key


class Email(OpsBase):
    """An e-mail as it is sent. It is `sending` from just before its text goes to the server until the server has answered; one whose
    answer nobody read is `unknown` and never sent again by itself. `held`: there is no server, or an address is a placeholder."""

    __tablename__ = "email"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("message_id"),
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'unknown', 'failed', 'bounced', 'held', 'suppressed')", name="state"),
        Index("ix_email_state", "state", "created_at"),
        Index("ix_email_created_at", "created_at"),
        Index("ix_email_booking_id", "booking_id"),
        Index("ix_email_conversation_id", "conversation_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    to_address: Mapped[str]
    to_name: Mapped[str | None]
    locale: Mapped[str]
    subject: Mapped[str]
    html: Mapped[str]
    plain: Mapped[str]
    attachments: Mapped[list[Any]] = empty_json("[]")  # name, type, text
    message_id: Mapped[str]
    in_reply_to: Mapped[str | None]
    marketing: Mapped[bool] = mapped_column(server_default=text("false"))
    booking_id: Mapped[UUID | None]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    customer_id: Mapped[UUID | None] = soft_key("core.customer.id", nullable=True)
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    error: Mapped[str | None]  # its kind, or the server's code
    send_at: Mapped[datetime] = created()
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    sent_at: Mapped[datetime | None]


class EmailTemplate(OpsBase):
    """A template that people changed; without a row the one that ships counts. Every version is kept, the highest counts."""

    __tablename__ = "email_template"
    __table_args__ = ({"schema": "ops"},)
    kind: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str | None]  # null: back to the one that ships
    body: Mapped[str | None]
    by_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()


class InboundEmail(OpsBase):
    """A mail that came in, each once by its Message-ID: an answer that went on in its conversation, a bounce, or neither."""

    __tablename__ = "inbound_email"
    __table_args__ = (
        UniqueConstraint("message_id"),
        CheckConstraint("outcome IN ('threaded', 'bounce', 'payment', 'kept')", name="outcome"),
        Index("ix_inbound_email_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[str]
    from_address: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[str]
    email_id: Mapped[UUID | None]  # which of ours it answers, or tells of
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    created_at: Mapped[datetime] = created()


class EmailSuppression(OpsBase):
    """An address that gets no mail: `marketing` none that is marketing, `all` none at all."""

    __tablename__ = "email_suppression"
    __table_args__ = (
        CheckConstraint("scope IN ('marketing', 'all')", name="scope"),
        CheckConstraint("reason IN ('unsubscribed', 'bounced', 'complained', 'staff')", name="reason"),
        {"schema": "ops"},
    )
    address: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    created_at: Mapped[datetime] = created()
