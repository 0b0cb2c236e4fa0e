"""One model's vectors take the place of another's: while everybody searches, after any stop, and never two spaces mixed."""

import asyncio
from uuid import UUID

import pytest
import sqlalchemy as sa

from kernel.database import Database
from kernel.jobs import BuildIndex
from kernel.settings.schema import KnowledgeSettings
from kernel.tables.ai import ChunkVector, Document, DocumentChunk, EmbeddingIndex
from kernel.tables.ops import Outbox
from knowledge.corpus import indexes, vectors
from knowledge.corpus.embedder import Embedder, EmbeddingFailed
from knowledge.corpus.search import CorpusSearch
from knowledge.corpus.vectors import Index
from migrations.check import check
from tests.knowledge.corpus import shelf
from tests.knowledge.corpus.hashed import Hashed

MANY = 1_000_000
WORDS = ("rain", "grill", "parking", "deposit", "children", "allergy", "garden", "music", "candles", "knife", "onion", "table")
TEXTS = tuple(f"{one} {other} and what we do about it" for one in WORDS for other in WORDS)


class Both:
    """What a gateway has during a change: whoever makes the vectors of either model."""

    def __init__(self, *embedders: Hashed) -> None:
        self._by = {(one.model, one.dimensions): one for one in embedders}

    def of(self, model: str, dimensions: int) -> Embedder:
        return self._by[model, dimensions]


async def serving(database: Database) -> Index:
    async with database.transaction() as connection:
        found = await vectors.serving(connection)
    assert found is not None
    return found


async def states(database: Database) -> list[tuple[str, str]]:
    async with database.transaction() as connection:
        return [(state.model, state.state) for state in await indexes.overview(connection)]


async def due(database: Database) -> list[UUID]:
    async with database.transaction() as connection:
        rows = await connection.scalars(
            sa.select(Outbox.payload["index"].astext).where(Outbox.kind == BuildIndex.kind, Outbox.state == "new")
        )
        return [UUID(index) for index in rows]


async def begun(database: Database, embedder: Hashed) -> UUID:
    assert embedder.dimensions is not None
    async with database.transaction() as connection:
        return await indexes.begin(connection, embedder.model, embedder.dimensions)


async def counted(database: Database, index: UUID) -> int:
    async with database.transaction() as connection:
        return await connection.scalar(sa.select(sa.func.count()).where(ChunkVector.index_id == index)) or 0


class TestBuilding:
    async def test_serves_once_every_piece_has_a_vector(self, database: Database) -> None:
        old, new = Hashed(64), Hashed(96)
        await shelf.pieces(database, TEXTS[:40], old)
        index = await begun(database, new)
        assert index == await begun(database, new)
        assert await states(database) == [("hashed-64", "serving"), ("hashed-96", "building")]
        assert await due(database) == [index]
        await indexes.build(database, new, index, approximate_from=MANY)
        assert await states(database) == [("hashed-96", "serving")]
        async with database.transaction() as connection:
            lengths = (await connection.scalars(sa.text("SELECT DISTINCT vector_dims(embedding) FROM ai.chunk_vector"))).all()
        assert lengths == [96]

    async def test_goes_on_where_it_stopped(self, database: Database) -> None:
        new = Hashed(96)
        await shelf.pieces(database, TEXTS[:40], Hashed(64))
        index = await begun(database, new)
        new.pace = asyncio.Semaphore(2)
        stopped = asyncio.create_task(indexes.build(database, new, index, approximate_from=MANY, batch=8))
        for _ in range(3):
            await new.called.wait()
            new.called.clear()
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        assert await counted(database, index) == 16
        new.pace, new.asked = None, 0
        await indexes.build(database, new, index, approximate_from=MANY, batch=8)
        assert new.asked == 24
        assert (await serving(database)).id == index

    async def test_a_piece_that_changed_meanwhile_gets_the_vector_of_what_it_says_now(self, database: Database) -> None:
        new = Hashed(96)
        [piece] = await shelf.pieces(database, ["rain"], Hashed(64))
        index = await begun(database, new)
        new.pace = asyncio.Semaphore(0)
        building = asyncio.create_task(indexes.build(database, new, index, approximate_from=MANY))
        await new.called.wait()
        async with database.transaction() as connection:
            await connection.execute(sa.update(DocumentChunk).where(DocumentChunk.id == piece).values(indexed="snow"))
        new.pace.release()
        new.pace.release()
        await building
        assert new.asked == 2
        new.pace = None
        async with database.transaction() as connection:
            stored = await connection.scalar(sa.select(ChunkVector.embedding).where(ChunkVector.index_id == index))
        assert stored @ (await new.embed(["Policies\nsnow"]))[0] > 0.999

    async def test_pieces_that_come_meanwhile_are_in_both(self, database: Database) -> None:
        old, new = Hashed(64), Hashed(96)
        await shelf.pieces(database, TEXTS[:4], old)
        index = await begun(database, new)
        both = Both(old, new)
        indexed = await vectors.prepare(database, old)
        assert [one.state for one in indexed] == ["serving", "building"]
        made = {one.id: await both.of(one.model, one.dimensions).embed(["later"]) for one in indexed}
        of = await shelf.document(database)
        async with database.transaction() as connection:
            row = {"id": of, "document_id": of, "ordinal": 0, "title": "", "text": "later", "indexed": "later", "language": "en"}
            await connection.execute(sa.insert(DocumentChunk).values(row))
            await vectors.store_for_all(connection, [of], vectors.Embedded(made))
        assert await counted(database, index) == 1
        await indexes.build(database, new, index, approximate_from=MANY)
        assert new.asked == 1 + 4
        assert await counted(database, index) == 5

    async def test_what_could_not_be_embedded_is_made_up_for(self, database: Database) -> None:
        embedder = Hashed(64)
        await shelf.pieces(database, TEXTS[:2], embedder)
        embedder.trouble = "the provider is away"
        await shelf.pieces(database, TEXTS[2:4], embedder)
        [index] = await due(database)
        with pytest.raises(EmbeddingFailed):
            await indexes.build(database, embedder, index, approximate_from=MANY)
        async with database.transaction() as connection:
            [state] = await indexes.overview(connection)
        assert (state.state, state.error, state.embedded, state.pieces) == ("serving", "the provider is away", 2, 4)
        embedder.trouble = None
        await indexes.build(database, embedder, index, approximate_from=MANY)
        async with database.transaction() as connection:
            [state] = await indexes.overview(connection)
        assert (state.state, state.error, state.embedded) == ("serving", None, 4)

    async def test_nothing_of_a_deleted_document_stays(self, database: Database) -> None:
        old, new = Hashed(64), Hashed(96)
        await shelf.pieces(database, TEXTS[:4], old)
        index = await begun(database, new)
        await indexes.build(database, new, index, approximate_from=MANY)
        async with database.transaction() as connection:
            await connection.execute(sa.delete(Document))
        assert await counted(database, index) == 0


