"""What a turn leaves for the next, which turn ends in the queue, and what a person should know of a handoff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("'{}'::jsonb")
    op.add_column(
        "chat_session",
        sa.Column("memory", postgresql.JSONB(astext_type=sa.Text()), server_default=empty, nullable=False),
        schema="ai",
    )
    op.add_column("chat_session", sa.Column("memory_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False), schema="ai")
    # What was said before this is not to be read again as if it were new.
    op.execute("UPDATE ai.chat_session SET memory_seq = claimed_seq WHERE claimed_seq > 0")
    op.add_column("turn", sa.Column("hand_over", sa.Uuid(), nullable=True), schema="ai")
    op.add_column("handoff", sa.Column("tried", sa.Text(), nullable=True), schema="ops")
    op.add_column("handoff", sa.Column("suggested_reply", sa.Text(), nullable=True), schema="ops")


def downgrade() -> None:
    op.drop_column("handoff", "suggested_reply", schema="ops")
    op.drop_column("handoff", "tried", schema="ops")
    op.drop_column("turn", "hand_over", schema="ai")
    op.drop_column("chat_session", "memory_seq", schema="ai")
    op.drop_column("chat_session", "memory", schema="ai")
