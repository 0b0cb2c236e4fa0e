"""Taking a backup while everything runs: one transaction that sees one moment reads all tables, and disturbs nobody."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import IO

import asyncpg

from kernel.backup import catalogue
from kernel.backup.archive import PIECE, ArchiveWriter, BackupFault, writing
from kernel.backup.catalogue import Connection, Table
from kernel.backup.manifest import FORMAT, Files, Manifest, TableSum

Say = Callable[[str], None]

# Rows are written in one way, whatever the server's own settings are; a backup of hours is nobody's time-out.
SETTINGS = {
    "application_name": "hibachi-backup",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "30s",
    "jit": "off",
}
CONTENTS = "SELECT DISTINCT sha256 FROM ai.upload ORDER BY sha256"


def driver_url(url: str) -> str:
    """The address as asyncpg wants it, whatever driver its scheme names."""
    return "postgresql://" + url.partition("://")[2]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for a long work. Raises BackupFault."""
    try:
        connection = await asyncpg.connect(driver_url(url), timeout=10, server_settings=SETTINGS)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise BackupFault(f"the database does not answer: {error}") from error
    try:
        yield connection
    except asyncpg.PostgresError as error:
        raise BackupFault(f"PostgreSQL refused: {error}") from error
    finally:
        await connection.close()


@asynccontextmanager
async def snapshot(connection: Connection) -> AsyncIterator[None]:
    """Everything that is read within is of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield


async def take(url: str, path: Path, uploads: Path, now: datetime, *, passphrase: str | None = None, say: Say = lambda _: None) -> Manifest:
    """Write a backup to `path`, which must not be there. Raises BackupFault; then nothing is there."""
    async with connected(url) as connection, snapshot(connection):
        revision = await catalogue.revision(connection)
        if revision is None:
            raise BackupFault("the database lacks our tables: there is nothing to keep. `hibachi db upgrade` makes them.")
        with writing(path, passphrase) as archive:
            sums = [await _table(connection, archive, table, say) for table in await catalogue.tables(connection)]
            manifest = Manifest(
                format=FORMAT,
                version=_version(),
                revision=revision,
                postgres=await connection.fetchval("SHOW server_version"),
                made_at=now,
                tables=tuple(sums),
                counters=await catalogue.counters(connection),
                ledger=await catalogue.ledger(connection),
                uploads=await _uploads(connection, archive, uploads, say),
            )
            await asyncio.to_thread(archive.close, manifest)
    return manifest


def _version() -> str:
    try:
        return metadata.version("hibachi-gateway")
    except metadata.PackageNotFoundError:
        return "a checkout"


async def sums(connection: Connection) -> tuple[TableSum, ...]:
    """What `take` would say of the tables, without keeping a row."""
    return tuple([await _copied(connection, table, None) for table in await catalogue.tables(connection)])


async def _table(connection: Connection, archive: ArchiveWriter, table: Table, say: Say) -> TableSum:
    with archive.member(f"tables/{table.name}.copy") as stream:
        found = await _copied(connection, table, stream)
    if found.rows:
        say(f"{table.name}: {found.rows} rows")
    return found


async def _copied(connection: Connection, table: Table, stream: IO[bytes] | None) -> TableSum:
    """Rows as they come from the server, a piece at a time; work on them is done beside the loop."""
    digest, size, waiting = hashlib.sha256(), 0, bytearray()

    async def flush() -> None:
        nonlocal waiting
        piece, waiting = bytes(waiting), bytearray()
        digest.update(piece)
        if stream is not None:
            await asyncio.to_thread(stream.write, piece)

    async def take_in(data: bytes) -> None:
        nonlocal size
        size += len(data)
        waiting.extend(data)
        if len(waiting) >= PIECE:
            await flush()

    status = await connection.copy_from_query(table.query, output=take_in, format="text")
    await flush()
    rows = int(status.rpartition(" ")[2])
    return TableSum(name=table.name, columns=table.columns, rows=rows, bytes=size, sha256=digest.hexdigest())


async def _uploads(connection: Connection, archive: ArchiveWriter, folder: Path, say: Say) -> Files:
    """The contents that the snapshot's rows name. One that is swept meanwhile is said to be missing: nobody used it."""
    if await connection.fetchval("SELECT to_regclass('ai.upload')") is None:
        return Files(count=0, bytes=0)
    size, count, missing = 0, 0, []
    for row in await connection.fetch(CONTENTS):
        written = await asyncio.to_thread(_upload, archive, folder, row["sha256"])
        if written is None:
            missing.append(row["sha256"])
        else:
            size, count = size + written, count + 1
    if count or missing:
        say(f"uploads: {count} files" + (f", {len(missing)} are missing" if missing else ""))
    return Files(count=count, bytes=size, missing=tuple(missing))


def _upload(archive: ArchiveWriter, folder: Path, sha256: str) -> int | None:
    """Bytes that were written; None where the content is not there. Raises BackupFault where it is not what its name says."""
    try:
        file = (folder / sha256[:2] / sha256).open("rb")
    except FileNotFoundError:
        return None
    digest, size = hashlib.sha256(), 0
    with file, archive.member(f"uploads/{sha256}", packed=False) as stream:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
            stream.write(piece)
    if digest.hexdigest() != sha256:
        raise BackupFault(f"the upload {sha256} is damaged on disk. Take the file away to go on without it: {os.fspath(folder)}")
    return size
