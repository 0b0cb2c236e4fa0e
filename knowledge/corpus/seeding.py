"""The documents that ship beside a business profile: `my-hibachi/en/*.md` of `my-hibachi.toml`, with the vectors of their pieces.

A file is taken once in each version of it. Where somebody has changed or deleted the document, no version of the file is taken any more.
Their vectors come along (`hibachi knowledge vectors` makes them), so that a fresh install computes none; what somebody changes the profile
to has other figures in it, and is embedded when it is read.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import locks
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
    files = {str(new.seed): new for new in shipped(folder)}
    wanted = {seed: _digest(new) for seed, new in files.items()}
    if wanted.items() <= (await _taken(connection)).items():
        return 0
    await locks.hold(connection, _LOCK)
    # Another process may have been as fast.
    taken = await _taken(connection)
    fresh = [new for seed, new in files.items() if taken.get(seed) != wanted[seed]]
    if fresh:
        await documents.add_all(connection, [new for new in fresh if new.seed not in taken], now)
        await _take_again(connection, [new for new in fresh if new.seed in taken], now)
        given = insert(DocumentSeed).values([{"seed": new.seed, "sha256": wanted[str(new.seed)], "taken_at": now} for new in fresh])
        values = {name: given.excluded[name] for name in ("sha256", "taken_at")}
        await connection.execute(given.on_conflict_do_update(index_elements=["seed"], set_=values))
    return len(fresh)


async def _taken(connection: AsyncConnection) -> dict[str, str]:
    """The version of each file that was taken."""
    rows = await connection.execute(sa.select(DocumentSeed.seed, DocumentSeed.sha256))
    return {row.seed: row.sha256 for row in rows}


async def _take_again(connection: AsyncConnection, fresh: Sequence[NewDocument], now: datetime) -> None:
    """Other versions of files, where the document is still the install's own."""
    rows = await connection.execute(sa.select(Document.seed, Document.id).where(Document.seed.in_([new.seed for new in fresh])))
    own = {row.seed: row.id for row in rows}
    for new in fresh:
        if new.seed in own and new.raw is not None:
            title = markdown.front_matter(new.raw).title
            await documents.take_again(connection, own[new.seed], new.raw, title, new.language, now)


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
