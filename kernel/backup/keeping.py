"""The folder of backups that are made by the clock: their names say when, and the oldest go."""

import asyncio
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from kernel.backup.archive import PART, BackupFault
from kernel.backup.manifest import Manifest
from kernel.backup.taking import Say, take

NAME = re.compile(r"^hibachi-\d{8}T\d{6}Z\.zip$")
UNFINISHED_SECONDS = 86_400.0  # far longer than a backup may take


def name_of(now: datetime) -> str:
    """Of a backup that is made now; later ones sort later."""
    return f"hibachi-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


async def keep(
    url: str, folder: Path, uploads: Path, now: datetime, most: int, passphrase: str | None = None, say: Say = lambda _: None
) -> tuple[Path, Manifest]:
    """Make one more, and let the oldest go until there are `most`. Raises BackupFault, which takes nothing away."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BackupFault(f"the folder {folder} cannot be made: {error.strerror}") from error
    path = folder / name_of(now)
    manifest = await take(url, path, uploads, now, passphrase=passphrase, say=say)
    await asyncio.to_thread(_forget, folder, most)
    return path, manifest


def newest(folder: Path) -> datetime | None:
    """When the newest one in the folder was made, by its name; None where there is none. Raises OSError where it cannot be read."""
    if not folder.exists():
        return None
    made = sorted(path.name for path in folder.iterdir() if NAME.match(path.name))
    return datetime.strptime(made[-1], "hibachi-%Y%m%dT%H%M%SZ.zip").replace(tzinfo=UTC) if made else None


def _forget(folder: Path, most: int) -> None:
    made = sorted(path for path in folder.iterdir() if NAME.match(path.name))
    for old in made[:-most]:
        old.unlink(missing_ok=True)
    for part in folder.glob(f"hibachi-*{PART}"):
        if time.time() - part.stat().st_mtime > UNFINISHED_SECONDS:
            part.unlink(missing_ok=True)
