"""crm: what is known of customers beyond who they are. Consent; leads come beside it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import CrmBase, created, soft_key

__all__ = ["Consent", "CrmBase"]


class Consent(CrmBase):
    """One entry for each time that a customer gave or withdrew consent; the newest of a channel counts."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("channel IN ('sms')", name="channel"),
        Index("ix_consent_customer_id_at", "customer_id", "at"),
        {"schema": "crm"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    channel: Mapped[str]
    granted: Mapped[bool]
    address: Mapped[str]  # the phone number that it holds for
    text: Mapped[str]  # the words that were agreed to
    source: Mapped[str]  # by which way in
    at: Mapped[datetime] = created()
