"""One `hibachi up` per data folder: a lock that the kernel drops with its holder, however that ends."""

import fcntl
import os
from pathlib import Path
from typing import Self


class InUse(Exception):
    """Another process holds the data folder."""

    def __init__(self, path: Path, holder: str) -> None:
        who = f"process {holder}" if holder else "another process"
        super().__init__(
            f"{path.parent} is in use by {who} (another `hibachi up`).\nStop that one, or choose another folder with HIBACHI_DATA."
        )


class DataLock:
    """`with DataLock(path):` holds it. The file is gone afterwards; after a crash a file without a lock may lie there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        while self._file is None:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(file, 20).decode("ascii", "replace").strip()
                os.close(file)
                raise InUse(self._path, holder) from None
            if self._is_still_there(file):
                self._file = file
            else:
                os.close(file)  # its last holder removed it between our open and our lock
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._file is not None
        self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None

    def _is_still_there(self, file: int) -> bool:
        try:
            return os.fstat(file).st_ino == self._path.stat().st_ino
        except FileNotFoundError:
            return False
