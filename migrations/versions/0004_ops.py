"""ops: handoffs, the outbox, notifications of staff, scheduled slots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('booking', 'complaint', 'human', 'payment', 'lead')", name=op.f("ck_handoff_kind")),
        sa.CheckConstraint("state IN ('open', 'claimed', 'resolved', 'withdrawn')", name=op.f("ck_handoff_state")),
        sa.CheckConstraint("urgency IN ('low', 'normal', 'high', 'severe')", name=op.f("ck_handoff_urgency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        schema="ops",
    )
    op.create_index("ix_handoff_changed_at", "handoff", ["changed_at"], unique=False, schema="ops")
    op.create_index(
        "ix_handoff_due",
        "handoff",
        ["due_at"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state = 'open' AND alerted_at IS NULL"),
    )
    op.create_index(
        "uq_handoff_unsettled",
        "handoff",
        ["conversation_id", "kind"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("handoff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
        schema="ops",
    )
    op.create_index("ix_notification_created_at", "notification", ["created_at"], unique=False, schema="ops")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name=op.f("ck_outbox_working_is_leased")),
        sa.CheckConstraint("state IN ('new', 'working', 'done', 'dead')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        schema="ops",
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["next_at"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state IN ('new', 'working')"),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox", schema="ops", postgresql_where=sa.text("state IN ('new', 'working')"))
    op.drop_table("outbox", schema="ops")
    op.drop_index("ix_notification_created_at", table_name="notification", schema="ops")
    op.drop_table("notification", schema="ops")
    op.drop_index(
        "uq_handoff_unsettled",
        table_name="handoff",
        schema="ops",
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
    op.drop_index(
        "ix_handoff_due",
        table_name="handoff",
        schema="ops",
        postgresql_where=sa.text("state = 'open' AND alerted_at IS NULL"),
    )
    op.drop_index("ix_handoff_changed_at", table_name="handoff", schema="ops")
    op.drop_table("handoff", schema="ops")
