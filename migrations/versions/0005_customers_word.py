"""What customers say of themselves and of a conversation: consent, ratings, requests for a transcript."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("channel IN ('sms')", name=op.f("ck_consent_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        schema="crm",
    )
    op.create_index("ix_consent_customer_id_at", "consent", ["customer_id", "at"], schema="crm")
    op.create_table(
        "transcript_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript_request")),
        schema="ops",
    )
    op.create_index(
        "uq_transcript_request_unsent",
        "transcript_request",
        ["conversation_id", "email"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.add_column("training_signal", sa.Column("score", sa.Integer(), nullable=True), schema="ai")
    op.add_column("training_signal", sa.Column("client_id", sa.Text(), nullable=True), schema="ai")
    op.alter_column("training_signal", "message_id", nullable=True, schema="ai")
    op.create_check_constraint(
        op.f("ck_training_signal_message_unless_rating"), "training_signal", "(kind = 'rating') = (message_id IS NULL)", schema="ai"
    )
    op.create_check_constraint(op.f("ck_training_signal_score"), "training_signal", "score BETWEEN 1 AND 5", schema="ai")
    op.create_index(
        "uq_training_signal_rating",
        "training_signal",
        ["conversation_id"],
        unique=True,
        schema="ai",
        postgresql_where=sa.text("kind = 'rating'"),
    )


def downgrade() -> None:
    # Ratings have no place in the older table; they came with this step.
    op.execute("DELETE FROM ai.training_signal WHERE message_id IS NULL")
    op.drop_index("uq_training_signal_rating", table_name="training_signal", schema="ai", postgresql_where=sa.text("kind = 'rating'"))
    op.drop_constraint(op.f("ck_training_signal_score"), "training_signal", schema="ai")
    op.drop_constraint(op.f("ck_training_signal_message_unless_rating"), "training_signal", schema="ai")
    op.alter_column("training_signal", "message_id", nullable=False, schema="ai")
    op.drop_column("training_signal", "client_id", schema="ai")
    op.drop_column("training_signal", "score", schema="ai")
    op.drop_index(
        "uq_transcript_request_unsent",
        table_name="transcript_request",
        schema="ops",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.drop_table("transcript_request", schema="ops")
    op.drop_index("ix_consent_customer_id_at", table_name="consent", schema="crm")
    op.drop_table("consent", schema="crm")
