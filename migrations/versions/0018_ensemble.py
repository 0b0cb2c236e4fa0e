"""What models may cost and did, the policy by which they answer, turns as they were asked, and what shadows answered to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("microdollars", sa.BigInteger(), nullable=False),
        sa.Column("spends", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_hold")),
        schema="ai",
    )
    op.create_index("ix_budget_hold_expires_at", "budget_hold", ["expires_at"], unique=False, schema="ai")
    op.create_table(
        "ensemble_version",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ensemble_version")),
        schema="ai",
    )
    op.create_table(
        "spend",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent_microdollars", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_microdollars", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("scope IN ('visitor', 'conversation', 'site', 'all', 'shadow')", name=op.f("ck_spend_scope")),
        sa.CheckConstraint("spent_microdollars >= 0 AND held_microdollars >= 0", name=op.f("ck_spend_not_negative")),
        sa.PrimaryKeyConstraint("scope", "key", "day", name=op.f("pk_spend")),
        schema="ai",
    )
    op.create_index("ix_spend_day", "spend", ["day"], unique=False, schema="ai")
    # What was spent before there were budgets; of whom it was for only the conversation is known.
    paid = "FROM ai.usage WHERE cost_microdollars > 0"
    op.execute(
        "INSERT INTO ai.spend (scope, key, day, spent_microdollars) SELECT 'all', '', (started_at AT TIME ZONE 'UTC')::date,"
        f" sum(cost_microdollars) {paid} GROUP BY 3"
    )
    op.execute(
        "INSERT INTO ai.spend (scope, key, day, spent_microdollars) SELECT 'conversation', conversation_id::text, DATE '1970-01-01',"
        f" sum(cost_microdollars) {paid} AND conversation_id IS NOT NULL GROUP BY 2"
    )
    op.create_table(
        "shadow_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), server_default=sa.text("'live'"), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("calls", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("agreement", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("first_token_ms", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("cost_microdollars", sa.BigInteger(), nullable=True),
        sa.Column("primary_model", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("primary_first_token_ms", sa.Integer(), nullable=True),
        sa.Column("primary_duration_ms", sa.Integer(), nullable=True),
        sa.Column("primary_cost_microdollars", sa.BigInteger(), nullable=True),
        sa.Column("critic", sa.Text(), nullable=True),
        sa.Column("critic_why", sa.Text(), nullable=True),
        sa.Column("preference", sa.Text(), nullable=True),
        sa.Column("preferred_by", sa.Uuid(), nullable=True),
        sa.Column("preferred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("critic IN ('primary', 'candidate', 'tie')", name=op.f("ck_shadow_pair_critic")),
        sa.CheckConstraint("preference IN ('primary', 'candidate', 'tie')", name=op.f("ck_shadow_pair_preference")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed', 'skipped')", name=op.f("ck_shadow_pair_state")),
        sa.CheckConstraint("(preference IS NULL) = (preferred_by IS NULL)", name=op.f("ck_shadow_pair_preference_is_somebodys")),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_shadow_pair_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["ai.turn.id"], name=op.f("fk_shadow_pair_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_pair")),
        sa.UniqueConstraint("turn_id", "candidate", "run", name=op.f("uq_shadow_pair_turn_id_candidate_run")),
        schema="ai",
    )
    op.create_index("ix_shadow_pair_candidate_created_at", "shadow_pair", ["candidate", "created_at"], unique=False, schema="ai")
    op.create_index("ix_shadow_pair_created_at", "shadow_pair", ["created_at"], unique=False, schema="ai")
    op.create_table(
        "turn_record",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("asked_turn_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("stakes", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("messages", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("tools", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("max_tokens", sa.Integer(), nullable=False),
        sa.Column("prepared", sa.Text(), nullable=False),
        sa.Column("calls", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ms", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("stakes IN ('low', 'high')", name=op.f("ck_turn_record_stakes")),
        sa.ForeignKeyConstraint(["asked_turn_id"], ["ai.turn.id"], name=op.f("fk_turn_record_asked_turn_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["ai.chat_session.id"], name=op.f("fk_turn_record_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["ai.turn.id"], name=op.f("fk_turn_record_turn_id")),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_turn_record")),
        schema="ai",
    )
    op.create_index("ix_turn_record_conversation_id", "turn_record", ["conversation_id"], unique=False, schema="ai")
    op.create_index("ix_turn_record_created_at", "turn_record", ["created_at"], unique=False, schema="ai")
    op.add_column("usage", sa.Column("customer_id", sa.Uuid(), nullable=True), schema="ai")
    op.add_column("usage", sa.Column("site_id", sa.Uuid(), nullable=True), schema="ai")
    op.add_column("usage", sa.Column("agent", sa.Text(), server_default=sa.text("''"), nullable=False), schema="ai")
    op.add_column("usage", sa.Column("race", sa.Text(), nullable=True), schema="ai")
    op.create_check_constraint(
        op.f("ck_usage_race"), "usage", "race IN ('first_won', 'first_lost', 'second_won', 'second_lost')", schema="ai"
    )
    op.create_index("ix_usage_conversation_id", "usage", ["conversation_id"], unique=False, schema="ai")
    op.create_index("ix_usage_started_at", "usage", ["started_at"], unique=False, schema="ai")


def downgrade() -> None:
    op.drop_index("ix_usage_started_at", table_name="usage", schema="ai")
    op.drop_index("ix_usage_conversation_id", table_name="usage", schema="ai")
    op.drop_constraint(op.f("ck_usage_race"), "usage", schema="ai", type_="check")
    op.drop_column("usage", "race", schema="ai")
    op.drop_column("usage", "agent", schema="ai")
    op.drop_column("usage", "site_id", schema="ai")
    op.drop_column("usage", "customer_id", schema="ai")
    op.drop_index("ix_turn_record_created_at", table_name="turn_record", schema="ai")
    op.drop_index("ix_turn_record_conversation_id", table_name="turn_record", schema="ai")
    op.drop_table("turn_record", schema="ai")
    op.drop_index("ix_shadow_pair_created_at", table_name="shadow_pair", schema="ai")
    op.drop_index("ix_shadow_pair_candidate_created_at", table_name="shadow_pair", schema="ai")
    op.drop_table("shadow_pair", schema="ai")
    op.drop_table("spend", schema="ai")
    op.drop_table("ensemble_version", schema="ai")
    op.drop_index("ix_budget_hold_expires_at", table_name="budget_hold", schema="ai")
    op.drop_table("budget_hold", schema="ai")
