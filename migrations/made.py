"""What a revision made, written down, so that its downgrade drops that and nothing else.

A schema or an extension may have been in the database before us, or others may have come to use ours. `schema()` and
`extension()` create what is missing and record it; `undo()` drops what the revision recorded and nobody else uses.
"""

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

DEPENDENT_OBJECTS = "2BP01"


def begin(connection: Connection) -> None:
    """Create the record itself; the first revision does."""
    connection.execute(
        sa.text(
            "CREATE TABLE public.hibachi_made (revision text NOT NULL, kind text NOT NULL, name text NOT NULL, PRIMARY KEY (kind, name))"
        )
    )


def end(connection: Connection) -> None:
    """Drop the record; the first revision's downgrade does, last of all."""
    connection.execute(sa.text("DROP TABLE public.hibachi_made"))


def schema(connection: Connection, revision: str, name: str) -> None:
    """Create a schema unless it is there."""
    if not connection.scalar(sa.text("SELECT true FROM pg_namespace WHERE nspname = :name"), {"name": name}):
        connection.execute(sa.text(f"CREATE SCHEMA {_quoted(connection, name)}"))
        _record(connection, revision, "schema", name)


def extension(connection: Connection, revision: str, name: str) -> None:
    """Create an extension in `public` unless it is there."""
    if not connection.scalar(sa.text("SELECT true FROM pg_extension WHERE extname = :name"), {"name": name}):
        connection.execute(sa.text(f"CREATE EXTENSION {_quoted(connection, name)} WITH SCHEMA public"))
        _record(connection, revision, "extension", name)


def undo(connection: Connection, revision: str) -> list[str]:
    """Drop what `revision` recorded. Returns what stays because something of somebody else's is in it."""
    rows = connection.execute(
        sa.text("DELETE FROM public.hibachi_made WHERE revision = :revision RETURNING kind, name"),
        {"revision": revision},
    ).all()
    stays = []
    for kind, name in sorted(rows, key=lambda row: row.kind, reverse=True):  # schemas before extensions
        try:
            with connection.begin_nested():
                connection.execute(sa.text(f"DROP {kind.upper()} {_quoted(connection, name)} RESTRICT"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != DEPENDENT_OBJECTS:
                raise
            stays.append(f"{kind} {name}")
    return stays


def _record(connection: Connection, revision: str, kind: str, name: str) -> None:
    connection.execute(
        sa.text("INSERT INTO public.hibachi_made VALUES (:revision, :kind, :name)"),
        {"revision": revision, "kind": kind, "name": name},
    )


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
