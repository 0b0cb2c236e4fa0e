"""ops: text messages that go out and come in, what is known of numbers, the provider's subscription, and codes that prove a number."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key


class TextMessage(OpsBase):
    """A text message that goes out. It is `sending` from just before the provider is asked until it has answered; one whose answer nobody
    read is `unknown`, and never sent again before the provider's own list was read. `refused`: the rules of consent, hours and limits
    forbid it. `held`: there is no provider, or the number is a placeholder. `cancelled`: whoever wanted it does no more."""

    __tablename__ = "text_message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("purpose IN ('reply', 'person', 'transactional', 'marketing', 'code', 'keyword', 'staff')", name="purpose"),
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'delivered', 'unknown', 'failed', 'refused', 'held', 'cancelled')", name="state"
        ),
        CheckConstraint("encoding IN ('gsm7', 'ucs2')", name="encoding"),
        CheckConstraint("segments > 0", name="segments"),
        Index("uq_text_message_provider_id", "provider", "provider_id", unique=True, postgresql_where=sql("provider_id IS NOT NULL")),
        Index("ix_text_message_state", "state", "created_at"),
        Index("ix_text_message_to_number", "to_number", "created_at"),
        Index("ix_text_message_created_at", "created_at"),
        Index("ix_text_message_sending_at", "sending_at"),
        Index("ix_text_message_conversation_id", "conversation_id"),
        Index("ix_text_message_message_id", "message_id"),
        Index("ix_text_message_campaign_id", "campaign_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]  # makes it one text, whoever asks for it how often
    purpose: Mapped[str]
    to_number: Mapped[str]  # E.164
    from_number: Mapped[str | None]  # E.164; one of ours, null until it is sent where none was asked for
    text: Mapped[str]
    locale: Mapped[str]
    media: Mapped[list[Any]] = empty_json("[]")  # ids of uploads
    encoding: Mapped[str]
    segments: Mapped[int]
    cost_microdollars: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    message_id: Mapped[UUID | None] = soft_key("ai.chat_message.id", nullable=True)
    customer_id: Mapped[UUID | None] = soft_key("core.customer.id", nullable=True)
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)  # who is written to, or who wrote
    campaign_id: Mapped[UUID | None] = soft_key("marketing.campaign.id", nullable=True)
    booking_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default=sql("'waiting'"))
    error: Mapped[str | None]  # its kind, or the provider's code
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]  # what the provider calls it
    provider_batch: Mapped[str | None]  # the batch that it went with, where it went with one
    send_at: Mapped[datetime] = created()
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class InboundText(OpsBase):
    """A text message that came in, each once by the provider's id. `announced`: a hint of it was heard, its text is still to be fetched."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        UniqueConstraint("provider", "provider_id"),
        CheckConstraint("state IN ('announced', 'taken', 'failed')", name="state"),
        CheckConstraint("outcome IN ('said', 'stop', 'start', 'help', 'looped', 'refused', 'code')", name="outcome"),
        CheckConstraint("(state = 'taken') = (outcome IS NOT NULL)", name="taken_has_outcome"),
        Index("ix_inbound_text_from_number", "from_number", "sent_at"),
        Index("ix_inbound_text_created_at", "created_at"),
        Index("ix_inbound_text_announced", "created_at", postgresql_where=sql("state = 'announced'")),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    provider_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=sql("'announced'"))
    outcome: Mapped[str | None]
    from_number: Mapped[str | None]  # E.164
    to_number: Mapped[str | None]
    text: Mapped[str | None]
    media: Mapped[list[Any]] = empty_json("[]")  # type, size, and the upload that it became, or why it became none
    error: Mapped[str | None]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    message_id: Mapped[UUID | None] = soft_key("ai.chat_message.id", nullable=True)
    sent_at: Mapped[datetime | None]  # by the provider's clock
    created_at: Mapped[datetime] = created()
    taken_at: Mapped[datetime | None]


class TextNumber(OpsBase):
    """What is known of somebody's number, beside consent. Until `muted_until` nothing is answered by itself: it goes round in circles."""

    __tablename__ = "text_number"
    __table_args__ = ({"schema": "ops"},)
    number: Mapped[str] = mapped_column(primary_key=True)  # E.164
    muted_until: Mapped[datetime | None]
    mute_reason: Mapped[str | None]  # None of one that was muted: a colleague found no machine, and what was before counts no more
    unreachable_at: Mapped[datetime | None]  # the provider says that no text can go there
    failures: Mapped[int] = mapped_column(server_default=sql("0"))  # in a row
    changed_at: Mapped[datetime] = created()


class TextSubscription(OpsBase):
    """By which a provider tells us of texts. `secret` stands in the webhook's path, `token` in each of its requests. `read_until`: what
    was sent to us up to that moment has been fetched."""

    __tablename__ = "text_subscription"
    __table_args__ = (
        CheckConstraint("state IN ('none', 'active', 'suspended')", name="state"),
        {"schema": "ops"},
    )
    provider: Mapped[str] = mapped_column(primary_key=True)
    subscription_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=sql("'none'"))
    address: Mapped[str | None]
    secret: Mapped[str]
    token: Mapped[str]
    expires_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # the last webhook that was accepted
    read_until: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    error: Mapped[str | None]  # of the last check
    numbers: Mapped[list[Any]] = empty_json("[]")  # our own, with what each can do
    created_at: Mapped[datetime] = created()  # what came before is not ours to answer
    changed_at: Mapped[datetime] = created()


class PhoneCode(OpsBase):
    """A code that went to a number, by which somebody proves that it is theirs; only its hash is kept."""

    __tablename__ = "phone_code"
    __table_args__ = (
        CheckConstraint("(conversation_id IS NULL) <> (staff_id IS NULL)", name="is_someones"),
        Index("ix_phone_code_phone", "phone", "created_at"),
        Index("ix_phone_code_conversation_id", "conversation_id", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone: Mapped[str]
    code_hash: Mapped[str]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    text_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.text_message.id"))
    tries: Mapped[int] = mapped_column(server_default=sql("0"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()
