"""Webhooks: endpoints, deliveries and their attempts; due effects are found by their kind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNSETTLED = sa.text("state IN ('new', 'working')")


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    default = None if nullable else sa.text("clock_timestamp()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("events", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        _moment("previous_until", nullable=True),
        sa.Column("off_reason", sa.Text(), nullable=True),
        _moment("failing_since", nullable=True),
        _moment("created_at"),
        _moment("changed_at"),
        sa.CheckConstraint("off_reason IN ('staff', 'gone', 'failing')", name=op.f("ck_webhook_endpoint_off_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        schema="ops",
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("created_at"),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["ops.webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_delivery_key")),
        schema="ops",
    )
    op.create_index("ix_webhook_delivery_endpoint_id", "webhook_delivery", ["endpoint_id", "id"], schema="ops")
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"], schema="ops")
    op.create_table(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["ops.webhook_delivery.id"], name=op.f("fk_webhook_attempt_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempt")),
        schema="ops",
    )
    op.drop_index("ix_outbox_due", table_name="outbox", schema="ops", postgresql_where=UNSETTLED)
    op.create_index("ix_outbox_due", "outbox", ["kind", "next_at"], schema="ops", postgresql_where=UNSETTLED)


def downgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox", schema="ops", postgresql_where=UNSETTLED)
    op.create_index("ix_outbox_due", "outbox", ["next_at"], schema="ops", postgresql_where=UNSETTLED)
    op.drop_table("webhook_attempt", schema="ops")
    op.drop_index("ix_webhook_delivery_created_at", table_name="webhook_delivery", schema="ops")
    op.drop_index("ix_webhook_delivery_endpoint_id", table_name="webhook_delivery", schema="ops")
    op.drop_table("webhook_delivery", schema="ops")
    op.drop_table("webhook_endpoint", schema="ops")
