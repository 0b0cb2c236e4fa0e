"""A corpus that is too large to look at every vector: the HNSW index is used, finds what an exact scan finds under every filter, and is
replaced while everybody searches. Two thousand pieces here; `python -m tests.prove corpus` plays it with fifty thousand."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from agents.evaluation.retrieval import load_questions
from kernel.database import Database
from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus import indexes, vectors
from knowledge.corpus.embedder import Embedder, MiniLM
from knowledge.corpus.search import APPROXIMATE, CorpusSearch
from knowledge.corpus.statements import DEPTH, By, statement
from knowledge.embedding.encoder import Encoder
from tests.conftest import made_database
from tests.figures import told
from tests.knowledge.corpus import large
from tests.knowledge.corpus.hashed import Hashed
from tests.rig.postgres import PostgresServer

PIECES = int(os.environ.get("PROVE_PIECES", "2000"))
QUESTIONS = 8 if PIECES < 10_000 else 25
FIRST = 10
FLOOR = 0.95
ASKING = 3  # at once, while it is re-embedded
EXACT = 10_000_000


class Both:
    """Whoever makes the vectors of either model, as a gateway's embedder does."""

    def __init__(self, wanted: Embedder, *others: Embedder) -> None:
        self.model, self.dimensions, self.embed = wanted.model, wanted.dimensions, wanted.embed
        self._by = {(one.model, one.dimensions): one for one in (wanted, *others)}

    def of(self, model: str, dimensions: int) -> Embedder:
        return self._by[model, dimensions]


