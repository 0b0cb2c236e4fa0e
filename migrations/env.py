"""Alembic's entry: runs revisions on the connection that `migrations.runner` hands over; it opens none of its own."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.sql.schema import SchemaItem

from kernel.tables import SCHEMAS, metadata
from migrations.passing import comes_and_goes
from migrations.runner import VERSION_SCHEMA, VERSION_TABLE


def ours(name: str | None, kind: str, parents: object) -> bool:
    """Only our six schemas are compared; a database may be shared with others."""
    return kind != "schema" or name in SCHEMAS


def render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """A vector column needs its import spelt out in a generated revision."""
    if kind == "type" and type(item).__module__.startswith("pgvector."):
        autogen.imports.add("from pgvector.sqlalchemy import Vector")
        return repr(item).replace("VECTOR(", "Vector(")
    return False


def keep(item: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: SchemaItem | None) -> bool:
    """Nothing that we did not declare is ever proposed for dropping."""
    passing = kind == "index" and comes_and_goes(name, getattr(getattr(item, "table", None), "name", None))
    return not (reflected and compare_to is None and (kind == "table" or passing))


connection = context.config.attributes.get("connection")
if not isinstance(connection, Connection):
    raise RuntimeError("Run migrations with `hibachi db upgrade`: they need its lock and its connection.")

context.configure(
    connection=connection,
    target_metadata=metadata,
    include_schemas=True,
    include_name=ours,
    include_object=keep,
    render_item=render,
    compare_server_default=True,
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
