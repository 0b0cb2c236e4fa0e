"""ops: The outbox of effects, and webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json


class Outbox(OpsBase):
    """An effect on the world, written in the transaction of its cause. `key` makes it one effect."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('new', 'working', 'done', 'dead')", name="state"),
        CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name="working_is_leased"),
        Index("ix_outbox_due", "kind", "next_at", postgresql_where=text("state IN ('new', 'working')")),
        Index("ix_outbox_dead", "id", postgresql_where=text("state = 'dead'")),
        Index("ix_outbox_done_at", "done_at", postgresql_where=text("state = 'done'")),
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


class CronRun(OpsBase):
    """A slot of something that is done by the clock, whichever worker was first; `finished_at` null: it runs under its lease, or its
    worker is gone and another one takes it. `error` without an end: it failed and is tried again."""

    __tablename__ = "cron_run"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (lease_until IS NOT NULL)", name="running_is_leased"),
        Index("ix_cron_run_started_at", "started_at"),
        {"schema": "ops"},
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    worker: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime] = created()  # of the last attempt
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]  # its kind


class WorkerProcess(OpsBase):
    """A worker that runs, or did: one that was not seen for a while is gone."""

    __tablename__ = "worker_process"
    __table_args__ = ({"schema": "ops"},)
    name: Mapped[str] = mapped_column(primary_key=True)  # host and process
    started_at: Mapped[datetime] = created()
    seen_at: Mapped[datetime] = created()
