"""What the business has written, searched by vectors and words; summaries, leads as people move them, proposals of the assistant."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BY_LANGUAGE = (
    "setweight(to_tsvector(CASE language WHEN 'en' THEN 'english'::regconfig WHEN 'es' THEN 'spanish'::regconfig"
    " ELSE 'simple'::regconfig END, {column}), '{weight}')"
)
WORDS = " || ".join(
    BY_LANGUAGE.format(column=column, weight=weight) for column, weight in (("title", "A"), ("heading", "B"), ("indexed", "C"))
)


def upgrade() -> None:
    # Nothing ever wrote to the one that stood here.
    op.drop_table("document_chunk", schema="ai")
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'everyone'"), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("remarks", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'page') = (address IS NOT NULL)", name=op.f("ck_document_page_has_address")),
        sa.CheckConstraint("audience IN ('everyone', 'staff')", name=op.f("ck_document_audience")),
        sa.CheckConstraint("kind IN ('markdown', 'html', 'pdf', 'text', 'page')", name=op.f("ck_document_kind")),
        sa.CheckConstraint("origin IN ('seed', 'upload', 'page', 'written')", name=op.f("ck_document_origin")),
        sa.CheckConstraint("state IN ('waiting', 'reading', 'ready', 'failed')", name=op.f("ck_document_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        schema="ai",
    )
    op.create_index("ix_document_changed_at", "document", ["changed_at"], unique=False, schema="ai")
    op.create_index("uq_document_seed", "document", ["seed"], unique=True, schema="ai", postgresql_where=sa.text("seed IS NOT NULL"))
    op.create_table(
        "document_seed",
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("seed", name=op.f("pk_document_seed")),
        schema="ai",
    )
    op.create_table(
        "embedding_index",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'building'"), nullable=False),
        sa.Column("approximate", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("serving_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('building', 'serving', 'retired', 'failed')", name=op.f("ck_embedding_index_state")),
        sa.CheckConstraint("dimensions BETWEEN 1 AND 2000", name=op.f("ck_embedding_index_dimensions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_index")),
        schema="ai",
    )
    op.create_index(
        "uq_embedding_index_building",
        "embedding_index",
        ["state"],
        unique=True,
        schema="ai",
        postgresql_where=sa.text("state = 'building'"),
    )
    op.create_index(
        "uq_embedding_index_serving", "embedding_index", ["state"], unique=True, schema="ai", postgresql_where=sa.text("state = 'serving'")
    )
    op.create_table(
        "alert_dismissal",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_alert_dismissal")),
        schema="ops",
    )
    op.create_table(
        "assistant_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name=op.f("ck_assistant_action_settled")),
        sa.CheckConstraint("state IN ('proposed', 'done', 'declined', 'failed', 'expired')", name=op.f("ck_assistant_action_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_action")),
        schema="ops",
    )
    op.create_index("ix_assistant_action_staff_id_created_at", "assistant_action", ["staff_id", "created_at"], unique=False, schema="ops")
    op.create_table(
        "document_chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("indexed", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'everyone'"), nullable=False),
        sa.Column("held_back", sa.Text(), nullable=True),
        sa.Column("let_through_by", sa.Uuid(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("audience IN ('everyone', 'staff')", name=op.f("ck_document_chunk_audience")),
        sa.ForeignKeyConstraint(["document_id"], ["ai.document.id"], name=op.f("fk_document_chunk_document_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_chunk")),
        sa.UniqueConstraint("document_id", "ordinal", name=op.f("uq_document_chunk_document_id_ordinal")),
        schema="ai",
    )
    op.create_index(
        "ix_document_chunk_words",
        "document_chunk",
        ["words"],
        unique=False,
        schema="ai",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "lead_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("kind IN ('status', 'assigned', 'note', 'alert')", name=op.f("ck_lead_event_kind")),
        sa.ForeignKeyConstraint(["lead_id"], ["crm.lead.id"], name=op.f("fk_lead_event_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_event")),
        schema="crm",
    )
    op.create_index("ix_lead_event_lead_id_at", "lead_event", ["lead_id", "at"], unique=False, schema="crm")
    op.create_table(
        "chunk_vector",
        sa.Column("index_id", sa.Uuid(), nullable=False),
        sa.Column("chunk_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("embedding", Vector(), nullable=False),
        sa.ForeignKeyConstraint(["chunk_id"], ["ai.document_chunk.id"], name=op.f("fk_chunk_vector_chunk_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["index_id"], ["ai.embedding_index.id"], name=op.f("fk_chunk_vector_index_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("index_id", "chunk_id", name=op.f("pk_chunk_vector")),
        schema="ai",
    )
    op.create_index("ix_chunk_vector_chunk_id", "chunk_vector", ["chunk_id"], unique=False, schema="ai")
    op.create_table(
        "unanswered_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("nearest_chunk_id", sa.Uuid(), nullable=True),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'ignored')", name=op.f("ck_unanswered_question_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_unanswered_question_conversation_id")),
        sa.ForeignKeyConstraint(
            ["nearest_chunk_id"], ["ai.document_chunk.id"], name=op.f("fk_unanswered_question_nearest_chunk_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["ai.turn.id"], name=op.f("fk_unanswered_question_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_question")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_unanswered_question_turn_id")),
        schema="ai",
    )
    op.create_index("ix_unanswered_question_conversation_id", "unanswered_question", ["conversation_id"], unique=False, schema="ai")
    op.create_index("ix_unanswered_question_state_created_at", "unanswered_question", ["state", "created_at"], unique=False, schema="ai")
    op.add_column("chat_session", sa.Column("summary", sa.Text(), server_default=sa.text("''"), nullable=False), schema="ai")
    op.add_column("chat_session", sa.Column("summary_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False), schema="ai")
    op.add_column(
        "turn_record",
        sa.Column("chunks", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        schema="ai",
    )
    op.create_index("ix_turn_record_chunks", "turn_record", ["chunks"], unique=False, schema="ai", postgresql_using="gin")
    op.add_column("turn_record", sa.Column("prompts", sa.Text(), server_default=sa.text("''"), nullable=False), schema="ai")
    op.add_column(
        "lead",
        sa.Column("confidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        schema="crm",
    )
    op.add_column("lead", sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False), schema="crm")
    op.add_column("lead", sa.Column("assignee_id", sa.Uuid(), nullable=True), schema="crm")
    op.add_column("lead", sa.Column("why_disqualified", sa.Text(), nullable=True), schema="crm")
    op.add_column(
        "lead",
        sa.Column("status_since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        schema="crm",
    )
    op.add_column("lead", sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True), schema="crm")
    op.execute("UPDATE crm.lead SET status_since = created_at")


def downgrade() -> None:
    op.drop_column("lead", "alerted_at", schema="crm")
    op.drop_column("lead", "status_since", schema="crm")
    op.drop_column("lead", "why_disqualified", schema="crm")
    op.drop_column("lead", "assignee_id", schema="crm")
    op.drop_column("lead", "rev", schema="crm")
    op.drop_column("lead", "confidence", schema="crm")
    op.drop_column("turn_record", "prompts", schema="ai")
    op.drop_index("ix_turn_record_chunks", table_name="turn_record", schema="ai", postgresql_using="gin")
    op.drop_column("turn_record", "chunks", schema="ai")
    op.drop_column("chat_session", "summary_seq", schema="ai")
    op.drop_column("chat_session", "summary", schema="ai")
    op.drop_index("ix_unanswered_question_state_created_at", table_name="unanswered_question", schema="ai")
    op.drop_index("ix_unanswered_question_conversation_id", table_name="unanswered_question", schema="ai")
    op.drop_table("unanswered_question", schema="ai")
    op.drop_index("ix_chunk_vector_chunk_id", table_name="chunk_vector", schema="ai")
    op.drop_table("chunk_vector", schema="ai")
    op.drop_index("ix_lead_event_lead_id_at", table_name="lead_event", schema="crm")
    op.drop_table("lead_event", schema="crm")
    op.drop_index("ix_document_chunk_words", table_name="document_chunk", schema="ai", postgresql_using="gin")
    op.drop_table("document_chunk", schema="ai")
    op.drop_index("ix_assistant_action_staff_id_created_at", table_name="assistant_action", schema="ops")
    op.drop_table("assistant_action", schema="ops")
    op.drop_table("alert_dismissal", schema="ops")
    op.drop_index("uq_embedding_index_serving", table_name="embedding_index", schema="ai", postgresql_where=sa.text("state = 'serving'"))
    op.drop_index("uq_embedding_index_building", table_name="embedding_index", schema="ai", postgresql_where=sa.text("state = 'building'"))
    op.drop_table("embedding_index", schema="ai")
    op.drop_index("uq_document_seed", table_name="document", schema="ai", postgresql_where=sa.text("seed IS NOT NULL"))
    op.drop_table("document_seed", schema="ai")
    op.drop_index("ix_document_changed_at", table_name="document", schema="ai")
    op.drop_table("document", schema="ai")
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
