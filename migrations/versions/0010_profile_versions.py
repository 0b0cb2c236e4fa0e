"""Versions of the business profile."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_profile_version_number")),
        sa.CheckConstraint("source IN ('file', 'console')", name=op.f("ck_profile_version_source")),
        sa.ForeignKeyConstraint(["based_on"], ["core.profile_version.number"], name=op.f("fk_profile_version_based_on")),
        sa.ForeignKeyConstraint(["restored"], ["core.profile_version.number"], name=op.f("fk_profile_version_restored")),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_profile_version_staff_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_profile_version")),
        schema="core",
    )
    op.create_index("ix_profile_version_fingerprint", "profile_version", ["fingerprint"], schema="core")


def downgrade() -> None:
    op.drop_table("profile_version", schema="core")
