"""Putting rows and files back: into tables that are there and empty, in the transaction of the caller, and proved before it commits."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from kernel.backup import catalogue
from kernel.backup.archive import ArchiveReader, BackupFault
from kernel.backup.catalogue import Connection
from kernel.backup.manifest import Ledger, TableSum
from kernel.backup.taking import Say, sums


async def load(connection: Connection, backup: ArchiveReader, say: Say) -> None:
    """Every row, in tables of the backup's own revision. Raises BackupFault where the database cannot hold them as they were."""
    held = {table.name: table for table in backup.manifest.tables}
    order = await catalogue.parents_first(connection)
    if unknown := sorted(set(held) - set(order)):
        raise BackupFault(f"the backup has tables that its revision lacks: {', '.join(unknown)}")
    # What migrations wrote themselves is in the backup too.
    await connection.execute("TRUNCATE " + ", ".join(_quoted(name) for name in order))
    for name in order:
        if name in held and held[name].rows:
            await _rows(connection, backup, held[name])
            say(f"{name}: {held[name].rows} rows")
    await _counters(connection, backup)
    # What is checked at the end of a transaction is checked now: the ledger's postings add up.
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def _rows(connection: Connection, backup: ArchiveReader, table: TableSum) -> None:
    digest = hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        source = backup.pieces(table.member)
        while piece := await asyncio.to_thread(next, source, b""):
            digest.update(piece)
            yield piece

    schema, name = table.name.split(".", 1)
    status = await connection.copy_to_table(name, source=pieces(), schema_name=schema, columns=list(table.columns), format="text")
    if int(status.rpartition(" ")[2]) != table.rows or digest.hexdigest() != table.sha256:
        raise BackupFault(f"{table.name} did not come back as it was written: {status.lower()} of {table.rows} rows")


async def _counters(connection: Connection, backup: ArchiveReader) -> None:
    for counter in backup.manifest.counters:
        sequence = await connection.fetchval("SELECT pg_get_serial_sequence($1, $2)", _quoted(counter.table), counter.column)
        await connection.execute("SELECT setval($1::text::regclass, $2, $3)", sequence, counter.value, counter.called)


async def prove(connection: Connection, backup: ArchiveReader, *, exactly: bool = False) -> None:
    """What stands in the database now is what was kept: counts of rows and the money; `exactly`: every row, too. Raises BackupFault."""
    if exactly:
        found = {table.name: table for table in await sums(connection)}
        for table in backup.manifest.tables:
            if found[table.name] != table:
                raise BackupFault(f"{table.name} is not what was kept: {found[table.name].rows} rows, {table.rows} were kept")
    for table in backup.manifest.tables:
        rows = await connection.fetchval(f"SELECT count(*) FROM {_quoted(table.name)}")  # noqa: S608 - a name of the catalogue
        if rows != table.rows:
            raise BackupFault(f"{table.name} has {rows} rows, {table.rows} were kept")
    proved(await catalogue.ledger(connection), backup.manifest.ledger)


def proved(found: Ledger | None, kept: Ledger | None) -> None:
    """The money is what it was, and adds up. Raises BackupFault."""
    if kept is not None and found != kept:
        raise BackupFault(f"the ledger says {found}, {kept} was kept")
    if found is not None and (rest := sum(found.accounts.values())):
        raise BackupFault(f"the ledger does not add up: {rest} cents are left")


def _quoted(name: str) -> str:
    schema, table = name.split(".", 1)
    return f'"{schema}"."{table}"'


async def place_uploads(backup: ArchiveReader, folder: Path, say: Say) -> list[Path]:
    """The contents that are not there yet; returns where they are now. A content without a row does no harm."""
    placed = []
    for sha256 in backup.uploads():
        place = folder / sha256[:2] / sha256
        if not place.is_file():
            await asyncio.to_thread(_place, backup, sha256, place)
            placed.append(place)
    if placed:
        say(f"uploads: {len(placed)} files")
    return placed


def _place(backup: ArchiveReader, sha256: str, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, coming = tempfile.mkstemp(prefix=".coming-", dir=place.parent.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in backup.pieces(f"uploads/{sha256}"):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            os.replace(coming, place)
        finally:
            Path(coming).unlink(missing_ok=True)
    except OSError as error:
        raise BackupFault(f"the upload {place} cannot be written: {error.strerror}") from error
