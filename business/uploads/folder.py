"""Where the bytes are: one file for each content, under its SHA-256. Every gateway of an install must see the same folder."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from business.uploads import pixels
from business.uploads.kinds import LARGEST, SNIFFED, Kind, kind_of
from kernel.errors import BadRequest, TooLarge

COMING = ".coming-"
UNFINISHED_SECONDS = 3600.0  # far longer than a file may take


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is in its place."""

    sha256: str
    size: int
    kind: Kind


class UploadFolder:
    """Writes and finds files. Disk work runs in threads."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is."""
        return self._root / sha256[:2] / sha256

    async def holds(self, sha256: str) -> bool:
        """Whether the content is there."""
        return await asyncio.to_thread(self.path(sha256).is_file)

    async def remove(self, sha256: str) -> None:
        """Take the content away, if it is there."""
        await asyncio.to_thread(self.path(sha256).unlink, missing_ok=True)

    async def forget_unfinished(self) -> None:
        """Take away what a process that died left half written."""
        await asyncio.to_thread(self._forget_unfinished)

    def _forget_unfinished(self) -> None:
        for coming in self._root.glob(f"{COMING}*"):
            try:
                if time.time() - coming.stat().st_mtime > UNFINISHED_SECONDS:
                    coming.unlink()
            except OSError:  # it has ended meanwhile, or is not ours to take away
                continue

    async def store(self, chunks: AsyncIterator[bytes]) -> Stored:
        """Stream into place; nothing stays of what is refused. Raises TooLarge, of its pixels too, or BadRequest for empty and
        unwanted files."""
        await asyncio.to_thread(self._root.mkdir, parents=True, exist_ok=True)
        descriptor, name = await asyncio.to_thread(tempfile.mkstemp, prefix=COMING, dir=self._root)
        coming, digest, size, head = Path(name), hashlib.sha256(), 0, b""
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > LARGEST:
                        raise TooLarge(f"A file has at most {LARGEST // (1024 * 1024)} MB.")
                    if len(head) < SNIFFED:
                        head += chunk[: SNIFFED - len(head)]
                        if len(head) >= SNIFFED:
                            kind_of(head)  # refused before it is sent whole
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                if not size:
                    raise BadRequest("The file is empty.")
                kind = kind_of(head)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            await asyncio.to_thread(pixels.check, coming, kind)
            stored = Stored(digest.hexdigest(), size, kind)
            await asyncio.to_thread(self._place, coming, self.path(stored.sha256))
            return stored
        finally:
            await asyncio.to_thread(coming.unlink, missing_ok=True)

    @staticmethod
    def _place(coming: Path, place: Path) -> None:
        place.parent.mkdir(exist_ok=True)
        os.replace(coming, place)  # the same content is the same file
