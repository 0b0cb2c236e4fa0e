"""Full-text search over messages: a generated column of their words, indexed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "chat_message",
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed("to_tsvector('simple'::regconfig, text)", persisted=True), nullable=True),
        schema="ai",
    )
    op.create_index("ix_chat_message_words", "chat_message", ["words"], schema="ai", postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_chat_message_words", table_name="chat_message", schema="ai", postgresql_using="gin")
    op.drop_column("chat_message", "words", schema="ai")
