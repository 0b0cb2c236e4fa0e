"""core: customers and their identities, sites, staff and their sessions, the audit trail, the install's own row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="core",
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False, schema="core")
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False, schema="core")
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["core.customer.id"], name=op.f("fk_customer_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        schema="core",
    )
    op.create_table(
        "install",
        sa.Column("id", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_install_only_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_install")),
        schema="core",
    )
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
        schema="core",
    )
    op.create_index("ix_login_failure_account_at", "login_failure", ["account", "at"], unique=False, schema="core")
    op.create_index("ix_login_failure_address_at", "login_failure", ["address", "at"], unique=False, schema="core")
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origins", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("identity_secret", sa.Text(), nullable=False),
        sa.Column("theme", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("allow_no_origin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("allow_own_origin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("key", name=op.f("uq_site_key")),
        schema="core",
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("one_time_password", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'admin', 'agent')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        schema="core",
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("kind IN ('subject', 'email', 'phone')", name=op.f("ck_identity_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["core.customer.id"], name=op.f("fk_identity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("kind", "scope", "value", name=op.f("uq_identity_kind_scope_value")),
        schema="core",
    )
    op.create_index("ix_identity_customer_id", "identity", ["customer_id"], unique=False, schema="core")
    op.create_table(
        "sign_in_link",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_sign_in_link_staff_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_link")),
        schema="core",
    )
    op.create_table(
        "staff_session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_staff_session")),
        schema="core",
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"], unique=False, schema="core")
    op.create_table(
        "visitor_token",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["core.customer.id"], name=op.f("fk_visitor_token_customer_id")),
        sa.ForeignKeyConstraint(["site_id"], ["core.site.id"], name=op.f("fk_visitor_token_site_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_visitor_token")),
        schema="core",
    )
    op.create_index("ix_visitor_token_expires_at", "visitor_token", ["expires_at"], unique=False, schema="core")
    op.create_table(
        "socket_token",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_hash"], ["core.staff_session.hash"], name=op.f("fk_socket_token_session_hash")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_socket_token")),
        schema="core",
    )
    op.create_index("ix_socket_token_expires_at", "socket_token", ["expires_at"], unique=False, schema="core")


def downgrade() -> None:
    op.drop_index("ix_socket_token_expires_at", table_name="socket_token", schema="core")
    op.drop_table("socket_token", schema="core")
    op.drop_index("ix_visitor_token_expires_at", table_name="visitor_token", schema="core")
    op.drop_table("visitor_token", schema="core")
    op.drop_index("ix_staff_session_staff_id", table_name="staff_session", schema="core")
    op.drop_table("staff_session", schema="core")
    op.drop_table("sign_in_link", schema="core")
    op.drop_index("ix_identity_customer_id", table_name="identity", schema="core")
    op.drop_table("identity", schema="core")
    op.drop_table("staff", schema="core")
    op.drop_table("site", schema="core")
    op.drop_index("ix_login_failure_address_at", table_name="login_failure", schema="core")
    op.drop_index("ix_login_failure_account_at", table_name="login_failure", schema="core")
    op.drop_table("login_failure", schema="core")
    op.drop_table("install", schema="core")
    op.drop_table("customer", schema="core")
    op.drop_index("ix_audit_subject", table_name="audit", schema="core")
    op.drop_index("ix_audit_at", table_name="audit", schema="core")
    op.drop_table("audit", schema="core")
