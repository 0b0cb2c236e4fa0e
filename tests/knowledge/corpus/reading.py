"""A reader of documents for tests: the encoder of this machine, the shipped profile, files as they are read in life."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import sqlalchemy as sa

from business.profile.figures import figures
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import ReadDocument
from kernel.tables.ops import Outbox
from knowledge.corpus import documents
from knowledge.corpus.documents import NewDocument
from knowledge.corpus.embedder import Embedder, MiniLM
from knowledge.corpus.extracting import extract
from knowledge.corpus.faults import Unreadable
from knowledge.corpus.placeholders import filler
from knowledge.corpus.reading import Page, Reader
from knowledge.corpus.ruler import Ruler
from knowledge.embedding.encoder import Encoder

PROFILE = load_profile()
FILL = filler(lambda language: figures(PROFILE, language))
ENCODER, RULER = Encoder(), Ruler()


async def nowhere(_address: str) -> Page:
    """A web without pages."""
    raise Unreadable("There is no web here.")


def reader(database: Database, fetch: Callable[[str], Awaitable[Page]] = nowhere, embedder: Embedder | None = None) -> Reader:
    return Reader(database, embedder or MiniLM(ENCODER), FILL, extract, fetch, RULER)


def written(text: str, **more: object) -> NewDocument:
    """A document of Markdown that somebody wrote."""
    return NewDocument(**{"kind": "markdown", "origin": "written", "title": "Policies", "language": "en", "raw": text.encode(), **more})  # type: ignore[arg-type]


async def add(database: Database, new: NewDocument) -> UUID:
    return await database.unit(lambda c: documents.add(c, new, utc_now()))


async def due(database: Database, document: UUID) -> list[int]:
    """The revisions of which jobs to read it stand in the outbox."""
    mine = (Outbox.kind == ReadDocument.kind) & (Outbox.payload["document"].astext == str(document))
    async with database.transaction() as connection:
        rows = await connection.scalars(sa.select(Outbox.payload["revision"].astext).where(mine))
        return sorted(map(int, rows))


async def read(database: Database, document: UUID, by: Reader | None = None) -> documents.Whole:
    """As its last revision says; the document as it is then."""
    await (by or reader(database)).read(document, (await due(database, document))[-1])
    return await one(database, document)


async def one(database: Database, document: UUID) -> documents.Whole:
    async with database.transaction() as connection:
        found = await documents.one(connection, document)
    assert found is not None
    return found
