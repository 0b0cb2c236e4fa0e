"""One embedding model takes the place of another while customers go on asking.

An index of the new model is built beside the one that serves: every piece gets a vector in it, by a worker, in batches; pieces that come
or change meanwhile get vectors in both. One transaction then lets it serve. What the old one held is removed afterwards, in batches.
Whoever is stopped in between has lost a batch at most: `build` goes on where the vectors end. So does it make up for what the serving
index lacks, and gives an index that has grown large its HNSW index.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, NullPool, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from kernel import locks
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import BuildIndex
from kernel.outbox import enqueue
from kernel.tables.ai import ChunkVector, EmbeddingIndex
from knowledge.corpus import vectors
from knowledge.corpus.chunking import searched
from knowledge.corpus.embedder import Embedder, EmbeddingFailed, embedder_of, measured
from knowledge.corpus.vectors import LOCK, Index

log = structlog.get_logger(__name__)

BATCH = 32  # pieces embedded between two writes
REMOVED = 2_000  # vectors in one statement
# `hibachi db check` knows indexes of this name: they come and go with the embedding's.
HNSW = "ix_chunk_vector_hnsw_"
# How many neighbours are weighed for each vector that is put in. pgvector's 64 found .81 of what there is among clustered pieces.
THOROUGH = 200
MEMORY = "256MB"  # while an HNSW index is built; what does not fit takes much longer


@dataclass(frozen=True, slots=True)
class State:
    """An index as staff see it. `embedded` of `pieces` have a vector in it. `error`: why it stands still."""

    id: UUID
    model: str
    dimensions: int
    state: str
    approximate: bool
    error: str | None
    embedded: int
    pieces: int


async def overview(connection: AsyncConnection) -> tuple[State, ...]:
    """The index that serves, the one that is being built, and the last that failed; those that are being removed are not among them."""
    rows = await connection.execute(OVERVIEW)
    return tuple(State(*row) for row in rows)


async def begin(connection: AsyncConnection, model: str, dimensions: int) -> UUID:
    """Have an index of this model built, which will serve then. The same again is the same; another that is being built is given up."""
    await locks.hold(connection, LOCK)
    building = (await connection.execute(select(EmbeddingIndex).where(EmbeddingIndex.state == "building"))).one_or_none()
    if building is not None and (building.model, building.dimensions) == (model, dimensions):
        index: UUID = building.id
    else:
        await _retire(connection, EmbeddingIndex.state.in_(("building", "failed")))
        index = new_id()
        await connection.execute(insert(EmbeddingIndex).values(id=index, model=model, dimensions=dimensions))
    await vectors.make_up(connection, index)
    return index


async def tend(database: Database, embedder: Embedder, *, approximate_from: int, again: bool = False) -> None:
    """Begin what the settings and the pieces ask for; short, and idle where all is well. `again`: also what failed before. Raises
    EmbeddingFailed where the settings' model does not say what it gives, and Unavailable."""
    async with database.transaction() as connection:
        now = await vectors.serving(connection)
    # What serves says how long this model's vectors are; another model is asked.
    same = now is not None and now.model == embedder.model and embedder.dimensions is None
    dimensions = now.dimensions if now is not None and same else await measured(embedder)

    async def look(connection: AsyncConnection) -> None:
        await locks.hold(connection, LOCK)
        serving = now if same and now is not None else await vectors.ensure_index(connection, embedder)
        await _follow_settings(connection, serving, (embedder.model, dimensions), again)
        if await _missing(connection, serving) or await _grown(connection, serving, approximate_from):
            await _once(connection, serving.id)
        for retired in (await connection.scalars(select(EmbeddingIndex.id).where(EmbeddingIndex.state == "retired"))).all():
            await _once(connection, retired)

    await database.unit(look)


async def build(database: Database, embedder: Embedder, index: UUID, *, approximate_from: int, batch: int = BATCH) -> None:
    """Whatever this index needs, to the end: vectors, an HNSW index, to serve, or to be removed. May be repeated, and run twice at once.
    Raises EmbeddingFailed (kept as the index's error) and Unavailable."""
    async with database.transaction() as connection:
        found = await _index(connection, index)
    if found is None or found.state == "failed":
        return
    if found.state == "retired":
        await _remove(database, index)
        return
    try:
        while True:
            await _embed_missing(database, embedder, found, batch)
            await _approximate(database, found, approximate_from)
            if await database.unit(lambda c: _complete(c, index)):
                break
    except EmbeddingFailed as failed:
        why = failed.why
        await database.unit(lambda c: c.execute(update(EmbeddingIndex).where(EmbeddingIndex.id == index).values(error=why)))
        raise
    log.info("corpus.index_complete", index=str(index), model=found.model)
    async with database.transaction() as connection:
        over = (await connection.scalars(select(EmbeddingIndex.id).where(EmbeddingIndex.state == "retired"))).all()
    for retired in over:
        await _remove(database, retired)


