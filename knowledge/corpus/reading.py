"""A document is read: fetched or taken as it came, turned into Markdown, split, embedded, stored. By a worker, never by a gateway.

Nothing of it is visible before all of it is there: the pieces of the reading before are cited until one transaction puts the new ones
in their places. Whoever is killed in between has written nothing but how far it was; another begins again and comes to the same pieces,
under the same ids. A document that was changed meanwhile stays as whoever changed it left it.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import Database
from kernel.tables.ai import Document
from knowledge.corpus import vectors
from knowledge.corpus.chunking import TOKENS_AT_MOST, Part, searched, split
from knowledge.corpus.embedder import MINILM, Embedder
from knowledge.corpus.faults import Overtaken, Unreadable
from knowledge.corpus.formats import Extracted
from knowledge.corpus.incoming import LONGEST_TITLE
from knowledge.corpus.marks import why_held_back
from knowledge.corpus.placeholders import Fill, UnknownPlaceholder, fill_known
from knowledge.corpus.ruler import Ruler
from knowledge.corpus.storing import Read, put
from knowledge.corpus.vectors import Embedded, Index

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

CHARACTERS_AT_MOST = 2_000_000
PIECES_AT_MOST = 5_000
BATCH = 32  # pieces embedded between two looks at how far it is
REMARKS_AT_MOST = 20
# Words that every text of a language is full of.
_OFTEN = {"en": ("the", "and", "of", "to", "for", "with", "you", "is"), "es": ("el", "la", "los", "de", "que", "y", "para", "con", "una")}
_LOOKED_AT = 20_000  # characters
_ENOUGH = 12


class Extract(Protocol):
    """A file of this kind as Markdown, by somebody who may be slow or die of it. Raises Unreadable, Passing."""

    async def __call__(self, kind: str, raw: bytes) -> Extracted: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched: `kind` as its server says."""

    kind: str
    raw: bytes


Fetch = Callable[[str], Awaitable[Page]]  # Raises Unreadable, Passing.


class Kept(Protocol):
    """Vectors that were made before, by the encoder on this machine."""

    def vector(self, text: str) -> "Array | None":
        """Of a text as it is embedded."""
        ...


@dataclass(frozen=True, slots=True)
class _Source:
    kind: str
    title: str
    language: str
    address: str | None
    file_name: str | None
    raw: bytes | None
    text: str


