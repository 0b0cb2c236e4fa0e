"""The documents that ship beside a business profile: `my-hibachi/en/*.md` of `my-hibachi.toml`, with the vectors of their pieces.

A file is taken once in each version of it. Where somebody has changed or deleted the document, no version of the file is taken any more.
Their vectors come along (`hibachi knowledge vectors` makes them), so that a fresh install computes none; what somebody changes the profile
to has other figures in it, and is embedded when it is read.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.errors import Conflict
from kernel.tables.ai import Document, DocumentSeed
from knowledge.corpus import documents
from knowledge.corpus.chunking import searched, split
from knowledge.corpus.formats import markdown
from knowledge.corpus.incoming import NewDocument
from knowledge.corpus.placeholders import Fill
from knowledge.corpus.ruler import Ruler
from knowledge.embedding.glossary import in_english

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

VECTORS = "vectors.npz"
_LOCK = "corpus.seeds"


def shipped(folder: Path) -> Iterator[NewDocument]:
    """Every file, by its name. A folder that is not there holds none."""
    for path in sorted(folder.glob("*/*.md")):
        language = path.parent.name
        seed = f"{language}/{path.stem}"
        yield NewDocument("markdown", "seed", language=language, raw=path.read_bytes(), file_name=path.name, seed=seed)


async def ensure_seeds(connection: AsyncConnection, folder: Path, now: datetime) -> int:
    """Have those files read that are new, or another version of what nobody has changed; returns how many were taken."""
    rows = await connection.execute(sa.select(DocumentSeed.seed, DocumentSeed.sha256))
    taken = {row.seed: row.sha256 for row in rows}
    fresh = [new for new in shipped(folder) if taken.get(str(new.seed)) != _digest(new)]
    if not fresh:
        return 0
    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(_LOCK, 0))))
    return sum([await _take(connection, new, now) for new in fresh])


async def _take(connection: AsyncConnection, new: NewDocument, now: datetime) -> bool:
    """Whether there was anything to do: another process may have been as fast."""
    before = await connection.scalar(sa.select(DocumentSeed.sha256).where(DocumentSeed.seed == new.seed))
    digest = _digest(new)
    if before == digest:
        return False
    mine = await connection.scalar(sa.select(Document.id).where(Document.seed == new.seed))
    assert new.raw is not None
    if mine is not None:
        says = markdown.front_matter(new.raw)
        await documents.take_again(connection, mine, new.raw, says.title, new.language, now)
    elif before is None:
        try:
            await documents.add(connection, new, now)
        except Conflict as there:
            log.info("seed.there_already", seed=new.seed, why=there.message)
    taken = insert(DocumentSeed).values(seed=new.seed, sha256=digest, taken_at=now)
    await connection.execute(taken.on_conflict_do_update(index_elements=["seed"], set_={"sha256": digest, "taken_at": now}))
    return mine is not None or before is None


def pieces(folder: Path, fill: Fill) -> dict[str, str]:
    """What is embedded of every piece of the shipped files, and the piece as it is measured."""
    ruler, found = Ruler(), {}
    for new in shipped(folder):
        assert new.raw is not None
        read, language = markdown.read(new.raw), new.language
        for part in split(read.text, read.title, lambda text, language=language: ruler.tokens(fill(text, language))):  # type: ignore[misc]
            filled = fill(part.text, language)
            found[searched(read.title, part.heading, filled)] = filled
    return found


class KeptVectors:
    """Those of the shipped files. Loaded at first need; where there are none, or they are torn, nothing is kept."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / VECTORS

    def vector(self, text: str) -> "Array | None":
        """Of a text as it is embedded."""
        place = self._loaded[0].get(_key(in_english(text)))
        return None if place is None else self._loaded[2][place]

    def measured(self, text: str) -> bool:
        """Whether this is a piece of which it is known that it is short enough."""
        return _key(text) in self._loaded[1]

    @cached_property
    def _loaded(self) -> "tuple[dict[bytes, int], frozenset[bytes], Array]":
        import numpy as np

        try:
            # From memory: numpy leaves a torn archive open.
            with np.load(BytesIO(self._file.read_bytes()), allow_pickle=False) as kept:
                texts, measured, vectors = kept["texts"], kept["measured"], kept["vectors"].astype(np.float32)
        except (OSError, EOFError, KeyError, ValueError, BadZipFile):
            return {}, frozenset(), np.empty((0, 0), dtype=np.float32)
        places = {row.tobytes(): place for place, row in enumerate(texts)}
        # Half precision is kept; their length is one again.
        return places, frozenset(row.tobytes() for row in measured), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def keep(folder: Path, found: dict[str, str], vectors: "Array") -> Path:
    """Write the vectors of these texts, in their order, beside the files; by what the encoder reads of them, whose glossary may change."""
    import numpy as np

    def keys(texts: Iterator[str]) -> "np.typing.NDArray[np.uint8]":
        return np.array([list(_key(text)) for text in texts], dtype=np.uint8).reshape(-1, hashlib.sha256().digest_size)

    file = folder / VECTORS
    np.savez_compressed(file, texts=keys(map(in_english, found)), measured=keys(iter(found.values())), vectors=vectors.astype(np.float16))
    return file


def stale(folder: Path, fill: Fill) -> list[str]:
    """The first words of what is embedded and has no vector beside the files."""
    kept = KeptVectors(folder)
    return [text[:60] for text in pieces(folder, fill) if kept.vector(text) is None]


def _digest(new: NewDocument) -> str:
    assert new.raw is not None
    return hashlib.sha256(new.raw).hexdigest()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
