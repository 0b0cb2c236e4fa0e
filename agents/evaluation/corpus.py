"""The documents of an evaluation, on its own database: those that are shipped, and those that a conversation brings.

They are read here as a worker reads them, one after the other, before anybody asks.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from business.profile.figures import figures
from business.profile.loader import SHIPPED
from business.profile.schemas import Profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings import Settings
from kernel.tables.ai import Document
from knowledge.corpus import documents
from knowledge.corpus.embedder import Embedder, build_embedder
from knowledge.corpus.extracting import extract
from knowledge.corpus.faults import Unreadable
from knowledge.corpus.incoming import NewDocument
from knowledge.corpus.placeholders import filler
from knowledge.corpus.reading import Page, Reader
from knowledge.corpus.ruler import Ruler
from knowledge.corpus.search import CorpusSearch
from knowledge.corpus.seeding import KeptVectors, shipped
from knowledge.embedding.encoder import Encoder

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array


async def stocked(
    database: Database, profile: Profile, settings: Settings, encoder: Encoder, questions: Sequence[str] = ()
) -> "tuple[CorpusSearch, Shelf]":
    """The shipped documents, read, and what finds them. `questions`: those that will be asked, whose vectors are made in one go. Raises
    RuntimeError where a document cannot be read."""
    file = settings.business.profile or SHIPPED
    embedder: Embedder = build_embedder(settings.knowledge, os.environ, encoder)
    if questions:
        embedder = Ahead(embedder, dict(zip(questions, await embedder.embed(questions, query=True), strict=True)))
    shelf = Shelf(database, embedder, profile, KeptVectors(file.with_suffix("")))
    await shelf.put(shipped(file.with_suffix("")), utc_now())
    return CorpusSearch(database, embedder, settings.knowledge), shelf


class Ahead:
    """An embedder that has the vectors of some texts already."""

    def __init__(self, embedder: Embedder, made: "Mapping[str, Array]") -> None:
        self._embedder, self._made = embedder, made
        self.model, self.dimensions = embedder.model, embedder.dimensions

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        """As any embedder. Raises EmbeddingFailed."""
        if query and len(texts) == 1 and texts[0] in self._made:
            return self._made[texts[0]][None]
        return await self._embedder.embed(texts, query=query)


class Shelf:
    """Puts documents there, and takes them away again. `kept`: vectors that were made before, so that nothing is computed."""

    def __init__(self, database: Database, embedder: Embedder, profile: Profile, kept: KeptVectors | None = None) -> None:
        self._database = database
        fill = filler(lambda language: figures(profile, language))
        self._reader = Reader(database, embedder, fill, extract, _fetch, Ruler(kept.measured) if kept is not None else Ruler(), kept)

    async def put(self, new: Iterable[NewDocument], now: datetime) -> tuple[UUID, ...]:
        """Stores and reads them. Raises RuntimeError for one that cannot be read."""
        return tuple([await self._put(one, now) for one in new])

    async def _put(self, new: NewDocument, now: datetime) -> UUID:
        document = await self._database.unit(lambda c: documents.add(c, new, now))
        await self._reader.read(document, 1)
        stored = await self._database.unit(lambda c: documents.one(c, document))
        if stored is None or stored.document.state != "ready":
            raise RuntimeError(f"{new.file_name} could not be read: {stored.document.error if stored else 'it is gone'}")
        return document

    async def take_away(self, ids: Iterable[UUID]) -> None:
        for document in ids:
            await self._database.unit(lambda c, document=document: documents.delete(c, document))  # type: ignore[misc]

    async def names(self) -> dict[UUID, str]:
        """How each shipped document is called, without its language: `cancelling`."""
        query = select(Document.id, Document.seed).where(Document.seed.is_not(None))
        rows = await self._database.unit(lambda c: c.execute(query))
        return {row.id: Path(row.seed).stem for row in rows}


async def _fetch(address: str) -> Page:
    raise Unreadable("An evaluation fetches nothing.")
