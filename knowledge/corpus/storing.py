"""What was read of a document takes the place of what was read before, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import ChunkVector, Document, DocumentChunk
from knowledge.corpus import vectors
from knowledge.corpus.chunking import Part
from knowledge.corpus.documents import forget_records
from knowledge.corpus.faults import Overtaken
from knowledge.corpus.vectors import Embedded

ROWS = 500  # in one statement


@dataclass(frozen=True, slots=True)
class Read:
    """All of a document. `indexed`, `held_back`: of each part, in their order; so are the rows of `embedded`."""

    text: str
    title: str
    parts: tuple[Part, ...]
    indexed: tuple[str, ...]
    held_back: tuple[str | None, ...]
    embedded: Embedded
    remarks: tuple[str, ...]


async def put(connection: AsyncConnection, document: UUID, revision: int, read: Read) -> None:
    """Raises Overtaken where the document was changed or deleted meanwhile."""
    columns = (Document.language, Document.audience)
    found = (
        await connection.execute(sa.select(*columns).where(Document.id == document, Document.revision == revision).with_for_update())
    ).one_or_none()
    if found is None:
        raise Overtaken
    rows = [
        {
            "id": part.id(document),
            "document_id": document,
            "ordinal": ordinal,
            "title": read.title,
            "heading": part.heading,
            "text": part.text,
            "indexed": indexed,
            "language": found.language,
            "audience": found.audience,
            "held_back": held,
        }
        for ordinal, (part, indexed, held) in enumerate(zip(read.parts, read.indexed, read.held_back, strict=True))
    ]
    await _put_pieces(connection, document, rows)
    await vectors.store_for_all(connection, [row["id"] for row in rows], read.embedded)
    ready = {"state": "ready", "stage": None, "done": len(rows), "total": len(rows), "error": None, "raw": None}
    content = {"text": read.text, "title": read.title, "remarks": list(read.remarks), "read_at": sa.func.clock_timestamp()}
    await connection.execute(sa.update(Document).where(Document.id == document).values(**ready, **content))


async def _put_pieces(connection: AsyncConnection, document: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Pieces keep their ids where their place is the same, and what a person let through stays so while its text is the same."""
    mine = DocumentChunk.document_id == document
    kept = {row["id"] for row in rows}
    gone = [piece for piece in (await connection.scalars(sa.select(DocumentChunk.id).where(mine))).all() if piece not in kept]
    await forget_records(connection, gone)
    await connection.execute(sa.delete(DocumentChunk).where(DocumentChunk.id.in_(gone)))
    # Of another text they say nothing; those of this one are stored next.
    await connection.execute(sa.delete(ChunkVector).where(ChunkVector.chunk_id.in_(kept)))
    # Out of the way of the new order.
    await connection.execute(sa.update(DocumentChunk).where(mine).values(ordinal=-1 - DocumentChunk.ordinal))
    for start in range(0, len(rows), ROWS):
        given = insert(DocumentChunk).values(rows[start : start + ROWS])
        same = (DocumentChunk.text == given.excluded.text) & (DocumentChunk.heading == given.excluded.heading)
        values: dict[str, Any] = {name: given.excluded[name] for name in rows[0] if name not in ("id", "document_id")}
        values["let_through_by"] = sa.case((same, DocumentChunk.let_through_by))
        await connection.execute(given.on_conflict_do_update(index_elements=["id"], set_=values))
