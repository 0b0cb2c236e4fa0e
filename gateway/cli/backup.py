"""`hibachi backup` and `hibachi restore`: what is asked, what was done, and every fault in words with status 1."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import typer

from gateway.cli.embedded import postgres
from gateway.cli.restoring import Target, new_database, put_back
from gateway.supervisor.lock import InUse
from gateway.supervisor.service import StartError
from kernel.backup.archive import ArchiveReader, BackupFault, reading
from kernel.backup.keeping import keep, name_of
from kernel.backup.manifest import Manifest
from kernel.backup.taking import take
from kernel.clock import utc_now
from kernel.settings import Settings, load_settings
from migrations.runner import MigrationFault


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator typed. `file` None: one more in the folder of backups."""

    file: Path | None
    passphrase_env: str | None
    verify: bool = False
    drill: bool = False


def say(line: str) -> None:
    """To the terminal, at once."""
    print(line, flush=True)


def backup(asked: Asked) -> None:
    """Make one, verify one, or put one back beside and compare."""
    settings = load_settings()
    passphrase = _passphrase(asked.passphrase_env or settings.backup.passphrase_env)
    if asked.verify:
        if asked.file is None:
            raise typer.BadParameter("name the backup to verify: hibachi backup --verify FILE")
        _ended(_verify(asked.file, passphrase))
    else:
        _ended(_backup(settings, asked, passphrase))


async def _verify(file: Path, passphrase: str | None) -> None:
    with reading(file, passphrase) as found:
        _checked(found)
        say(f"{file} is whole: {_summary(found.manifest)}")


async def _backup(settings: Settings, asked: Asked, passphrase: str | None) -> None:
    async with postgres(settings, say, alone=False) as url:
        path = asked.file
        if path is None or not (asked.drill and path.exists()):
            path, manifest = await _made(settings, url, path, passphrase)
            say(f"wrote {path} ({path.stat().st_size:,} bytes): {_summary(manifest)}")
            say("it holds personal data" + ("" if passphrase else " and is not sealed") + ": keep it as you keep the database")
        if asked.drill:
            await _drill(url, path, passphrase)


async def _made(settings: Settings, url: str, path: Path | None, passphrase: str | None) -> tuple[Path, Manifest]:
    uploads = settings.data / "uploads"
    if path is None:
        return await keep(url, folder_of(settings), uploads, utc_now(), settings.backup.keep, passphrase, say)
    path = path / name_of(utc_now()) if await asyncio.to_thread(path.is_dir) else path
    return path, await take(url, path, uploads, utc_now(), passphrase=passphrase, say=say)


async def _drill(url: str, path: Path, passphrase: str | None) -> None:
    """Put it into a database of its own, compare every row and the money, and take that database away."""
    name = f"hibachi_drill_{uuid4().hex[:8]}"
    with reading(path, passphrase) as found:
        _checked(found)
        async with new_database(url, name, keep=False) as scratch:
            say(f"putting it into the database {name}, which is gone afterwards")
            await put_back(found, Target(scratch, None), lambda _: None, exactly=True)
        say(f"the drill went well: every row came back, and the same sums. {_summary(found.manifest)}")


def restore(file: Path, replace: str | None, into_new: str | None, passphrase_env: str | None) -> None:
    """Put a backup into the configured or embedded database, or into a new one beside it."""
    settings = load_settings()
    if replace is not None and into_new is not None:
        raise typer.BadParameter("--replace and --into-new are two ways; take one")
    _ended(_restore(settings, file, replace, into_new, _passphrase(passphrase_env or settings.backup.passphrase_env)))


async def _restore(settings: Settings, file: Path, replace: str | None, into_new: str | None, passphrase: str | None) -> None:
    uploads = settings.data / "uploads"
    with reading(file, passphrase) as found:
        say(f"{file}: {_summary(found.manifest)}")
        _checked(found)
        async with postgres(settings, say, alone=into_new is None, make=True) as url:
            if into_new is None:
                await put_back(found, Target(url, uploads, replace), say)
            else:
                async with new_database(url, into_new, keep=True) as new:
                    await put_back(found, Target(new, uploads), say)
                say(f'it stands in the database "{into_new}". To serve from it, name it in DATABASE_URL.')
        say("everything is back, and its sums are those that were kept. What had not gone out by then goes out when a worker starts.")


def folder_of(settings: Settings) -> Path:
    """Where backups are kept."""
    return settings.backup.folder or settings.data / "backups"


def _checked(found: ArchiveReader) -> None:
    count = sum(1 for _ in found.check())
    say(f"{count} parts compared with their sums")


def _summary(manifest: Manifest) -> str:
    parts = [f"{manifest.rows:,} rows in {len(manifest.tables)} tables", f"{manifest.uploads.count} files"]
    if manifest.ledger is not None:
        parts.append(f"{manifest.ledger.postings} postings")
    return f"{', '.join(parts)}, of {manifest.made_at:%Y-%m-%d %H:%M} UTC, tables at {manifest.revision}"


def _passphrase(variable: str | None) -> str | None:
    if variable is None:
        return None
    if not (found := os.environ.get(variable)):
        raise typer.BadParameter(f"the environment variable {variable} is empty: it is to hold the passphrase")
    return found


def _ended(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except (BackupFault, InUse, StartError, MigrationFault, PermissionError) as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
