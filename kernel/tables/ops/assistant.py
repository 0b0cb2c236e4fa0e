"""What the assistant of the staff proposed to do and what became of it; what each colleague does not want to be told of again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key


class AssistantAction(OpsBase):
    """Something that is done once the colleague who asked says yes, and by nobody else. `arguments` as they were shown."""

    __tablename__ = "assistant_action"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'done', 'declined', 'failed', 'expired')", name="state"),
        CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled"),
        Index("ix_assistant_action_staff_id_created_at", "staff_id", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = soft_key("core.staff.id")
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    verb: Mapped[str]
    arguments: Mapped[dict[str, Any]] = empty_json()
    label: Mapped[str]  # what was asked of the colleague, in words
    state: Mapped[str] = mapped_column(server_default=sql("'proposed'"))
    result: Mapped[str | None]  # what came of it, in words
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class AlertDismissal(OpsBase):
    """Something that waits, of which one colleague was told and has heard enough. `key` names the thing: `handoff:<id>`."""

    __tablename__ = "alert_dismissal"
    __table_args__ = ({"schema": "ops"},)
    staff_id: Mapped[UUID] = soft_key("core.staff.id", primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = created()
