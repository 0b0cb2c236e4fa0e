"""Putting a backup into a database: everything in one transaction, so that a restore that fails has changed nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from kernel.backup import catalogue, loading
from kernel.backup.archive import ArchiveReader, BackupFault
from kernel.backup.catalogue import Connection
from kernel.backup.taking import SETTINGS, Say, connected
from kernel.database import async_url
from migrations import history, runner

OURS = ("hibachi-gateway", "hibachi-worker")
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ANY($1)"


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes. `replace`: the name of the database, typed by whoever knows that what is in it will be gone."""

    url: str
    uploads: Path | None  # none: files stay in the backup
    replace: str | None = None


async def put_back(backup: ArchiveReader, target: Target, say: Say, *, exactly: bool = False) -> None:
    """Rows, files, and this version's migrations on top. `exactly`: every row is compared once more. Raises BackupFault."""
    _is_known(backup)
    try:
        async with runner.alone(target.url), _transaction(target.url) as (connection, raw):
            await _make_room(connection, raw, target)
            await connection.run_sync(runner.within, "upgrade", backup.manifest.revision)
            await loading.load(raw, backup, say)
            await loading.prove(raw, backup, exactly=exactly)
            if backup.manifest.revision != history.head():
                say(f"bringing the tables from {backup.manifest.revision} up to {history.head()}")
                await connection.run_sync(runner.within, "upgrade", history.head())
                loading.proved(await catalogue.ledger(raw), backup.manifest.ledger)
            if target.uploads is not None:
                await loading.place_uploads(backup, target.uploads, say)
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, runner.MigrationFault) as error:
        raise BackupFault(f"the database did not take it, and is as it was: {getattr(error, 'orig', error)}") from error


def _is_known(backup: ArchiveReader) -> None:
    if backup.manifest.revision not in {revision.id for revision in history.read()}:
        raise BackupFault(
            f"the backup is of a newer version ({backup.manifest.version}, tables at {backup.manifest.revision}). "
            "Install that version, or a later one, and restore with it."
        )


@asynccontextmanager
async def _transaction(url: str) -> AsyncIterator[tuple[AsyncConnection, Connection]]:
    """One connection in a transaction, as SQLAlchemy and as the driver see it. Statements take as long as they take."""
    uncached = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}  # tables change under it
    engine = create_async_engine(
        async_url(url),
        poolclass=NullPool,
        connect_args={"timeout": 10, "server_settings": SETTINGS | {"application_name": "hibachi-restore"}, **uncached},
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, asyncpg.Connection) and raw.is_in_transaction()
            yield connection, raw
    finally:
        await engine.dispose()


async def _make_room(connection: AsyncConnection, raw: Connection, target: Target) -> None:
    """An empty database, or one whose name was typed. Raises BackupFault, also where somebody serves on it."""
    if await raw.fetchval(RUNNING, list(OURS)):
        raise BackupFault("a gateway or a worker runs on this database. Stop them all, then restore.")
    name = await raw.fetchval("SELECT current_database()")
    revision = await catalogue.revision(raw)
    if revision is None:
        return
    full = [table.name for table in await catalogue.tables(raw) if await raw.fetchval(f"SELECT EXISTS ({table.query})")]
    if full and target.replace != name:
        raise BackupFault(
            f'the database "{name}" is not empty: {len(full)} tables have rows. To lose all of them: --replace {name}. '
            "To leave them alone: --into-new NAME."
        )
    if revision not in {one.id for one in history.read()}:
        raise BackupFault(f'the database "{name}" is of a newer version (tables at {revision}). Use --into-new NAME, or that version.')
    await connection.run_sync(runner.within, "downgrade", "base")


@asynccontextmanager
async def new_database(url: str, name: str, *, keep: bool) -> AsyncIterator[str]:
    """A database beside the one of `url`, for as long as the block; afterwards it stays where `keep` and nothing failed. Its address."""
    async with connected(url) as connection:
        quoted = await connection.fetchval("SELECT quote_ident($1)", name)
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            raise BackupFault(f'there is a database "{name}" already. Choose another name.')
        await connection.execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
        stays = False
        try:
            yield async_url(url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
            stays = keep
        finally:
            if not stays:
                await connection.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