class Reader:
    """Reads for one process."""

    def __init__(
        self, database: Database, embedder: Embedder, fill: Fill, extract: Extract, fetch: Fetch, ruler: Ruler, kept: Kept | None = None
    ) -> None:
        self._database = database
        self._embedder = embedder
        self._fill = fill
        self._extract = extract
        self._fetch = fetch
        self._ruler = ruler
        self._kept = kept

    async def read(self, document: UUID, revision: int) -> None:
        """Read this revision, or nothing where there is another by now. What is wrong with the document is stored with it. Raises
        Passing where it is worth another try, and Unavailable."""
        try:
            source = await self._database.unit(partial(_begin, document=document, revision=revision))
            read = await self._read(document, revision, source)
            await self._database.unit(partial(put, document=document, revision=revision, read=read))
            log.info("document.read", document=str(document), pieces=len(read.parts))
        except Overtaken:
            log.info("document.overtaken", document=str(document), revision=revision)
        except Unreadable as wrong:
            await self.give_up(document, revision, str(wrong))

    async def give_up(self, document: UUID, revision: int, why: str) -> None:
        """It failed, with a sentence for a person. What was read of it before stays."""
        failed = {"state": "failed", "stage": None, "error": why}
        await self._database.unit(lambda c: c.execute(_this(document, revision).values(**failed)))
        log.warning("document.failed", document=str(document))

    async def later(self, document: UUID, revision: int, why: str) -> None:
        """It is tried again, and this is why it waits."""
        await self._database.unit(lambda c: c.execute(_this(document, revision).values(state="waiting", stage=None, error=why)))

    async def _read(self, document: UUID, revision: int, source: _Source) -> Read:
        async def stage(name: str, done: int = 0, total: int = 0) -> None:
            await self._database.unit(partial(_stage, document=document, revision=revision, name=name, done=done, total=total))

        kind, raw = source.kind, source.raw
        if kind == "page":
            assert source.address is not None
            await stage("fetching")
            page = await self._fetch(source.address)
            kind, raw = page.kind, page.raw
        extracted = Extracted(source.text)
        if raw is not None:
            await stage("extracting")
            extracted = await self._extract(kind, raw)
        _check(extracted)
        title = (source.title or extracted.title or PurePath(source.file_name or source.address or "").stem)[:LONGEST_TITLE]
        await stage("splitting")
        parts, indexed = await asyncio.to_thread(self._split, extracted.text, title, source.language)
        embedded = await self._embed([searched(title, *of) for of in zip((p.heading for p in parts), indexed, strict=True)], stage)
        held = await asyncio.to_thread(lambda: tuple(why_held_back(f"{part.heading}\n{part.text}") for part in parts))
        remarks = (*extracted.remarks, *self._unknown(extracted.text, source.language), *_foreign(extracted, source.language))
        return Read(extracted.text, title, parts, indexed, held, embedded, remarks[:REMARKS_AT_MOST])

    def _split(self, text: str, title: str, language: str) -> tuple[tuple[Part, ...], tuple[str, ...]]:
        """The pieces, and each as it is searched for: with the figures of today."""

        def filled(text: str) -> str:
            return fill_known(text, language, self._fill)

        parts = split(text, title, lambda part: self._ruler.tokens(filled(part)), TOKENS_AT_MOST)
        if len(parts) > PIECES_AT_MOST:
            raise Unreadable(f"It comes to more than {PIECES_AT_MOST} pieces. Split it into several documents.")
        return parts, tuple(filled(part.text) for part in parts)

    def _unknown(self, text: str, language: str) -> tuple[str, ...]:
        try:
            self._fill(text, language)
        except UnknownPlaceholder as unknown:
            names = ", ".join(f"{{{{{name}}}}}" for name in unknown.names[:10])
            return (f"It names figures that the profile does not have: {names}. Pieces with them are not shown.",)
        return ()

    async def _embed(self, texts: Sequence[str], stage: Callable[[str, int, int], Awaitable[None]]) -> Embedded:
        """A vector of each text for each index that lives."""
        import numpy as np

        indexes = await vectors.prepare(self._database, self._embedder)
        rows: dict[UUID, list[Array]] = {index.id: [] for index in indexes}
        failed = None if indexes else "there is no index of vectors yet"
        for start in range(0, len(texts), BATCH):
            await stage("embedding", start, len(texts))
            for index in [index for index in indexes if index.id in rows]:
                made, why = await self._of(index, texts[start : start + BATCH])
                if made is None:
                    del rows[index.id]
                    failed = why
                else:
                    rows[index.id].append(made)
        return Embedded({index: np.concatenate(parts) for index, parts in rows.items() if parts}, failed)

    async def _of(self, index: Index, texts: Sequence[str]) -> "tuple[Array | None, str | None]":
        """The rows of one index; those that are kept are not made anew."""
        import numpy as np

        kept = {text: row for text in texts if (row := self._kept_of(index, text)) is not None}
        missing = [text for text in texts if text not in kept]
        if missing:
            made = await vectors.embed_for_all(self._embedder, (index,), missing)
            if index.id not in made.vectors:
                return None, made.failed
            kept |= dict(zip(missing, made.vectors[index.id], strict=True))
        return np.stack([kept[text] for text in texts]), None

    def _kept_of(self, index: Index, text: str) -> "Array | None":
        return self._kept.vector(text) if self._kept is not None and index.model == MINILM else None


def _check(extracted: Extracted) -> None:
    if not extracted.text.strip():
        raise Unreadable(" ".join(("No text was found in it.", *extracted.remarks)))
    if len(extracted.text) > CHARACTERS_AT_MOST:
        raise Unreadable(f"It holds more than {CHARACTERS_AT_MOST:,} characters. Split it into several documents.")


def _foreign(extracted: Extracted, language: str) -> tuple[str, ...]:
    """A remark where a document is plainly written in another language than it is kept under."""
    seems = extracted.language if extracted.language in _OFTEN else _seems(extracted.text)
    if seems is None or seems == language:
        return ()
    return (f"It seems to be written in another language (“{seems}”) than it is kept under (“{language}”).",)


def _seems(text: str) -> str | None:
    """By its most usual words; None where they do not say."""
    words = Counter(re.findall(r"\w+", text[:_LOOKED_AT].lower()))
    counted = sorted((sum(words[word] for word in often), language) for language, often in _OFTEN.items())
    (less, _), (most, language) = counted[-2:]
    return language if most >= _ENOUGH and most > 3 * less else None


def _this(document: UUID, revision: int) -> Any:
    return sa.update(Document).where(Document.id == document, Document.revision == revision)


async def _begin(connection: AsyncConnection, document: UUID, revision: int) -> _Source:
    """What is to be read. Raises Overtaken where this revision is not, or not any more."""
    names = [name for name in _Source.__slots__]
    begun = _this(document, revision).where(Document.state != "ready").values(state="reading", stage=None, done=0, total=0, error=None)
    row = (await connection.execute(begun.returning(*(getattr(Document, name) for name in names)))).one_or_none()
    if row is None:
        raise Overtaken
    return _Source(**row._mapping)


async def _stage(connection: AsyncConnection, document: UUID, revision: int, name: str, done: int, total: int) -> None:
    if (await connection.execute(_this(document, revision).values(stage=name, done=done, total=total))).rowcount == 0:
        raise Overtaken
