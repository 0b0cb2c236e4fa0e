"""Text messages: what goes out and comes in, consent as a ledger, one person on web and SMS, campaigns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
        schema="marketing",
    )
    op.create_table(
        "inbound_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'announced'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("from_number", sa.Text(), nullable=True),
        sa.Column("to_number", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'taken') = (outcome IS NOT NULL)", name=op.f("ck_inbound_text_taken_has_outcome")),
        sa.CheckConstraint(
            "outcome IN ('said', 'stop', 'start', 'help', 'looped', 'refused', 'code')", name=op.f("ck_inbound_text_outcome")
        ),
        sa.CheckConstraint("state IN ('announced', 'taken', 'failed')", name=op.f("ck_inbound_text_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint("provider", "provider_id", name=op.f("uq_inbound_text_provider_provider_id")),
        schema="ops",
    )
    op.create_index(
        "ix_inbound_text_announced",
        "inbound_text",
        ["created_at"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state = 'announced'"),
    )
    op.create_index("ix_inbound_text_created_at", "inbound_text", ["created_at"], unique=False, schema="ops")
    op.create_index("ix_inbound_text_from_number", "inbound_text", ["from_number", "sent_at"], unique=False, schema="ops")
    op.create_table(
        "text_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("provider_batch", sa.Text(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("encoding IN ('gsm7', 'ucs2')", name=op.f("ck_text_message_encoding")),
        sa.CheckConstraint(
            "purpose IN ('reply', 'person', 'transactional', 'marketing', 'code', 'keyword', 'staff')", name=op.f("ck_text_message_purpose")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'delivered', 'unknown', 'failed', 'refused', 'held', 'cancelled')",
            name=op.f("ck_text_message_state"),
        ),
        sa.CheckConstraint("segments > 0", name=op.f("ck_text_message_segments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_message")),
        sa.UniqueConstraint("key", name=op.f("uq_text_message_key")),
        schema="ops",
    )
    op.create_index("ix_text_message_campaign_id", "text_message", ["campaign_id"], unique=False, schema="ops")
    op.create_index("ix_text_message_conversation_id", "text_message", ["conversation_id"], unique=False, schema="ops")
    op.create_index("ix_text_message_created_at", "text_message", ["created_at"], unique=False, schema="ops")
    op.create_index("ix_text_message_message_id", "text_message", ["message_id"], unique=False, schema="ops")
    op.create_index("ix_text_message_sending_at", "text_message", ["sending_at"], unique=False, schema="ops")
    op.create_index("ix_text_message_state", "text_message", ["state", "created_at"], unique=False, schema="ops")
    op.create_index("ix_text_message_to_number", "text_message", ["to_number", "created_at"], unique=False, schema="ops")
    op.create_index(
        "uq_text_message_provider_id",
        "text_message",
        ["provider", "provider_id"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("provider_id IS NOT NULL"),
    )
    op.create_table(
        "text_number",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mute_reason", sa.Text(), nullable=True),
        sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_text_number")),
        schema="ops",
    )
    op.create_table(
        "text_subscription",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('none', 'active', 'suspended')", name=op.f("ck_text_subscription_state")),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_text_subscription")),
        schema="ops",
    )
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reason IN ('phone_code', 'identity', 'staff')", name=op.f("ck_customer_merge_reason")),
        sa.CheckConstraint("survivor_id <> loser_id", name=op.f("ck_customer_merge_of_two")),
        sa.ForeignKeyConstraint(["loser_id"], ["core.customer.id"], name=op.f("fk_customer_merge_loser_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_customer_merge_staff_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["core.customer.id"], name=op.f("fk_customer_merge_survivor_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["core.staff.id"], name=op.f("fk_customer_merge_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
        schema="core",
    )
    op.create_index("ix_customer_merge_survivor_id", "customer_merge", ["survivor_id"], unique=False, schema="core")
    op.create_index(
        "uq_customer_merge_loser", "customer_merge", ["loser_id"], unique=True, schema="core", postgresql_where=sa.text("undone_at IS NULL")
    )
    op.create_table(
        "merge_suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'merged', 'dismissed')", name=op.f("ck_merge_suggestion_state")),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_merge_suggestion_in_order")),
        sa.ForeignKeyConstraint(["one_id"], ["core.customer.id"], name=op.f("fk_merge_suggestion_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["core.customer.id"], name=op.f("fk_merge_suggestion_other_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_merge_suggestion_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_suggestion")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_merge_suggestion_one_id_other_id")),
        schema="core",
    )
    op.create_index("ix_merge_suggestion_other_id", "merge_suggestion", ["other_id"], unique=False, schema="core")
    op.create_table(
        "consent_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'reversed')", name=op.f("ck_consent_review_state")),
        sa.ForeignKeyConstraint(["consent_id"], ["crm.consent.id"], name=op.f("fk_consent_review_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_review")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_consent_review_consent_id")),
        schema="crm",
    )
    op.create_index(
        "ix_consent_review_open", "consent_review", ["created_at"], unique=False, schema="crm", postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("season", sa.Text(), nullable=True),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=True),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("reminder", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("reminder_after_hours", sa.Integer(), nullable=True),
        sa.Column("offer_percent", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("send_on", sa.Date(), nullable=True),
        sa.Column("send_from", sa.Time(), nullable=True),
        sa.Column("per_minute", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("drafted_by", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("(state = 'paused') = (pause_reason IS NOT NULL)", name=op.f("ck_campaign_paused_has_reason")),
        sa.CheckConstraint("pause_reason IN ('staff', 'opt_outs', 'provider')", name=op.f("ck_campaign_pause_reason")),
        sa.CheckConstraint("state = 'draft' OR state = 'stopped' OR approved_at IS NOT NULL", name=op.f("ck_campaign_approved")),
        sa.CheckConstraint("state IN ('draft', 'approved', 'running', 'paused', 'stopped', 'done')", name=op.f("ck_campaign_state")),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_campaign_per_minute")),
        sa.ForeignKeyConstraint(["segment_id"], ["marketing.segment.id"], name=op.f("fk_campaign_segment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        schema="marketing",
    )
    op.create_index("ix_campaign_created_at", "campaign", ["created_at"], unique=False, schema="marketing")
    op.create_index("ix_campaign_state", "campaign", ["state"], unique=False, schema="marketing")
    op.create_table(
        "phone_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("text_id", sa.Uuid(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("(conversation_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_phone_code_is_someones")),
        sa.ForeignKeyConstraint(["text_id"], ["ops.text_message.id"], name=op.f("fk_phone_code_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
        schema="ops",
    )
    op.create_index("ix_phone_code_conversation_id", "phone_code", ["conversation_id", "created_at"], unique=False, schema="ops")
    op.create_index("ix_phone_code_phone", "phone_code", ["phone", "created_at"], unique=False, schema="ops")
    op.create_table(
        "campaign_recipient",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_id", sa.Uuid(), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminder_id", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'written', 'skipped')", name=op.f("ck_campaign_recipient_state")),
        sa.CheckConstraint("(state = 'skipped') = (why IS NOT NULL)", name=op.f("ck_campaign_recipient_skipped_has_why")),
        sa.CheckConstraint("(state = 'written') = (written_at IS NOT NULL)", name=op.f("ck_campaign_recipient_written_at")),
        sa.ForeignKeyConstraint(["campaign_id"], ["marketing.campaign.id"], name=op.f("fk_campaign_recipient_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("pk_campaign_recipient")),
        schema="marketing",
    )
    op.create_index("ix_campaign_recipient_customer_id", "campaign_recipient", ["customer_id"], unique=False, schema="marketing")
    op.create_index(
        "ix_campaign_recipient_due",
        "campaign_recipient",
        ["campaign_id", "due_at"],
        unique=False,
        schema="marketing",
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_campaign_recipient_number", "campaign_recipient", ["number"], unique=False, schema="marketing")
    op.create_index(
        "ix_campaign_recipient_remind",
        "campaign_recipient",
        ["campaign_id", "remind_at"],
        unique=False,
        schema="marketing",
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.add_column("chat_message", sa.Column("channel", sa.Text(), server_default=sa.text("'web'"), nullable=False), schema="ai")
    op.create_check_constraint("channel", "chat_message", "channel IN ('web', 'sms')", schema="ai")
    op.add_column("chat_session", sa.Column("phone", sa.Text(), nullable=True), schema="ai")
    op.add_column("chat_session", sa.Column("our_phone", sa.Text(), nullable=True), schema="ai")
    op.create_index(
        "uq_chat_session_phone", "chat_session", ["phone"], unique=True, schema="ai", postgresql_where=sa.text("phone IS NOT NULL")
    )
    op.create_index("ix_identity_value", "identity", ["value", "kind"], unique=False, schema="core")
    op.create_index("ix_visitor_token_customer_id", "visitor_token", ["customer_id"], unique=False, schema="core")
    op.create_index(
        "ix_customer_merged_into",
        "customer",
        ["merged_into"],
        unique=False,
        schema="core",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.add_column("staff", sa.Column("phone", sa.Text(), nullable=True), schema="core")
    op.add_column("staff", sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True), schema="core")
    op.add_column("consent", sa.Column("purpose", sa.Text(), server_default=sa.text("'transactional'"), nullable=False), schema="crm")
    op.add_column("consent", sa.Column("ip", sa.Text(), nullable=True), schema="crm")
    op.add_column("consent", sa.Column("staff_id", sa.Uuid(), nullable=True), schema="crm")
    op.add_column("consent", sa.Column("reason", sa.Text(), nullable=True), schema="crm")
    op.alter_column("consent", "customer_id", existing_type=sa.UUID(), nullable=True, schema="crm")
    op.create_check_constraint("purpose", "consent", "purpose IN ('transactional', 'marketing', 'all')", schema="crm")
    op.create_check_constraint(
        "source",
        "consent",
        "source IN ('widget', 'verified', 'identity', 'keyword', 'free_text', 'staff', 'import', 'provider', 'review')",
        schema="crm",
    )
    op.execute(
        "CREATE FUNCTION crm.consent_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'entries of consent are added, never changed' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute("CREATE TRIGGER consent_stays BEFORE UPDATE OR DELETE ON crm.consent FOR EACH ROW EXECUTE FUNCTION crm.consent_stays()")
    op.create_index("ix_consent_address_at", "consent", ["address", "at"], unique=False, schema="crm")


def downgrade() -> None:
    op.execute("DROP TRIGGER consent_stays ON crm.consent")
    op.execute("DROP FUNCTION crm.consent_stays()")
    op.drop_index("ix_consent_address_at", table_name="consent", schema="crm")
    op.alter_column("consent", "customer_id", existing_type=sa.UUID(), nullable=False, schema="crm")
    op.drop_constraint(op.f("ck_consent_source"), "consent", schema="crm")
    op.drop_constraint(op.f("ck_consent_purpose"), "consent", schema="crm")
    op.drop_column("consent", "reason", schema="crm")
    op.drop_column("consent", "staff_id", schema="crm")
    op.drop_column("consent", "ip", schema="crm")
    op.drop_column("consent", "purpose", schema="crm")
    op.drop_index("ix_customer_merged_into", table_name="customer", schema="core", postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.drop_index("ix_visitor_token_customer_id", table_name="visitor_token", schema="core")
    op.drop_index("ix_identity_value", table_name="identity", schema="core")
    op.drop_column("staff", "phone_verified_at", schema="core")
    op.drop_column("staff", "phone", schema="core")
    op.drop_index("uq_chat_session_phone", table_name="chat_session", schema="ai", postgresql_where=sa.text("phone IS NOT NULL"))
    op.drop_column("chat_session", "our_phone", schema="ai")
    op.drop_column("chat_session", "phone", schema="ai")
    op.drop_column("chat_message", "channel", schema="ai")
    op.drop_index(
        "ix_campaign_recipient_remind",
        table_name="campaign_recipient",
        schema="marketing",
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.drop_index("ix_campaign_recipient_number", table_name="campaign_recipient", schema="marketing")
    op.drop_index(
        "ix_campaign_recipient_due", table_name="campaign_recipient", schema="marketing", postgresql_where=sa.text("state = 'planned'")
    )
    op.drop_index("ix_campaign_recipient_customer_id", table_name="campaign_recipient", schema="marketing")
    op.drop_table("campaign_recipient", schema="marketing")
    op.drop_index("ix_phone_code_phone", table_name="phone_code", schema="ops")
    op.drop_index("ix_phone_code_conversation_id", table_name="phone_code", schema="ops")
    op.drop_table("phone_code", schema="ops")
    op.drop_index("ix_campaign_state", table_name="campaign", schema="marketing")
    op.drop_index("ix_campaign_created_at", table_name="campaign", schema="marketing")
    op.drop_table("campaign", schema="marketing")
    op.drop_index("ix_consent_review_open", table_name="consent_review", schema="crm", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("consent_review", schema="crm")
    op.drop_index("ix_merge_suggestion_other_id", table_name="merge_suggestion", schema="core")
    op.drop_table("merge_suggestion", schema="core")
    op.drop_index("uq_customer_merge_loser", table_name="customer_merge", schema="core", postgresql_where=sa.text("undone_at IS NULL"))
    op.drop_index("ix_customer_merge_survivor_id", table_name="customer_merge", schema="core")
    op.drop_table("customer_merge", schema="core")
    op.drop_table("text_subscription", schema="ops")
    op.drop_table("text_number", schema="ops")
    op.drop_index(
        "uq_text_message_provider_id", table_name="text_message", schema="ops", postgresql_where=sa.text("provider_id IS NOT NULL")
    )
    op.drop_index("ix_text_message_to_number", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_state", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_sending_at", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_message_id", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_created_at", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_conversation_id", table_name="text_message", schema="ops")
    op.drop_index("ix_text_message_campaign_id", table_name="text_message", schema="ops")
    op.drop_table("text_message", schema="ops")
    op.drop_index("ix_inbound_text_from_number", table_name="inbound_text", schema="ops")
    op.drop_index("ix_inbound_text_created_at", table_name="inbound_text", schema="ops")
    op.drop_index("ix_inbound_text_announced", table_name="inbound_text", schema="ops", postgresql_where=sa.text("state = 'announced'"))
    op.drop_table("inbound_text", schema="ops")
    op.drop_table("segment", schema="marketing")
