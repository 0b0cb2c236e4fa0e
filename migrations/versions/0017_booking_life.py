"""A booking's life: terms, amounts, changes, money with its ledger, e-mails, coupons and follow-ups, and what is done by the clock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Entries of a posting may come one by one: whether they add up is asked at the commit.
ADDS_UP = """
CREATE FUNCTION ops.posting_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT coalesce(sum(amount_cents), 0) <> 0 OR count(*) < 2 FROM ops.ledger_entry WHERE posting_id = NEW.posting_id) THEN
    RAISE EXCEPTION 'the entries of posting % do not add up to zero', NEW.posting_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
STAYS = """
CREATE FUNCTION ops.ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is only ever added to' USING ERRCODE = 'check_violation';
END $$
"""


def upgrade() -> None:
    _bookings()
    _emails()
    _payments()
    _ledger()
    _complaints()
    _handoffs()
    _cron()


def _bookings() -> None:
    op.add_column("booking", sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True), schema="ops")
    op.add_column("booking", sa.Column("total_cents", sa.BigInteger(), nullable=True), schema="ops")
    op.add_column("booking", sa.Column("deposit_cents", sa.BigInteger(), nullable=True), schema="ops")
    op.add_column("booking", sa.Column("kept", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="ops")
    op.add_column("booking", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True), schema="ops")
    op.add_column("booking", sa.Column("reschedules", sa.Integer(), server_default=sa.text("0"), nullable=False), schema="ops")
    op.add_column("booking", sa.Column("before_cancel", sa.Text(), nullable=True), schema="ops")
    op.add_column("booking", sa.Column("page", sa.Text(), nullable=True), schema="ops")
    op.drop_column("booking", "hold_token", schema="ops")  # who may confirm is told by the verb, not by a token
    op.add_column("booking", sa.Column("asked_chef", sa.Integer(), nullable=True), schema="ops")
    op.create_index("ix_booking_customer_id", "booking", ["customer_id"], schema="ops")
    op.create_index("ix_booking_starts_at", "booking", ["starts_at"], schema="ops")
    op.create_foreign_key(
        op.f("fk_booking_asked_chef"), "booking", "chef", ["asked_chef"], ["number"], source_schema="ops", referent_schema="ops"
    )
    op.create_table(
        "booking_event",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("by_kind IN ('customer', 'ai', 'human', 'system')", name=op.f("ck_booking_event_by_kind")),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_booking_event_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", "version", name=op.f("pk_booking_event")),
        schema="ops",
    )
    op.create_index("ix_booking_event_at", "booking_event", ["at"], schema="ops")
    op.execute(
        "UPDATE ops.booking SET total_cents = quote.total_cents, deposit_cents = quote.deposit_cents"
        " FROM ops.quote WHERE quote.id = booking.quote_id"
    )
    op.execute("UPDATE ops.booking SET confirmed_at = changed_at WHERE status IN ('confirmed', 'in_progress', 'completed', 'no_show')")
    op.execute("UPDATE ops.booking SET before_cancel = 'confirmed' WHERE status = 'cancellation_requested'")
    op.create_check_constraint(
        op.f("ck_booking_before_cancel"), "booking", "(status = 'cancellation_requested') = (before_cancel IS NOT NULL)", schema="ops"
    )
    op.create_check_constraint(
        op.f("ck_booking_amounts"), "booking", "deposit_cents BETWEEN 0 AND total_cents OR total_cents IS NULL", schema="ops"
    )