async def _follow_settings(connection: AsyncConnection, serving: Index, wanted: tuple[str, int], again: bool) -> None:
    """Begin an index of the settings' model where another serves; give up what is of a model that they name no more."""
    others = (await connection.execute(select(EmbeddingIndex).where(EmbeddingIndex.state.in_(("building", "failed"))))).all()
    mine = {row.state: row for row in others if (row.model, row.dimensions) == wanted}
    if strangers := [row.id for row in others if (row.model, row.dimensions) != wanted]:
        await _retire(connection, EmbeddingIndex.id.in_(strangers))
    if (building := mine.get("building")) is not None:
        if again:
            await vectors.make_up(connection, building.id)
        elif not await _worked_on(connection, building.id):
            # Its worker gave up after so many tries: it is gone on with when a worker starts, or begun anew by hand.
            await connection.execute(update(EmbeddingIndex).where(EmbeddingIndex.id == building.id).values(state="failed"))
            log.error("corpus.index_failed", index=str(building.id), model=building.model)
    elif (serving.model, serving.dimensions) != wanted and (again or not mine):
        log.info("corpus.index_begins", model=wanted[0], dimensions=wanted[1])
        await begin(connection, *wanted)


async def _embed_missing(database: Database, embedder: Embedder, index: Index, batch: int) -> None:
    """A vector for every piece that has none, once through all of them."""
    maker = embedder_of(embedder, index.model, index.dimensions)
    after = UUID(int=0)
    while True:
        async with database.transaction() as connection:
            pieces = (await connection.execute(MISSING, {"index": index.id, "after": after, "most": batch})).all()
        if not pieces:
            return
        after = pieces[-1].id
        made = await maker.embed([searched(row.title, row.heading, row.indexed) for row in pieces])
        given = {
            "index": index.id,
            "chunks": [row.id for row in pieces],
            "read": [row.read for row in pieces],
            "vectors": [vectors.literal(vector) for vector in made],
        }
        await database.unit(lambda c, values=given: c.execute(STORE_UNCHANGED, values))  # type: ignore[misc]


async def _complete(connection: AsyncConnection, index: UUID) -> bool:
    """Whether it needs nothing any more; lets it serve then. Nobody stores a piece meanwhile."""
    await locks.hold(connection, LOCK)
    found = await _index(connection, index)
    if found is None or found.state not in vectors.LIVING:
        return True
    if await _missing(connection, found):
        return False
    if found.state == "building":
        await _retire(connection, EmbeddingIndex.state == "serving")
    serves = {"state": "serving", "error": None, "serving_since": func.coalesce(EmbeddingIndex.serving_since, func.clock_timestamp())}
    await connection.execute(update(EmbeddingIndex).where(EmbeddingIndex.id == index).values(**serves))
    return True


async def _approximate(database: Database, index: Index, approximate_from: int) -> None:
    """An HNSW index of its vectors, where there are so many and none stands. Beside whatever reads and writes; one at a time."""
    async with database.transaction() as connection:
        row = await _index(connection, index.id)
        if row is None or not await _grown(connection, row, approximate_from):
            return
    async with _unhurried(database) as connection:
        # Whoever waited for a lock here would be waited for by the index that is being built.
        if not await connection.scalar(select(func.pg_try_advisory_lock(func.hashtextextended(HNSW, 0)))):
            return
        name = f"{HNSW}{index.id.hex}"
        if not await _stands(connection, index.id):
            await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS ai.{name}"))  # what one that was stopped left
            await connection.execute(
                text(
                    f"CREATE INDEX CONCURRENTLY {name} ON ai.chunk_vector"
                    f" USING hnsw ((embedding::vector({index.dimensions})) vector_cosine_ops) WITH (ef_construction = {THOROUGH})"
                    f" WHERE index_id = '{index.id}'"
                )
            )
        await connection.execute(update(EmbeddingIndex).where(EmbeddingIndex.id == index.id).values(approximate=True))
    log.info("corpus.index_approximate", index=str(index.id))


async def _remove(database: Database, index: UUID) -> None:
    """All of an index that serves no more."""
    async with database.transaction() as connection:
        stands = await connection.scalar(select(func.to_regclass(f"ai.{HNSW}{index.hex}")))
    if stands is not None:
        async with _unhurried(database) as connection:
            await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS ai.{HNSW}{index.hex}"))
    some = select(ChunkVector.chunk_id).where(ChunkVector.index_id == index).limit(REMOVED)
    batch = delete(ChunkVector).where(ChunkVector.index_id == index, ChunkVector.chunk_id.in_(some))
    while (await database.unit(lambda c: c.execute(batch))).rowcount:
        pass
    gone = delete(EmbeddingIndex).where(EmbeddingIndex.id == index, EmbeddingIndex.state == "retired")
    await database.unit(lambda c: c.execute(gone))
    log.info("corpus.index_removed", index=str(index))


