"""Taking turns: the install's rule, and who of the staff is here."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("install", sa.Column("rotation", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="core")
    op.add_column("install", sa.Column("rotation_limit", sa.Integer(), server_default=sa.text("5"), nullable=False), schema="core")
    op.create_table(
        "staff_presence",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["core.staff.id"], name=op.f("fk_staff_presence_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_presence")),
        schema="core",
    )


def downgrade() -> None:
    op.drop_table("staff_presence", schema="core")
    op.drop_column("install", "rotation_limit", schema="core")
    op.drop_column("install", "rotation", schema="core")
