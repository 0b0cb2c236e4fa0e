"""Uploads: files that customers and staff send, each used in one message."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("conversation_id IS NOT NULL OR staff_id IS NOT NULL", name=op.f("ck_upload_is_someones")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["ai.chat_message.id"], name=op.f("fk_upload_message_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        schema="ai",
    )
    op.create_index("ix_upload_conversation_id_created_at", "upload", ["conversation_id", "created_at"], schema="ai")
    op.create_index("ix_upload_message_id", "upload", ["message_id"], schema="ai")


def downgrade() -> None:
    op.drop_index("ix_upload_message_id", table_name="upload", schema="ai")
    op.drop_index("ix_upload_conversation_id_created_at", table_name="upload", schema="ai")
    op.drop_table("upload", schema="ai")
