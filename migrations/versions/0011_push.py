"""Web push: the install's key, devices of staff, quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("install", sa.Column("push_key", sa.Text(), nullable=True), schema="core")
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_push_subscription_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
        schema="core",
    )
    op.create_index("ix_push_subscription_staff_id", "push_subscription", ["staff_id"], schema="core")
    op.create_table(
        "staff_quiet_hours",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.CheckConstraint("starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439", name=op.f("ck_staff_quiet_hours_minutes")),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_staff_quiet_hours_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_quiet_hours")),
        schema="core",
    )


def downgrade() -> None:
    op.drop_table("staff_quiet_hours", schema="core")
    op.drop_index("ix_push_subscription_staff_id", table_name="push_subscription", schema="core")
    op.drop_table("push_subscription", schema="core")
    op.drop_column("install", "push_key", schema="core")
