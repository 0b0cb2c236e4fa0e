"""Pieces straight into the tables, for tests of what is made of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import Document, DocumentChunk
from knowledge.corpus import vectors
from knowledge.corpus.embedder import Embedder


async def document(database: Database, title: str = "Policies", language: str = "en", audience: str = "everyone") -> UUID:
    """A document that was read, without pieces."""
    row = {"id": new_id(), "kind": "markdown", "origin": "written", "title": title, "language": language, "audience": audience}
    async with database.transaction() as connection:
        await connection.execute(sa.insert(Document).values(**row, state="ready"))
    return row["id"]  # type: ignore[return-value]


async def pieces(
    database: Database,
    texts: Sequence[str],
    embedder: Embedder | None = None,
    *,
    title: str = "Policies",
    language: str = "en",
    audience: str = "everyone",
    held_back: str | None = None,
) -> list[UUID]:
    """A document of these pieces: (heading, text) by " | ", or the text alone; with vectors where there is an embedder."""
    of = await document(database, title, language, audience)
    rows: list[dict[str, Any]] = []
    for ordinal, text in enumerate(texts):
        heading, _, said = text.rpartition(" | ")
        row = {"id": new_id(), "document_id": of, "ordinal": ordinal, "title": title, "heading": heading, "text": said, "indexed": said}
        rows.append({**row, "language": language, "audience": audience, "held_back": held_back})
    ids: list[UUID] = [row["id"] for row in rows]
    embedded = vectors.Embedded({})
    if embedder is not None:
        indexes = await vectors.prepare(database, embedder)
        embedded = await vectors.embed_for_all(embedder, indexes, [f"{title}. {row['heading']}. {row['text']}" for row in rows])
    async with database.transaction() as connection:
        await connection.execute(sa.insert(DocumentChunk), rows)
        await vectors.store_for_all(connection, ids, embedded)
    return ids
