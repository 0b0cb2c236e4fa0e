"""ops: Complaints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, soft_key


class Complaint(OpsBase):
    """What a customer is unhappy about; one open per conversation, which grows. `incident`: the record of a severe one."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("severity IN ('minor', 'moderate', 'severe')", name="severity"),
        CheckConstraint("state IN ('open', 'resolved')", name="state"),
        CheckConstraint("severity <> 'severe' OR incident IS NOT NULL", name="severe_is_recorded"),
        Index("uq_complaint_open", "conversation_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_complaint_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    severity: Mapped[str]
    summary: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    handoff_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.handoff.id"))
    incident: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    resolution: Mapped[str | None]  # what was done about it
    topic: Mapped[str | None]  # for patterns: lateness, food, conduct ...


class FollowUp(OpsBase):
    """Somebody must look after a complaint again, by a moment."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_due", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_follow_up_complaint_id", "complaint_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("ops.complaint.id"))
    what: Mapped[str]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # staff were reminded
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()


class Coupon(OpsBase):
    """Less to pay, once. Nobody but a person approves it; a customer has at most as many active ones as the profile says, which is one."""

    __tablename__ = "coupon"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'used', 'expired')", name="state"),
        CheckConstraint("percent BETWEEN 0 AND 100 AND cents_at_most > 0", name="worth"),
        CheckConstraint(
            "state NOT IN ('approved', 'used') OR (decided_by IS NOT NULL AND expires_at IS NOT NULL)", name="approved_by_a_person"
        ),
        Index("uq_coupon_active", "customer_id", unique=True, postgresql_where=text("state = 'approved'")),
        Index("ix_coupon_state", "state", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    complaint_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.complaint.id"))
    percent: Mapped[int]
    cents_at_most: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default=text("'proposed'"))
    reason: Mapped[str]
    decided_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    expires_at: Mapped[datetime | None]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.booking.id"))  # on which it was used
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
