"""A file that only whoever knows the passphrase can read, or change unseen: AES-256-GCM in chunks under a key made by scrypt.

`magic (8) | salt (16) | prefix (7)`, then chunks of CHUNK bytes and a last one that is shorter or as long, each followed by its tag. The
nonce of a chunk is `prefix | number (4) | 1 for the last one, else 0`: a chunk that was moved, taken out or cut off does not open.
"""

import os
from hashlib import scrypt
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"HIBACKUP"
SALT, PREFIX, TAG = 16, 7, 16
HEAD = len(MAGIC) + SALT + PREFIX
CHUNK = 1 << 20
# 64 MB and about a tenth of a second for each guess.
COST = {"n": 1 << 16, "r": 8, "p": 1, "maxmem": 1 << 27, "dklen": 32}


class Sealed(Exception):
    """It does not open: another passphrase, or not as it was written."""


def is_sealed(path: Path) -> bool:
    """Whether a passphrase is needed. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(scrypt(passphrase.encode(), salt=salt, **COST))


def _nonce(head: bytes, number: int, *, last: bool) -> bytes:
    return head[-PREFIX:] + number.to_bytes(4, "big") + bytes([last])


class SealingWriter(RawIOBase):
    """Writes on to `file`, which stays open; `close()` seals the last chunk. Cannot seek."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        self._head = MAGIC + os.urandom(SALT + PREFIX)
        self._cipher = _cipher(passphrase, self._head[len(MAGIC) : -PREFIX])
        self._number = 0
        self._waiting = bytearray()
        self.abandoned = False  # nothing more is written
        file.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._head, self._number, last=last), chunk, self._head))
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            if not self.abandoned:
                self._seal(bytes(self._waiting), last=True)
            super().close()


class SealedReader(RawIOBase):
    """Reads anywhere in a sealed file; holds one chunk. Raises Sealed."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._file = path.open("rb")
        self._head = self._file.read(HEAD)
        body = path.stat().st_size - HEAD
        self._chunks = max(1, -(-body // (CHUNK + TAG)))
        self._size = body - self._chunks * TAG
        if len(self._head) < HEAD or self._size < 0:
            self.close()
            raise Sealed("it is cut off")
        self._cipher = _cipher(passphrase, self._head[len(MAGIC) : -PREFIX])
        self._at = 0
        self._open: tuple[int, bytes] = (-1, b"")
        self._chunk(self._chunks - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset)
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        number, skipped = divmod(self._at, CHUNK)
        piece = self._chunk(number)[skipped : skipped + wanted]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._file.seek(HEAD + number * (CHUNK + TAG))
            nonce = _nonce(self._head, number, last=number == self._chunks - 1)
            try:
                self._open = (number, self._cipher.decrypt(nonce, self._file.read(CHUNK + TAG), self._head))
            except InvalidTag:
                raise Sealed("the passphrase is another one, or it is not as it was written") from None
        return self._open[1]

    def close(self) -> None:
        self._file.close()
        super().close()