@pytest.fixture(scope="module")
def questions() -> list[str]:
    known = load_questions(Path("tests/evals/retrieval"))
    return [question.ask for question in known][:: max(1, len(known) // QUESTIONS)][:QUESTIONS]


@pytest.fixture(scope="module")
def filled_once(postgres: PostgresServer, template: str) -> Iterator[str]:
    """The name of a database that holds the pieces, for cloning."""
    made = made_database(postgres, template)
    url = next(made)

    async def fill() -> None:
        database = Database(url, application="test")
        await large.fill(database, PIECES)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, fill()).result()
    yield url.partition("@/")[2].partition("?")[0]
    next(made, None)


@pytest.fixture
async def filled(postgres: PostgresServer, filled_once: str) -> AsyncIterator[Database]:
    """A database of this test's own that holds them."""
    made = made_database(postgres, filled_once)
    database = Database(next(made), application="test")
    yield database
    await database.close()
    next(made, None)


async def serving(database: Database) -> vectors.Index:
    async with database.transaction() as connection:
        found = await vectors.serving(connection)
    assert found is not None
    return found


async def approximate(database: Database, yes: bool) -> None:
    async with database.transaction() as connection:
        await connection.execute(sa.text("UPDATE ai.embedding_index SET approximate = :yes"), {"yes": yes})


THERE = sa.text("SELECT count(*) FROM ai.chunk_vector WHERE shown AND audience = ANY(:audience) AND language = ANY(:languages)")
Firsts = dict[str, list[list[UUID]]]


async def asked(database: Database, embedder: Embedder, questions: list[str], by: By) -> tuple[Firsts, list[float], list[str]]:
    """The first pieces by filter and question, and every search's seconds and way."""
    seconds: list[float] = []
    ways: list[str] = []

    def heard(way: str, took: float) -> None:
        ways.append(way)
        seconds.append(took)

    search = CorpusSearch(database, embedder, KnowledgeSettings(timeout_s=30), heard=heard)
    for question in questions:  # the vectors of all, once: what is measured is the search
        await search.search(question, language="en")
    ways.clear()
    seconds.clear()
    found: Firsts = {}
    for name, (language, audience) in large.FILTERS.items():
        results = [await search.search(question, language=language, audience=audience, limit=FIRST, by=by) for question in questions]
        found[name] = [[passage.chunk for passage in result.passages] for result in results]
    return found, seconds, ways


def recall(exact: Firsts, near: Firsts) -> dict[str, float]:
    shares = {}
    for name, truth in exact.items():
        hits = sum(len(set(one) & set(other)) for one, other in zip(truth, near[name], strict=True))
        shares[name] = hits / sum(map(len, truth))
    return shares


def times(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"p50 {1000 * ordered[len(ordered) // 2]:.1f} ms, p99 {1000 * ordered[int(len(ordered) * 0.99)]:.1f} ms (n = {len(ordered)})"


class TestLarge:
    async def test_finds_what_an_exact_scan_finds_under_every_filter(self, filled: Database, questions: list[str]) -> None:
        embedder = MiniLM(Encoder())
        exact, _, ways = await asked(filled, embedder, questions, "vectors")
        assert set(ways) == {"exact"}
        began = time.monotonic()
        await indexes.build(filled, embedder, (await serving(filled)).id, approximate_from=1_000)
        told(f"HNSW index of {PIECES} vectors: built in {time.monotonic() - began:.1f} s")
        near, _, ways = await asked(filled, embedder, questions, "vectors")
        assert ways.count("approximate") > len(ways) / 2
        for name, share in recall(exact, near).items():
            told(f"recall@{FIRST} against the exact scan, {name} of {PIECES}: {share:.3f}")
            assert share >= FLOOR, name
        # Never fewer than there are, whatever a filter leaves of what the index looks at.
        assert all(len(one) == len(other) for name in exact for one, other in zip(exact[name], near[name], strict=True))
        both, seconds, _ = await asked(filled, embedder, questions, "both")
        told(f"search by both halves, HNSW: {times(seconds)}")
        assert all(len(one) == FIRST for name in both for one in both[name] if "0.1" not in name)
        await approximate(filled, False)
        _, seconds, _ = await asked(filled, embedder, questions, "both")
        told(f"search by both halves, exact scan: {times(seconds)}")
        _, seconds, _ = await asked(filled, embedder, questions, "words")
        told(f"search by words alone: {times(seconds)}")

    async def test_never_gives_less_than_there_is(self, filled: Database, questions: list[str]) -> None:
        """Of a filter that leaves a few, an index that gives up early finds fewer than there are."""
        embedder = MiniLM(Encoder())
        await indexes.build(filled, embedder, (await serving(filled)).id, approximate_from=1_000)
        ways: list[str] = []
        search = CorpusSearch(filled, embedder, KnowledgeSettings(timeout_s=30), heard=lambda way, seconds: ways.append(way), look_at=DEPTH)
        for language, audience in large.FILTERS.values():
            found = await search.search(questions[0], language=language, audience=audience, limit=FIRST, by="vectors")
            async with filled.transaction() as connection:
                given = {"audience": list(audience), "languages": ["en", "es"] if language == "en" else [language]}
                there = await connection.scalar(THERE, given)
            assert len(found.passages) == min(FIRST, there)
        assert set(ways) == {"approximate", "exact"}

    async def test_its_statement_uses_the_index_and_the_exact_one_none(self, filled: Database) -> None:
        index = await serving(filled)
        await indexes.build(filled, MiniLM(Encoder()), index.id, approximate_from=1_000)
        vector = vectors.literal((await MiniLM(Encoder()).embed(["rain"]))[0])
        given = {"query": "rain", "others": "", "vector": vector, "audience": ["everyone"], "language": "en", "languages": None}
        plans = {}
        for approximate in (True, False):
            async with filled.transaction() as connection:
                await connection.execute(APPROXIMATE, {"look_at": "20000"})
                explained = sa.text(f"EXPLAIN {statement('both', index.id, 384, approximate)}")
                asked = {**given, "classes": ["en"], "most": 10}
                plans[approximate] = "\n".join((await connection.execute(explained, asked)).scalars())
        name = f"{indexes.HNSW}{index.id.hex}"
        assert f"Index Scan using {name}" in plans[True]
        assert name not in plans[False]
        assert "ix_document_chunk_words" in plans[True]


class TestReembedding:
    async def test_no_query_fails_and_none_mixes_spaces(self, filled: Database, questions: list[str]) -> None:
        """To vectors of another length: PostgreSQL refuses to compare those, so that a question in the wrong space would fail."""
        old, new = MiniLM(Encoder()), Hashed(128)
        gateway = CorpusSearch(filled, Both(old, new), KnowledgeSettings(timeout_s=30))
        another = CorpusSearch(filled, Both(new, old), KnowledgeSettings(timeout_s=30))
        for question in questions:
            await gateway.search(question, language="en")
            await another.search(question, language="en")
        done = asyncio.Event()
        searched: list[str] = []

        async def ask(number: int) -> None:
            while not done.is_set():
                search = (gateway, another)[len(searched) % 2]
                by: By = "vectors" if number == 0 else "both"  # by vectors alone nothing hides that there are none
                found = await search.search(questions[(number + len(searched)) % len(questions)], language="en", limit=FIRST, by=by)
                assert (len(found.passages), found.by) == (FIRST, by)
                searched.append(found.by)

        async with filled.transaction() as connection:
            index = await indexes.begin(connection, new.model, 128)
        before = (await serving(filled)).id
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(ask(number)) for number in range(ASKING)]
            began = time.monotonic()
            await indexes.build(filled, new, index, approximate_from=1_000, batch=200)
            took = time.monotonic() - began
            done.set()
        assert all(task.done() for task in asking)
        assert set(searched) == {"both", "vectors"}
        assert (await serving(filled)).id == index != before
        told(
            f"re-embedded {PIECES} pieces in {took:.1f} s while {len(searched)} searches went on, 0 of which failed or did without vectors"
        )
        async with filled.transaction() as connection:
            left = (await connection.scalars(sa.text("SELECT DISTINCT index_id FROM ai.chunk_vector"))).all()
        assert left == [index]
