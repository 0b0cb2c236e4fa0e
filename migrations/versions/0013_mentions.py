"""Mentions of colleagues in notes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_seq", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        schema="ops",
    )
    unseen = sa.text("seen_at IS NULL")
    op.create_index("ix_mention_unseen", "mention", ["staff_id", "conversation_id"], schema="ops", postgresql_where=unseen)
    op.create_index("ix_mention_created_at", "mention", ["created_at"], schema="ops")


def downgrade() -> None:
    op.drop_index("ix_mention_created_at", table_name="mention", schema="ops")
    op.drop_index("ix_mention_unseen", table_name="mention", schema="ops")
    op.drop_table("mention", schema="ops")
