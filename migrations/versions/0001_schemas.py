"""The six schemas and the one extension, where the database lacks them."""

from alembic import op

from migrations import made

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelt out, not imported: a revision says the same for ever.
SCHEMAS = ("core", "ai", "crm", "ops", "marketing", "analytics")


def upgrade() -> None:
    connection = op.get_bind()
    made.begin(connection)
    made.extension(connection, revision, "vector")
    for schema in SCHEMAS:
        made.schema(connection, revision, schema)


def downgrade() -> None:
    connection = op.get_bind()
    made.undo(connection, revision)
    made.end(connection)