class TestTending:
    async def tended(self, database: Database, embedder: Embedder, *, approximate_from: int = MANY, again: bool = False) -> None:
        await indexes.tend(database, embedder, approximate_from=approximate_from, again=again)

    async def test_a_fresh_install_has_an_index_that_serves(self, database: Database) -> None:
        await self.tended(database, Hashed(64))
        assert await states(database) == [("hashed-64", "serving")]
        assert await due(database) == []

    async def test_other_settings_begin_another_index_once(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS[:4], Hashed(64))
        for _ in range(3):
            await self.tended(database, Hashed(96))
        assert await states(database) == [("hashed-64", "serving"), ("hashed-96", "building")]
        assert len(await due(database)) == 1

    async def test_settings_that_were_set_back_give_it_up(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS[:4], Hashed(64))
        await self.tended(database, Hashed(96))
        await self.tended(database, Hashed(64))
        assert await states(database) == [("hashed-64", "serving")]
        [index] = await due(database)
        await indexes.build(database, Hashed(96), index, approximate_from=MANY)
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(EmbeddingIndex)) == 1

    async def test_one_that_its_worker_gave_up_has_failed_until_a_worker_starts(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS[:4], Hashed(64))
        await self.tended(database, Hashed(96))
        async with database.transaction() as connection:
            await connection.execute(sa.update(Outbox).values(state="dead"))
        await self.tended(database, Hashed(96))
        await self.tended(database, Hashed(96))
        assert await states(database) == [("hashed-64", "serving"), ("hashed-96", "failed")]
        await self.tended(database, Hashed(96), again=True)
        assert await states(database) == [("hashed-64", "serving"), ("hashed-96", "building")]


class TestApproximate:
    async def test_an_index_that_has_grown_large_gets_one_that_is_used_and_known(self, database: Database, database_url: str) -> None:
        embedder = Hashed(64)
        await shelf.pieces(database, TEXTS, embedder)
        index = await serving(database)
        search = CorpusSearch(database, embedder, KnowledgeSettings())
        before = [passage.chunk for passage in (await search.search("rain garden", language="en")).passages]
        await indexes.tend(database, embedder, approximate_from=100)
        assert await due(database) == [index.id]
        await indexes.build(database, embedder, index.id, approximate_from=100)
        assert (await serving(database)).approximate
        # On the connections whose statements were prepared before it stood, and on those that know of it.
        for asked in (search, CorpusSearch(database, embedder, KnowledgeSettings())):
            assert [passage.chunk for passage in (await asked.search("rain garden", language="en")).passages] == before
        assert await check(database_url) == ()
        async with database.transaction() as connection:
            await connection.execute(sa.text(f"DROP INDEX ai.{indexes.HNSW}{index.id.hex}"))
        await indexes.tend(database, embedder, approximate_from=100)
        assert index.id in await due(database)

    async def test_what_one_that_was_stopped_left_is_built_anew(self, database: Database) -> None:
        embedder = Hashed(64)
        await shelf.pieces(database, TEXTS, embedder)
        index = await serving(database)
        async with database.transaction() as connection:
            name = f"{indexes.HNSW}{index.id.hex}"
            await connection.execute(
                sa.text(f"CREATE INDEX {name} ON ai.chunk_vector USING hnsw ((embedding::vector(64)) vector_cosine_ops)")
            )
            await connection.execute(
                sa.text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(:n AS regclass)"), {"n": f"ai.{name}"}
            )
        await indexes.build(database, embedder, index.id, approximate_from=100)
        async with database.transaction() as connection:
            assert await connection.scalar(
                sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = CAST(:n AS regclass)"), {"n": f"ai.{name}"}
            )

    async def test_goes_with_its_vectors(self, database: Database) -> None:
        old, new = Hashed(64), Hashed(96)
        await shelf.pieces(database, TEXTS, old)
        await indexes.build(database, old, (await serving(database)).id, approximate_from=100)
        await indexes.build(database, new, await begun(database, new), approximate_from=100)
        async with database.transaction() as connection:
            left = await connection.scalars(sa.text("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_chunk_vector_hnsw%'"))
            assert list(left) == [f"{indexes.HNSW}{(await vectors.serving(connection)).id.hex}"]  # type: ignore[union-attr]
