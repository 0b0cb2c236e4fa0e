"""The vectors of pieces, one for each index that lives: the one that serves, and the one that is being built, if any.

A piece is stored with its vectors in one transaction, which shares a lock with the one moment in which another index takes over
(`indexes.build`): so no piece is left without a vector in the index that serves. What could not be embedded is made up for later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import locks
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import BuildIndex
from kernel.outbox import enqueue
from kernel.tables.ai import EmbeddingIndex
from knowledge.corpus.embedder import Embedder, EmbeddingFailed, embedder_of, measured

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

LOCK = "corpus vectors"
LIVING = ("serving", "building")
ROWS = 200  # in one statement
# Nobody is shown a piece `c` that is held back, until a person has let it through.
SHOWN = "(c.held_back IS NULL OR c.let_through_by IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of vectors. `approximate`: an HNSW index of its vectors stands."""

    id: UUID
    model: str
    dimensions: int
    state: str
    approximate: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of the same texts by index. `failed`: why an index that lives has none of them."""

    vectors: "Mapping[UUID, Array]"
    failed: str | None = None


async def serving(connection: AsyncConnection) -> Index | None:
    """The index that is searched; None before the first piece."""
    return next((index for index in await living(connection) if index.state == "serving"), None)


async def living(connection: AsyncConnection) -> tuple[Index, ...]:
    """The index that serves first, then the one that is being built."""
    rows = await connection.execute(_indexes().where(EmbeddingIndex.state.in_(LIVING)).order_by(EmbeddingIndex.state.desc()))
    return tuple(Index(*row) for row in rows)


async def ensure_index(connection: AsyncConnection, embedder: Embedder) -> Index:
    """The index that serves, made where there is none. The embedder's dimensions must be known (`measured`)."""
    found = await serving(connection)
    if found is None:
        assert embedder.dimensions is not None
        row = {"id": new_id(), "model": embedder.model, "dimensions": embedder.dimensions, "state": "serving"}
        values = insert(EmbeddingIndex).values(**row, serving_since=func.clock_timestamp())
        # Somebody may be as fast: theirs is as good.
        await connection.execute(values.on_conflict_do_nothing())
        found = await serving(connection)
    assert found is not None
    return found


async def prepare(database: Database, embedder: Embedder) -> tuple[Index, ...]:
    """The indexes for which pieces are to be embedded. Empty where there is none yet and the embedder cannot say what it gives."""
    async with database.transaction() as connection:
        found = await living(connection)
    if any(index.state == "serving" for index in found):
        return found
    try:
        await measured(embedder)
    except EmbeddingFailed as failed:
        log.warning("corpus.not_embedded", why=failed.why)
        return found

    async def make(connection: AsyncConnection) -> tuple[Index, ...]:
        await ensure_index(connection, embedder)
        return await living(connection)

    return await database.unit(make)


async def embed_for_all(embedder: Embedder, indexes: Sequence[Index], texts: Sequence[str]) -> Embedded:
    """Vectors of these texts for each of the indexes. Never raises EmbeddingFailed: pieces without a vector are found by their words,
    and are made up for once vectors can be had."""
    vectors: dict[UUID, Array] = {}
    why = None if indexes else "there is no index of vectors yet"
    for index in indexes:
        try:
            vectors[index.id] = await embedder_of(embedder, index.model, index.dimensions).embed(texts)
        except EmbeddingFailed as failed:
            log.warning("corpus.not_embedded", why=failed.why, index=str(index.id))
            why = failed.why
    return Embedded(vectors, why)


async def store_for_all(connection: AsyncConnection, chunks: Sequence[UUID], embedded: Embedded) -> None:
    """The vectors of pieces that stand in this transaction, in the order in which they were embedded; what the index that serves
    lacks is made up for by a worker."""
    await locks.share(connection, LOCK)
    for index in await living(connection):
        vectors = embedded.vectors.get(index.id)
        if vectors is not None:
            await store(connection, index.id, chunks, vectors)
        elif index.state == "serving":
            await make_up(connection, index.id)


async def store(connection: AsyncConnection, index: UUID, chunks: Sequence[UUID], vectors: "Array") -> None:
    """One row per piece that is still there; one that has a vector in this index gets the new one."""
    for start in range(0, len(chunks), ROWS):
        some = {"chunks": list(chunks[start : start + ROWS]), "vectors": [literal(vector) for vector in vectors[start : start + ROWS]]}
        await connection.execute(STORE, {"index": index, **some})


async def follow_chunks(connection: AsyncConnection, document: UUID) -> None:
    """What is filtered by, as it stands at the pieces of a document now: their language, their audience, whether they are shown."""
    await connection.execute(FOLLOW, {"document": document})


async def make_up(connection: AsyncConnection, index: UUID) -> None:
    """Let a worker embed what an index lacks."""
    if await awaited(connection, index):
        return
    await enqueue(connection, BuildIndex(index=index), key=f"build_index:{index}:{new_id()}")


async def awaited(connection: AsyncConnection, index: UUID) -> bool:
    """Whether a worker is to look at this index anyway, and has not begun."""
    return bool(await connection.scalar(AWAITED, {"index": str(index)}))


def literal(vector: "Array") -> str:
    """As pgvector reads it."""
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def _indexes() -> Select[UUID, str, int, str, bool]:
    return select(EmbeddingIndex.id, EmbeddingIndex.model, EmbeddingIndex.dimensions, EmbeddingIndex.state, EmbeddingIndex.approximate)


AWAITED = text("SELECT EXISTS (SELECT 1 FROM ops.outbox WHERE kind = 'build_index' AND state = 'new' AND payload ->> 'index' = :index)")

# The piece is locked: whoever deletes it or lets it through waits, and vector and piece say the same.
STORE = text(f"""
    INSERT INTO ai.chunk_vector (index_id, chunk_id, language, audience, shown, embedding)
    SELECT CAST(:index AS uuid), c.id, c.language, c.audience, {SHOWN}, given.vector::vector
    FROM unnest(CAST(:chunks AS uuid[]), CAST(:vectors AS text[])) AS given (chunk, vector)
    JOIN ai.document_chunk c ON c.id = given.chunk
    ORDER BY c.id FOR SHARE OF c
    ON CONFLICT (index_id, chunk_id) DO UPDATE
    SET language = excluded.language, audience = excluded.audience, shown = excluded.shown, embedding = excluded.embedding
""")  # noqa: S608

FOLLOW = text(f"""
    UPDATE ai.chunk_vector v
    SET language = c.language, audience = c.audience, shown = {SHOWN}
    FROM ai.document_chunk c
    WHERE c.document_id = :document AND v.chunk_id = c.id
      AND (v.language, v.audience, v.shown)
          IS DISTINCT FROM (c.language, c.audience, {SHOWN})
""")  # noqa: S608
