"""ai: conversations, messages, the two event logs, turns, usage, training signals, the corpus."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), server_default=sa.text("'ai'"), nullable=False),
        sa.Column("owner_staff_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=True),
        sa.Column("owner_since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_staff_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("customer_seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("staff_seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("preview", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("preview_author", sa.Text(), server_default=sa.text("'customer'"), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_spoke_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silence_alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("risk", sa.Text(), server_default=sa.text("'normal'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("(owner = 'human') = (owner_staff_id IS NOT NULL)", name=op.f("ck_chat_session_human_is_named")),
        sa.CheckConstraint("channel IN ('web', 'sms')", name=op.f("ck_chat_session_channel")),
        sa.CheckConstraint("owner IN ('ai', 'queue', 'human')", name=op.f("ck_chat_session_owner")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_chat_session_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_session")),
        schema="ai",
    )
    op.create_index("ix_chat_session_changed_at", "chat_session", ["changed_at"], unique=False, schema="ai")
    op.create_index("ix_chat_session_customer_id", "chat_session", ["customer_id"], unique=False, schema="ai")
    op.create_index(
        "ix_chat_session_waiting",
        "chat_session",
        ["owner", "waiting_since"],
        unique=False,
        schema="ai",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "document_chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("embedding_model", sa.Text(), nullable=False),
        sa.Column("embedding", Vector(dim=384), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_chunk")),
        sa.UniqueConstraint("document_id", "ordinal", name=op.f("uq_document_chunk_document_id_ordinal")),
        schema="ai",
    )
    op.create_table(
        "usage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ms", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('complete', 'cancelled', 'failed', 'cut')", name=op.f("ck_usage_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
        schema="ai",
    )
    op.create_index("ix_usage_model_started_at", "usage", ["model", "started_at"], unique=False, schema="ai")
    op.create_index("ix_usage_turn_id", "usage", ["turn_id"], unique=False, schema="ai")
    op.create_table(
        "chat_event",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_chat_event_conversation_id")),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_chat_event")),
        schema="ai",
    )
    op.create_table(
        "staff_event",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_staff_event_conversation_id")),
        sa.PrimaryKeyConstraint("conversation_id", "staff_seq", name=op.f("pk_staff_event")),
        sa.UniqueConstraint("conversation_id", "client_id", name=op.f("uq_staff_event_conversation_id_client_id")),
        schema="ai",
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fence_home", sa.Text(), server_default=sa.text("'redis'"), nullable=False),
        sa.Column("runner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("visible", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("restarts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stop_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("partial", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cut_at", sa.Integer(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_turn_running_is_leased")),
        sa.CheckConstraint(
            "outcome IN ('complete', 'stopped', 'taken_over', 'failed', 'replaced', 'dropped')",
            name=op.f("ck_turn_outcome"),
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'done')", name=op.f("ck_turn_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_turn_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        schema="ai",
    )
    op.create_index("ix_turn_conversation_id", "turn", ["conversation_id"], unique=False, schema="ai")
    op.create_index(
        "ix_turn_open",
        "turn",
        ["state", "lease_until"],
        unique=False,
        schema="ai",
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index(
        "uq_turn_queued",
        "turn",
        ["conversation_id"],
        unique=True,
        schema="ai",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "uq_turn_running",
        "turn",
        ["conversation_id"],
        unique=True,
        schema="ai",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "chat_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("payload_hash", sa.Text(), nullable=True),
        sa.Column("interrupted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("author_kind IN ('customer', 'ai', 'human', 'system')", name=op.f("ck_chat_message_author_kind")),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_chat_message_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["ai.turn.id"], name=op.f("fk_chat_message_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("conversation_id", "client_id", name=op.f("uq_chat_message_conversation_id_client_id")),
        sa.UniqueConstraint("conversation_id", "seq", name=op.f("uq_chat_message_conversation_id_seq")),
        schema="ai",
    )
    op.create_index(
        "uq_chat_message_turn_id",
        "chat_message",
        ["turn_id"],
        unique=True,
        schema="ai",
        postgresql_where=sa.text("author_kind = 'ai'"),
    )
    op.create_table(
        "training_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_training_signal_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["ai.chat_message.id"], name=op.f("fk_training_signal_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_signal")),
        sa.UniqueConstraint(
            "message_id",
            "kind",
            "author_kind",
            "author_id",
            name=op.f("uq_training_signal_message_id_kind_author_kind_author_id"),
        ),
        schema="ai",
    )
    op.create_index("ix_training_signal_conversation_id", "training_signal", ["conversation_id"], unique=False, schema="ai")


def downgrade() -> None:
    op.drop_index("ix_training_signal_conversation_id", table_name="training_signal", schema="ai")
    op.drop_table("training_signal", schema="ai")
    op.drop_index(
        "uq_chat_message_turn_id",
        table_name="chat_message",
        schema="ai",
        postgresql_where=sa.text("author_kind = 'ai'"),
    )
    op.drop_table("chat_message", schema="ai")
    op.drop_index("uq_turn_running", table_name="turn", schema="ai", postgresql_where=sa.text("state = 'running'"))
    op.drop_index("uq_turn_queued", table_name="turn", schema="ai", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("ix_turn_open", table_name="turn", schema="ai", postgresql_where=sa.text("state <> 'done'"))
    op.drop_index("ix_turn_conversation_id", table_name="turn", schema="ai")
    op.drop_table("turn", schema="ai")
    op.drop_table("staff_event", schema="ai")
    op.drop_table("chat_event", schema="ai")
    op.drop_index("ix_usage_turn_id", table_name="usage", schema="ai")
    op.drop_index("ix_usage_model_started_at", table_name="usage", schema="ai")
    op.drop_table("usage", schema="ai")
    op.drop_table("document_chunk", schema="ai")
    op.drop_index("ix_chat_session_waiting", table_name="chat_session", schema="ai", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_chat_session_customer_id", table_name="chat_session", schema="ai")
    op.drop_index("ix_chat_session_changed_at", table_name="chat_session", schema="ai")
    op.drop_table("chat_session", schema="ai")
