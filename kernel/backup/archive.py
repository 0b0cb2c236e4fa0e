"""The file of a backup: a ZIP whose last member is the manifest, sealed or not, that comes to its name only when it is whole and on disk.

Whatever ends a writer before that leaves a file under another name (`.part`), which nobody takes for a backup.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import ValidationError

from kernel.backup.manifest import FORMAT, Manifest
from kernel.backup.sealing import Sealed, SealedReader, SealingWriter, is_sealed

MANIFEST = "manifest.json"
PIECE = 1 << 18
PART = ".part"
# What the library raises of a file in which bits have turned: lengths, flags and names are among them.
DAMAGED = (BadZipFile, Sealed, EOFError, OSError, zlib.error, struct.error, RuntimeError, ValueError)


class BackupFault(Exception):
    """A backup that cannot be made, read or put back; the text says why, and what to do."""


class ArchiveWriter:
    """Members one after the other, then the manifest."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = ZipFile(file, "w")

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[IO[bytes]]:
        """A file in the archive, to be written. `packed` False where the content is compressed already."""
        info = ZipInfo(name)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as stream:
            yield stream

    def abandon(self) -> None:
        """Leave it as it is: without this the library would finish it when it is collected."""
        self._zip.fp = None

    def close(self, manifest: Manifest) -> None:
        """Nothing can be added any more."""
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1), ZIP_DEFLATED)
        self._zip.close()


@contextmanager
def writing(path: Path, passphrase: str | None) -> Iterator[ArchiveWriter]:
    """An archive for its owner alone; the caller closes it with its manifest. Raises BackupFault where the disk does not take it."""
    part = path.with_name(f"{path.name}.{os.getpid()}{PART}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=PIECE) as file:
                with _written(file, passphrase) as archive:
                    yield archive
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # never over a backup that is there
            _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError:
        raise BackupFault(f"{path} is there already. Choose another name, or take that one away.") from None
    except OSError as error:
        raise BackupFault(f"{path} cannot be written: {error.strerror or error}. Nothing was left there.") from error


@contextmanager
def _written(file: BinaryIO, passphrase: str | None) -> Iterator[ArchiveWriter]:
    sealer = SealingWriter(file, passphrase) if passphrase is not None else None
    archive = ArchiveWriter(cast(BinaryIO, sealer or file))
    try:
        yield archive
    except BaseException:
        archive.abandon()
        if sealer is not None:
            sealer.abandoned = True
        raise
    if sealer is not None:
        sealer.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ArchiveReader:
    """A backup that is there; `with reading(path, passphrase) as backup`."""

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self._zip = archive
        self.manifest = manifest

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a member. Raises BackupFault where it is not as it was written."""
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except KeyError:
            raise BackupFault(f"the backup lacks {name}: it is not whole") from None
        except DAMAGED as error:
            raise BackupFault(f"{name} in the backup is not as it was written: {error}") from error

    def uploads(self) -> list[str]:
        """The hashes of the contents that it holds."""
        return [name.rpartition("/")[2] for name in self._zip.namelist() if name.startswith("uploads/")]

    def check(self) -> Iterator[str]:
        """Compare everything with its sum, one member after the other; yields what was compared. Raises BackupFault."""
        for table in self.manifest.tables:
            self._compare(table.member, table.sha256)
            yield table.name
        held = self.uploads()
        if len(held) != self.manifest.uploads.count:
            raise BackupFault(f"the backup holds {len(held)} files and says {self.manifest.uploads.count}: it is not whole")
        for sha256 in held:
            self._compare(f"uploads/{sha256}", sha256)
            yield f"uploads/{sha256[:12]}"

    def _compare(self, name: str, sha256: str) -> None:
        digest = hashlib.sha256()
        for piece in self.pieces(name):
            digest.update(piece)
        if digest.hexdigest() != sha256:
            raise BackupFault(f"{name} in the backup is not what was written: its sum is another one")


@contextmanager
def reading(path: Path, passphrase: str | None) -> Iterator[ArchiveReader]:
    """A backup, to be read. Raises BackupFault with what is wrong with it."""
    try:
        sealed = is_sealed(path)
    except OSError as error:
        raise BackupFault(f"{path} cannot be read: {error.strerror}") from error
    if sealed and passphrase is None:
        raise BackupFault(f"{path} is sealed. Name the variable that holds its passphrase with --passphrase-env.")
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(ZipFile(stack.enter_context(_opened(path, passphrase if sealed else None))))
            manifest = _manifest(archive)
        except Sealed as error:
            raise BackupFault(f"{path} does not open: {error}") from None
        except DAMAGED as error:
            raise BackupFault(f"{path} is no backup, or it is cut off or damaged: {error}") from None
        yield ArchiveReader(archive, manifest)


def _opened(path: Path, passphrase: str | None) -> BufferedReader:
    return path.open("rb") if passphrase is None else BufferedReader(SealedReader(path, passphrase), PIECE)


def _manifest(archive: ZipFile) -> Manifest:
    try:
        text = archive.read(MANIFEST)
    except KeyError:
        raise BackupFault("there is no manifest in it: this is no backup of ours") from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BackupFault(f"its manifest cannot be read ({error.error_count()} faults): another version may have written it") from None
    if manifest.format != FORMAT:
        raise BackupFault(f"it has format {manifest.format}, this version reads {FORMAT}")
    return manifest
