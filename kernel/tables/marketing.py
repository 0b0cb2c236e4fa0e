"""marketing: whom campaigns go to, campaigns, and what each recipient got and did."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import MarketingBase, created, empty_json, soft_key

__all__ = ["Campaign", "CampaignRecipient", "MarketingBase", "Segment"]


class Segment(MarketingBase):
    """A saved filter of customers; who is in it is asked anew each time."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("name"), {"schema": "marketing"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    filter: Mapped[dict[str, Any]] = empty_json()
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class Campaign(MarketingBase):
    """A text message to many. It is a draft until a person approves it, and any change of what is sent makes it a draft again."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'approved', 'running', 'paused', 'stopped', 'done')", name="state"),
        CheckConstraint("pause_reason IN ('staff', 'opt_outs', 'provider')", name="pause_reason"),
        CheckConstraint("(state = 'paused') = (pause_reason IS NOT NULL)", name="paused_has_reason"),
        CheckConstraint("state = 'draft' OR state = 'stopped' OR approved_at IS NOT NULL", name="approved"),
        CheckConstraint("per_minute > 0", name="per_minute"),
        Index("ix_campaign_state", "state"),
        Index("ix_campaign_created_at", "created_at"),
        {"schema": "marketing"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    season: Mapped[str | None]  # a key of the profile's calendar, or birthday, win_back
    variant: Mapped[str]
    segment_id: Mapped[UUID | None] = mapped_column(ForeignKey("marketing.segment.id"))
    filter: Mapped[dict[str, Any]] = empty_json()  # as the segment's was when it was approved
    texts: Mapped[dict[str, Any]] = empty_json()  # by locale
    reminder: Mapped[dict[str, Any]] = empty_json()  # by locale; to those who did not answer
    reminder_after_hours: Mapped[int | None]
    offer_percent: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default=text("'draft'"))
    pause_reason: Mapped[str | None]
    send_on: Mapped[date | None] = mapped_column(Date())
    send_from: Mapped[time | None] = mapped_column(Time())  # of the recipient's day
    per_minute: Mapped[int] = mapped_column(server_default=text("30"))
    drafted_by: Mapped[str] = mapped_column(server_default=text("'staff'"))  # staff, or the generator
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    approved_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    approved_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]  # a person looked at why it had paused: what was before counts no more
    next_at: Mapped[datetime | None]  # its next text not before: how the throttle is kept
    rev: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class CampaignRecipient(MarketingBase):
    """One number that a campaign goes to, fixed when it starts: when it is due, which texts it became, and what came of it."""

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'written', 'skipped')", name="state"),
        CheckConstraint("(state = 'written') = (written_at IS NOT NULL)", name="written_at"),
        CheckConstraint("(state = 'skipped') = (why IS NOT NULL)", name="skipped_has_why"),
        Index("ix_campaign_recipient_due", "campaign_id", "due_at", postgresql_where=text("state = 'planned'")),
        Index("ix_campaign_recipient_remind", "campaign_id", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("ix_campaign_recipient_number", "number"),
        Index("ix_campaign_recipient_customer_id", "customer_id"),
        {"schema": "marketing"},
    )
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("marketing.campaign.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)  # E.164
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    locale: Mapped[str]
    zone: Mapped[str]  # by which `due_at` was reckoned
    state: Mapped[str] = mapped_column(server_default=text("'planned'"))
    why: Mapped[str | None]  # it was skipped
    due_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    text_id: Mapped[UUID | None] = soft_key("ops.text_message.id", nullable=True)
    remind_at: Mapped[datetime | None]  # null once the reminder was written, or nobody wants it any more
    reminder_id: Mapped[UUID | None] = soft_key("ops.text_message.id", nullable=True)
    replied_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    booked_at: Mapped[datetime | None]
    booking_id: Mapped[UUID | None] = soft_key("ops.booking.id", nullable=True)
