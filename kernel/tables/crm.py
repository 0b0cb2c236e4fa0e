"""crm: what is known of customers beyond who they are. Consent, and leads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import CrmBase, created, empty_json, soft_key

__all__ = ["Consent", "ConsentReview", "CrmBase", "Lead", "LeadEvent"]


class Consent(CrmBase):
    """One entry for each time that consent was given or withdrawn for a number; of a purpose the newest counts, `all` being of each.
    Entries are added, never changed."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("channel IN ('sms')", name="channel"),
        CheckConstraint("purpose IN ('transactional', 'marketing', 'all')", name="purpose"),
        CheckConstraint(
            "source IN ('widget', 'verified', 'identity', 'keyword', 'free_text', 'staff', 'import', 'provider', 'review')", name="source"
        ),
        Index("ix_consent_customer_id_at", "customer_id", "at"),
        Index("ix_consent_address_at", "address", "at"),
        {"schema": "crm"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = soft_key("core.customer.id", nullable=True)
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    channel: Mapped[str]
    purpose: Mapped[str] = mapped_column(server_default=text("'transactional'"))
    granted: Mapped[bool]
    address: Mapped[str]  # the phone number that it holds for
    text: Mapped[str]  # the words that were agreed to, or that ended it
    source: Mapped[str]  # by which way in
    ip: Mapped[str | None]  # of whoever ticked the box
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    reason: Mapped[str | None]  # a colleague's: how they came to know of it
    at: Mapped[datetime] = created()


class ConsentReview(CrmBase):
    """Somebody refused in words of their own: it holds at once, and a person looks whether it was meant so."""

    __tablename__ = "consent_review"
    __table_args__ = (
        UniqueConstraint("consent_id"),
        CheckConstraint("state IN ('open', 'confirmed', 'reversed')", name="state"),
        Index("ix_consent_review_open", "created_at", postgresql_where=text("state = 'open'")),
        {"schema": "crm"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("crm.consent.id"))
    address: Mapped[str]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    reason: Mapped[str | None]  # why it was not meant so
    created_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class Lead(CrmBase):
    """Somebody who may become a customer; one unsettled per conversation, which grows."""

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'working', 'qualified', 'nurturing', 'converted', 'disqualified')", name="status"),
        CheckConstraint("score >= 0", name="score"),
        Index(
            "uq_lead_unsettled",
            "conversation_id",
            unique=True,
            postgresql_where=text("status NOT IN ('converted', 'disqualified')"),
        ),
        Index("ix_lead_customer_id", "customer_id"),
        Index("ix_lead_status_score", "status", "score"),
        {"schema": "crm"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    source: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'new'"))
    score: Mapped[int]
    reasons: Mapped[dict[str, Any]] = empty_json()  # what the score is made of
    facts: Mapped[dict[str, Any]] = empty_json()
    confidence: Mapped[dict[str, Any]] = empty_json()  # 0 to 1 for each fact, name and contact: how sure it was heard
    failed: Mapped[str | None]  # why a booking came to nothing: taken, too_soon, error ...
    rev: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))  # counts what people change of it
    assignee_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    why_disqualified: Mapped[str | None]
    status_since: Mapped[datetime] = created()
    alerted_at: Mapped[datetime | None]  # staff was told that nobody has looked after it
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class LeadEvent(CrmBase):
    """What people did with a lead, for its history."""

    __tablename__ = "lead_event"
    __table_args__ = (
        CheckConstraint("kind IN ('status', 'assigned', 'note', 'alert')", name="kind"),
        Index("ix_lead_event_lead_id_at", "lead_id", "at"),
        {"schema": "crm"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("crm.lead.id"))
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    at: Mapped[datetime] = created()