@asynccontextmanager
async def _unhurried(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection for what takes minutes and cannot be done in a transaction."""
    patient = {"application_name": "hibachi-index", "statement_timeout": "0", "maintenance_work_mem": MEMORY}
    # By itself: a second process of PostgreSQL's would take from customers what is left of the machine.
    patient["max_parallel_maintenance_workers"] = "0"
    engine = create_async_engine(
        database.primary.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"server_settings": patient}
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _index(connection: AsyncConnection, index: UUID) -> Index | None:
    columns = (EmbeddingIndex.id, EmbeddingIndex.model, EmbeddingIndex.dimensions, EmbeddingIndex.state, EmbeddingIndex.approximate)
    row = (await connection.execute(select(*columns).where(EmbeddingIndex.id == index))).one_or_none()
    return None if row is None else Index(*row)


async def _retire(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    """These serve no more, and are removed by a worker."""
    retired = update(EmbeddingIndex).where(which).values(state="retired").returning(EmbeddingIndex.id)
    for index in (await connection.scalars(retired)).all():
        await vectors.make_up(connection, index)


async def _once(connection: AsyncConnection, index: UUID) -> None:
    """Let a worker look at it, unless one does, or gave it up a moment ago."""
    given_up = await connection.scalar(GIVEN_UP, {"index": str(index)})
    if not given_up and not await _worked_on(connection, index):
        await enqueue(connection, BuildIndex(index=index), key=f"build_index:{index}:{new_id()}")


async def _worked_on(connection: AsyncConnection, index: UUID) -> bool:
    return bool(await connection.scalar(WORKED_ON, {"index": str(index)}))


async def _missing(connection: AsyncConnection, index: Index) -> bool:
    return (await connection.execute(MISSING, {"index": index.id, "after": UUID(int=0), "most": 1})).first() is not None


async def _grown(connection: AsyncConnection, index: Index, approximate_from: int) -> bool:
    """Whether it is to have an HNSW index that does not stand yet, or does not stand any more (a backup holds none)."""
    if index.approximate and await _stands(connection, index.id):
        return False
    count = await connection.scalar(select(func.count()).select_from(ChunkVector).where(ChunkVector.index_id == index.id))
    return (count or 0) >= approximate_from


async def _stands(connection: AsyncConnection, index: UUID) -> bool:
    """Whether a whole HNSW index of its vectors stands."""
    return bool(await connection.scalar(STANDS, {"name": f"ai.{HNSW}{index.hex}"}))


STANDS = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")

WORKED_ON = text(
    "SELECT EXISTS (SELECT 1 FROM ops.outbox WHERE kind = 'build_index' AND state IN ('new', 'working') AND payload ->> 'index' = :index)"
)

GIVEN_UP = text("""
    SELECT EXISTS (
        SELECT 1 FROM ops.outbox WHERE kind = 'build_index' AND state = 'dead' AND payload ->> 'index' = :index
        AND created_at > clock_timestamp() - interval '15 minutes'
    )
""")

OVERVIEW = text("""
    SELECT i.id, i.model, i.dimensions, i.state, i.approximate, i.error,
           (SELECT count(*) FROM ai.chunk_vector v WHERE v.index_id = i.id) AS embedded,
           (SELECT count(*) FROM ai.document_chunk) AS pieces
    FROM ai.embedding_index i WHERE i.state <> 'retired'
    ORDER BY array_position(ARRAY['serving', 'building', 'failed'], i.state), i.created_at DESC
""")

MISSING = text("""
    SELECT c.id, c.title, c.heading, c.indexed, md5(concat_ws(chr(31), c.title, c.heading, c.indexed)) AS read
    FROM ai.document_chunk c
    WHERE c.id > :after AND NOT EXISTS (SELECT 1 FROM ai.chunk_vector v WHERE v.index_id = :index AND v.chunk_id = c.id)
      AND EXISTS (SELECT 1 FROM ai.embedding_index i WHERE i.id = :index AND i.state IN ('building', 'serving'))
    ORDER BY c.id LIMIT :most
""")

# Of pieces that say what they said when they were embedded, and that nobody gave a vector meanwhile.
STORE_UNCHANGED = text(f"""
    INSERT INTO ai.chunk_vector (index_id, chunk_id, language, audience, shown, embedding)
    SELECT i.id, c.id, c.language, c.audience, {vectors.SHOWN}, given.vector::vector
    FROM unnest(CAST(:chunks AS uuid[]), CAST(:read AS text[]), CAST(:vectors AS text[])) AS given (chunk, read, vector)
    JOIN ai.document_chunk c ON c.id = given.chunk AND md5(concat_ws(chr(31), c.title, c.heading, c.indexed)) = given.read
    JOIN ai.embedding_index i ON i.id = :index AND i.state IN ('building', 'serving')
    ORDER BY c.id FOR SHARE OF c
    ON CONFLICT (index_id, chunk_id) DO NOTHING
""")  # noqa: S608
