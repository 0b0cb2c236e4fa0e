"""Quotes, chefs, bookings, complaints and leads. A lane of a station's slot and the time of a chef are each given once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
OCCUPIES = "status IN ('held', 'deposit_pending', 'confirmed', 'in_progress', 'cancellation_requested')"


def upgrade() -> None:
    _quotes()
    _chefs()
    _bookings()
    _complaints()
    _leads()


def _quotes() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("profile_number", sa.Integer(), nullable=True),
        sa.Column("profile_fingerprint", sa.Text(), nullable=False),
        sa.Column("order", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("lines", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("food_cents", sa.BigInteger(), nullable=False),
        sa.Column("extras_cents", sa.BigInteger(), nullable=False),
        sa.Column("travel_cents", sa.BigInteger(), nullable=True),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("deposit_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("miles", sa.Numeric(precision=7, scale=1), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("station", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("precision IN ('estimate', 'exact')", name=op.f("ck_quote_precision")),
        sa.CheckConstraint("balance_cents = total_cents - deposit_cents", name=op.f("ck_quote_balance")),
        sa.CheckConstraint(
            "total_cents = food_cents + extras_cents + coalesce(travel_cents, 0) + tax_cents", name=op.f("ck_quote_adds_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("card_id", "card_version", name=op.f("uq_quote_card_id_card_version")),
        sa.UniqueConstraint("number", name=op.f("uq_quote_number")),
        schema="ops",
    )
    op.create_index("ix_quote_conversation_id", "quote", ["conversation_id", "number"], schema="ops")


def _chefs() -> None:
    op.create_table(
        "chef",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("largest", sa.Text(), server_default=sa.text("'large'"), nullable=False),
        sa.Column("rating", sa.Numeric(precision=3, scale=2), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("largest IN ('small', 'medium', 'large')", name=op.f("ck_chef_largest")),
        sa.CheckConstraint("rating BETWEEN 0 AND 5", name=op.f("ck_chef_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chef")),
        sa.UniqueConstraint("number", name=op.f("uq_chef_number")),
        schema="ops",
    )
    op.create_index("ix_chef_station", "chef", ["station"], schema="ops", postgresql_where=sa.text("active"))
    op.create_table(
        "chef_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chef_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(from_minute IS NULL) = (to_minute IS NULL) AND (kind = 'off' OR from_minute IS NOT NULL)", name=op.f("ck_chef_time_minutes")
        ),
        sa.CheckConstraint(
            "(kind = 'weekly') = (weekday IS NOT NULL) AND (kind = 'weekly') = (day IS NULL)", name=op.f("ck_chef_time_weekly_or_dated")
        ),
        sa.CheckConstraint("kind IN ('weekly', 'on', 'off')", name=op.f("ck_chef_time_kind")),
        sa.CheckConstraint("0 <= from_minute AND from_minute < to_minute AND to_minute <= 2880", name=op.f("ck_chef_time_forwards")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_chef_time_weekday")),
        sa.ForeignKeyConstraint(["chef_id"], ["ops.chef.id"], name=op.f("fk_chef_time_chef_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chef_time")),
        schema="ops",
    )
    op.create_index("ix_chef_time_chef_id", "chef_time", ["chef_id"], schema="ops")


def _bookings() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Time(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("busy", TSTZRANGE(), nullable=False),
        sa.Column("chef_number", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hold_until", MOMENT, nullable=True),
        sa.Column("hold_token", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("deposit_until", MOMENT, nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("party", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("facts", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("miles", sa.Numeric(precision=7, scale=1), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("idem", sa.Text(), nullable=True),
        sa.Column("profile_fingerprint", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("card_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        ExcludeConstraint(
            (sa.text("int4range(chef_number, chef_number, '[]')"), "&&"),
            (sa.column("busy"), "&&"),
            where=sa.text(f"{OCCUPIES} AND chef_number IS NOT NULL"),
            using="gist",
            name="ex_booking_chef",
        ),
        sa.CheckConstraint("(status = 'held') = (hold_until IS NOT NULL)", name=op.f("ck_booking_held_until")),
        sa.CheckConstraint("status <> 'deposit_pending' OR deposit_until IS NOT NULL", name=op.f("ck_booking_deposit_until")),
        sa.CheckConstraint(
            "status IN ('held', 'deposit_pending', 'confirmed', 'in_progress', 'completed',"
            " 'cancellation_requested', 'cancelled', 'expired', 'no_show')",
            name=op.f("ck_booking_status"),
        ),
        sa.CheckConstraint(
            "NOT isempty(busy) AND lower_inc(busy) AND NOT upper_inc(busy) AND NOT upper_inf(busy)", name=op.f("ck_booking_busy")
        ),
        sa.CheckConstraint("lane > 0 AND guests > 0", name=op.f("ck_booking_counts")),
        sa.CheckConstraint("starts_at < ends_at AND busy @> tstzrange(starts_at, ends_at)", name=op.f("ck_booking_party_within_busy")),
        sa.ForeignKeyConstraint(["chef_number"], ["ops.chef.number"], name=op.f("fk_booking_chef_number")),
        sa.ForeignKeyConstraint(["quote_id"], ["ops.quote.id"], name=op.f("fk_booking_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("idem", name=op.f("uq_booking_idem")),
        sa.UniqueConstraint("number", name=op.f("uq_booking_number")),
        schema="ops",
    )
    op.create_index("ix_booking_conversation_id", "booking", ["conversation_id"], schema="ops")
    op.create_index("ix_booking_hold_until", "booking", ["hold_until"], schema="ops", postgresql_where=sa.text("status = 'held'"))
    op.create_index("ix_booking_untold", "booking", ["changed_at"], schema="ops", postgresql_where=sa.text("card_version < version"))
    op.create_index(
        "uq_booking_held", "booking", ["conversation_id"], unique=True, schema="ops", postgresql_where=sa.text("status = 'held'")
    )
    op.create_index(
        "uq_booking_lane",
        "booking",
        ["station", "day", "slot", "lane"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text(OCCUPIES),
    )


def _complaints() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("handoff_id", sa.Uuid(), nullable=True),
        sa.Column("incident", JSONB(), nullable=True),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.CheckConstraint("severity <> 'severe' OR incident IS NOT NULL", name=op.f("ck_complaint_severe_is_recorded")),
        sa.CheckConstraint("severity IN ('minor', 'moderate', 'severe')", name=op.f("ck_complaint_severity")),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_complaint_state")),
        sa.ForeignKeyConstraint(["handoff_id"], ["ops.handoff.id"], name=op.f("fk_complaint_handoff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        schema="ops",
    )
    op.create_index("ix_complaint_created_at", "complaint", ["created_at"], schema="ops")
    op.create_index(
        "uq_complaint_open", "complaint", ["conversation_id"], unique=True, schema="ops", postgresql_where=sa.text("state = 'open'")
    )


def _leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("facts", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("failed", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('new', 'working', 'qualified', 'nurturing', 'converted', 'disqualified')", name=op.f("ck_lead_status")
        ),
        sa.CheckConstraint("score >= 0", name=op.f("ck_lead_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        schema="crm",
    )
    op.create_index("ix_lead_customer_id", "lead", ["customer_id"], schema="crm")
    op.create_index("ix_lead_status_score", "lead", ["status", "score"], schema="crm")
    op.create_index(
        "uq_lead_unsettled",
        "lead",
        ["conversation_id"],
        unique=True,
        schema="crm",
        postgresql_where=sa.text("status NOT IN ('converted', 'disqualified')"),
    )


def downgrade() -> None:
    op.drop_table("lead", schema="crm")
    for table in ("complaint", "booking", "chef_time", "chef", "quote"):
        op.drop_table(table, schema="ops")