def _emails() -> None:
    op.create_table(
        "email",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("attachments", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("marketing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'unknown', 'failed', 'bounced', 'held', 'suppressed')", name=op.f("ck_email_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email")),
        sa.UniqueConstraint("key", name=op.f("uq_email_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_email_message_id")),
        schema="ops",
    )
    op.create_index("ix_email_booking_id", "email", ["booking_id"], schema="ops")
    op.create_index("ix_email_conversation_id", "email", ["conversation_id"], schema="ops")
    op.create_index("ix_email_created_at", "email", ["created_at"], schema="ops")
    op.create_index("ix_email_state", "email", ["state", "created_at"], schema="ops")
    op.create_table(
        "email_suppression",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("reason IN ('unsubscribed', 'bounced', 'complained', 'staff')", name=op.f("ck_email_suppression_reason")),
        sa.CheckConstraint("scope IN ('marketing', 'all')", name=op.f("ck_email_suppression_scope")),
        sa.PrimaryKeyConstraint("address", "scope", name=op.f("pk_email_suppression")),
        schema="ops",
    )
    op.create_table(
        "email_template",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "locale", "version", name=op.f("pk_email_template")),
        schema="ops",
    )
    op.create_table(
        "inbound_email",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("email_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("outcome IN ('threaded', 'bounce', 'payment', 'kept')", name=op.f("ck_inbound_email_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_email")),
        sa.UniqueConstraint("message_id", name=op.f("uq_inbound_email_message_id")),
        schema="ops",
    )
    op.create_index("ix_inbound_email_created_at", "inbound_email", ["created_at"], schema="ops")


def _payments() -> None:
    op.create_table(
        "checkout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("purpose IN ('deposit', 'balance', 'fee', 'other')", name=op.f("ck_checkout_purpose")),
        sa.CheckConstraint("state IN ('new', 'expired') OR session IS NOT NULL", name=op.f("ck_checkout_session")),
        sa.CheckConstraint("state IN ('new', 'open', 'paid', 'expired')", name=op.f("ck_checkout_state")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_checkout_amount")),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_checkout_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("session", name=op.f("uq_checkout_session")),
        schema="ops",
    )
    op.create_index(
        "uq_checkout_open",
        "checkout",
        ["booking_id", "purpose"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
        sa.UniqueConstraint("provider", "event", name=op.f("uq_payment_event_provider_event")),
        schema="ops",
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("checkout_id", sa.Uuid(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("method IN ('card', 'venmo', 'zelle', 'cash')", name=op.f("ck_payment_method")),
        sa.CheckConstraint("purpose IN ('deposit', 'balance', 'fee', 'other')", name=op.f("ck_payment_purpose")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND amount_cents", name=op.f("ck_payment_refunded")),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_payment_booking_id")),
        sa.ForeignKeyConstraint(["checkout_id"], ["ops.checkout.id"], name=op.f("fk_payment_checkout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("method", "reference", name=op.f("uq_payment_method_reference")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
        schema="ops",
    )
    op.create_index("ix_payment_booking_id", "payment", ["booking_id"], schema="ops")
    op.create_index("ix_payment_received_at", "payment", ["received_at"], schema="ops")
    op.create_table(
        "payment_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("method IN ('venmo', 'zelle')", name=op.f("ck_payment_notice_method")),
        sa.CheckConstraint("state IN ('new', 'matched', 'suggested', 'unmatched', 'ignored')", name=op.f("ck_payment_notice_state")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_notice_amount")),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_payment_notice_booking_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["ops.payment.id"], name=op.f("fk_payment_notice_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_notice")),
        sa.UniqueConstraint("method", "reference", name=op.f("uq_payment_notice_method_reference")),
        schema="ops",
    )
    op.create_index("ix_payment_notice_state", "payment_notice", ["state", "created_at"], schema="ops")
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'done', 'failed')", name=op.f("ck_refund_state")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["ops.payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
        schema="ops",
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"], schema="ops")


def _ledger() -> None:
    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_ledger_posting_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_posting_key")),
        schema="ops",
    )
    op.create_index("ix_ledger_posting_booking_id", "ledger_posting", ["booking_id"], schema="ops")
    op.create_table(
        "ledger_entry",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account IN ('card', 'venmo', 'zelle', 'cash', 'customers', 'unmatched', 'revenue', 'fees', 'tax', 'discounts')",
            name=op.f("ck_ledger_entry_account"),
        ),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_ledger_entry_amount")),
        sa.ForeignKeyConstraint(["posting_id"], ["ops.ledger_posting.id"], name=op.f("fk_ledger_entry_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", "account", name=op.f("pk_ledger_entry")),
        schema="ops",
    )
    op.create_index("ix_ledger_entry_account", "ledger_entry", ["account"], schema="ops")
    op.execute(ADDS_UP)
    op.execute(STAYS)
    op.execute(
        "CREATE CONSTRAINT TRIGGER posting_adds_up AFTER INSERT ON ops.ledger_entry"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ops.posting_adds_up()"
    )
    for table in ("ledger_posting", "ledger_entry"):
        op.execute(f"CREATE TRIGGER ledger_stays BEFORE UPDATE OR DELETE ON ops.{table} FOR EACH ROW EXECUTE FUNCTION ops.ledger_stays()")


def _complaints() -> None:
    op.add_column("complaint", sa.Column("resolved_by", sa.Uuid(), nullable=True), schema="ops")
    op.add_column("complaint", sa.Column("resolution", sa.Text(), nullable=True), schema="ops")
    op.add_column("complaint", sa.Column("topic", sa.Text(), nullable=True), schema="ops")
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["ops.complaint.id"], name=op.f("fk_follow_up_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        schema="ops",
    )
    op.create_index("ix_follow_up_complaint_id", "follow_up", ["complaint_id"], schema="ops")
    op.create_index("ix_follow_up_due", "follow_up", ["due_at"], schema="ops", postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "coupon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("cents_at_most", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'used', 'expired')", name=op.f("ck_coupon_state")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'used') OR (decided_by IS NOT NULL AND expires_at IS NOT NULL)",
            name=op.f("ck_coupon_approved_by_a_person"),
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100 AND cents_at_most > 0", name=op.f("ck_coupon_worth")),
        sa.ForeignKeyConstraint(["booking_id"], ["ops.booking.id"], name=op.f("fk_coupon_booking_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["ops.complaint.id"], name=op.f("fk_coupon_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("code", name=op.f("uq_coupon_code")),
        schema="ops",
    )
    op.create_index("ix_coupon_state", "coupon", ["state", "created_at"], schema="ops")
    op.create_index(
        "uq_coupon_active", "coupon", ["customer_id"], unique=True, schema="ops", postgresql_where=sa.text("state = 'approved'")
    )


def _handoffs() -> None:
    op.add_column("handoff", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True), schema="ops")
    op.add_column("handoff", sa.Column("step", sa.Integer(), server_default=sa.text("0"), nullable=False), schema="ops")
    op.add_column("chat_session", sa.Column("mailed_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False), schema="ai")


def _cron() -> None:
    op.create_table(
        "cron_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (lease_until IS NOT NULL)", name=op.f("ck_cron_run_running_is_leased")),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_cron_run")),
        schema="ops",
    )
    op.create_index("ix_cron_run_started_at", "cron_run", ["started_at"], schema="ops")
    op.create_table(
        "worker_process",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_process")),
        schema="ops",
    )
    op.create_index("ix_outbox_dead", "outbox", ["id"], schema="ops", postgresql_where=sa.text("state = 'dead'"))
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"], schema="ops", postgresql_where=sa.text("state = 'done'"))


def downgrade() -> None:
    op.drop_index("ix_outbox_done_at", table_name="outbox", schema="ops")
    op.drop_index("ix_outbox_dead", table_name="outbox", schema="ops")
    for table in (
        "worker_process",
        "cron_run",
        "coupon",
        "follow_up",
        "ledger_entry",
        "ledger_posting",
        "refund",
        "payment_notice",
        "payment",
        "payment_event",
        "checkout",
        "inbound_email",
        "email_template",
        "email_suppression",
        "email",
        "booking_event",
    ):
        op.drop_table(table, schema="ops")
    op.execute("DROP FUNCTION ops.posting_adds_up()")
    op.execute("DROP FUNCTION ops.ledger_stays()")
    op.drop_column("chat_session", "mailed_seq", schema="ai")
    for column in ("step", "claimed_at"):
        op.drop_column("handoff", column, schema="ops")
    for column in ("topic", "resolution", "resolved_by"):
        op.drop_column("complaint", column, schema="ops")
    op.drop_constraint(op.f("ck_booking_amounts"), "booking", schema="ops", type_="check")
    op.drop_constraint(op.f("ck_booking_before_cancel"), "booking", schema="ops", type_="check")
    op.drop_index("ix_booking_starts_at", table_name="booking", schema="ops")
    op.drop_index("ix_booking_customer_id", table_name="booking", schema="ops")
    for column in (
        "page",
        "asked_chef",
        "before_cancel",
        "reschedules",
        "confirmed_at",
        "kept",
        "deposit_cents",
        "total_cents",
        "terms_accepted_at",
    ):
        op.drop_column("booking", column, schema="ops")
    token = sa.Column("hold_token", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("booking", token, schema="ops")
