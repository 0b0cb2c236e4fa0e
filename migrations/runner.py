"""Brings a database to a revision: one process at a time, at once done where nothing is to do.

Several processes may start together; they queue for a PostgreSQL advisory lock held by a connection of its own. Each
revision is one transaction, waits five seconds at most for a table's lock (traffic goes on), and is then tried again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import asyncpg
import structlog

from migrations import history
from migrations.state import VERSION_SCHEMA, VERSION_TABLE, current, dsn, head, revision_of

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

__all__ = [
    "VERSION_SCHEMA",
    "VERSION_TABLE",
    "MigrationFault",
    "alone",
    "current",
    "downgrade",
    "head",
    "upgrade",
    "within",
    "write_revision",
]

log = structlog.get_logger(__name__)

LOCK = 0x6869_6261_6368_69  # "hibachi": no other program's number
WAIT_FOR_OTHERS = "180s"
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"
ATTEMPTS = 5


class MigrationFault(Exception):
    """A migration, or a look at the database, that went wrong; the text is PostgreSQL's or Alembic's, for an operator."""


async def upgrade(url: str, revision: str = "head", *, versions: Path = history.VERSIONS) -> str | None:
    """Go up to `revision`. Returns the revision now reached."""
    target = history.head(versions) if revision == "head" else revision
    if await current(url) == target:
        return target
    async with alone(url) as connection:
        if await revision_of(connection) != target:
            await _run(url, versions, lambda config: _command("upgrade", config, target))
        return await revision_of(connection)


async def downgrade(url: str, revision: str, *, versions: Path = history.VERSIONS) -> str | None:
    """Go down to `revision` (`base`: before the first; `-1`: one step). Returns the revision now reached."""
    async with alone(url) as connection:
        await _run(url, versions, lambda config: _command("downgrade", config, revision))
        return await revision_of(connection)


async def write_revision(url: str, message: str, *, versions: Path = history.VERSIONS) -> Path:
    """Write a revision from the difference between the metadata and a database at the head. Read it before use."""
    number = len(history.read(versions)) + 1
    made: list[Path] = []

    def generate(config: "Config") -> None:
        from alembic import command

        script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        made.extend(Path(one.path) for one in (script if isinstance(script, list) else [script]) if one is not None)

    async with alone(url):
        await _run(url, versions, generate)
    return made[0]


def within(connection: "Connection", command: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Go up or down in the transaction that `connection` has begun: whoever has it commits all of it, or nothing. Raises MigrationFault."""
    from alembic.util.exc import CommandError

    config = _config(history.VERSIONS)
    config.attributes["connection"] = connection
    try:
        _command(command, config, revision)
    except CommandError as error:
        raise MigrationFault(str(error)) from error


def _command(name: str, config: "Config", revision: str) -> None:
    from alembic import command

    getattr(command, name)(config, revision)


async def _run(url: str, versions: Path, work: Callable[["Config"], None]) -> None:
    """`work` with a configuration whose connection bears long statements; again if a lock was not had in time."""
    from alembic.util.exc import CommandError
    from sqlalchemy import NullPool
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine

    from kernel.database import async_url

    config = _config(versions)
    settings = {
        "application_name": "hibachi-migrations",
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": "0",
    }
    engine = create_async_engine(
        async_url(url),
        poolclass=NullPool,
        connect_args={"timeout": 10, "server_settings": settings},
    )

    def on(connection: object) -> None:
        config.attributes["connection"] = connection
        work(config)

    try:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with engine.connect() as connection:
                    await connection.run_sync(on)
                    return
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != "55P03" or attempt == ATTEMPTS:
                    raise MigrationFault(str(error.orig)) from error
                log.warning("migrations.lock_not_had", attempt=attempt)
                await asyncio.sleep(attempt)
            except CommandError as error:
                raise MigrationFault(str(error)) from error
    finally:
        await engine.dispose()


def _config(versions: Path) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


@asynccontextmanager
async def alone(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that holds the lock; the lock goes with the connection, however this process ends."""
    connection = await asyncpg.connect(
        dsn(url),
        timeout=10,
        server_settings={
            "application_name": "hibachi-migrations-lock",
            "lock_timeout": WAIT_FOR_OTHERS,
            "statement_timeout": "0",
            "idle_session_timeout": "0",
        },
    )
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        yield connection
    finally:
        await connection.close()
