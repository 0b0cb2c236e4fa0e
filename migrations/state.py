"""Which revision a database is at, and which this code needs: all that a start has to know, without importing Alembic."""

import re

import asyncpg

from migrations import history

VERSION_SCHEMA = "public"
VERSION_TABLE = "hibachi_version"  # not Alembic's usual name: the database may be shared


def head() -> str:
    """The revision that this code needs."""
    return history.head()


async def current(url: str) -> str | None:
    """The revision that the database is at; None where it has none."""
    connection = await asyncpg.connect(dsn(url), timeout=10)
    try:
        return await revision_of(connection)
    finally:
        await connection.close()


async def revision_of(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """As `current`, on a connection that is there."""
    try:
        found = await connection.fetchval(f"SELECT version_num FROM {VERSION_SCHEMA}.{VERSION_TABLE}")  # noqa: S608 - constants
    except asyncpg.UndefinedTableError:
        return None
    return str(found) if found is not None else None


def dsn(url: str) -> str:
    """The address as asyncpg wants it, whatever driver its scheme names."""
    return re.sub(r"^[^:]+://", "postgresql://", url)
