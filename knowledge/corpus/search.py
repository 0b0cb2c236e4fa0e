"""What the business has written about a question: by meaning and by words, in one statement; by words alone where there are no vectors.

Below `knowledge.approximate_from` pieces every vector is looked at. From there an HNSW index is scanned, as far as it takes to find
enough that may be shown; where it gives up before that, every vector is looked at after all. An index that is replaced meanwhile is
noticed by the statement itself, and the one that took over is asked.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

from kernel.database import Database
from kernel.errors import GatewayError
from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus import vectors
from knowledge.corpus.embedder import Embedder, EmbeddingFailed, embedder_of, lie_together
from knowledge.corpus.statements import DEPTH, STEMMERS, By, statement, stemmed
from knowledge.corpus.synonyms import others
from knowledge.corpus.vectors import Index

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

CHARACTERS_AT_MOST = 4_000
PASSAGES_AT_MOST = 50
VECTORS_KEPT = 256  # of the last questions, in a process: half a megabyte
REST_SECONDS = 10.0  # after the embedder failed it is not asked for so long: customers do not wait for it one after the other
INDEX_SECONDS = 3.0
TRIES = 3
LOOK_AT = 20_000
# Enough candidates that the fifty nearest are nearly all among them, and as far as is still faster than looking at everything.
# Without sorting, as far as it can do without, PostgreSQL takes the index for what it is. Candidates enough that the nearest are nearly all
# among them, looked for as far as is still faster than looking at everything.
APPROXIMATE = text("""
    SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '800', true),
           set_config('hnsw.max_scan_tuples', :look_at, true), set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('enable_sort', 'off', true)
""")

Path = Literal["exact", "approximate", "words"]
Heard = Callable[[Path, float], None]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece that was found. `text`: placeholders as they are. `similarity`: -1 to 1, None where it has no vector. Ranks from 1, None
    where that half did not find it."""

    chunk: UUID
    document: UUID
    title: str
    heading: str
    text: str
    language: str
    score: float
    similarity: float | None
    rank_words: int | None
    rank_vector: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """The best first. `by`: "words" where no vector was to be had."""

    passages: tuple[Passage, ...]
    by: By


class CorpusSearch:
    """Of one process. `heard` is told which way a search went and its seconds; `failed` that a question got no vector. `look_at`: how
    many vectors an HNSW index is followed through before every vector is looked at."""

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        settings: KnowledgeSettings,
        *,
        heard: Heard | None = None,
        failed: Callable[[], None] | None = None,
        look_at: int = LOOK_AT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._embedder = embedder
        self._settings = settings
        self._heard, self._failed = heard, failed
        self._look_at = str(look_at)
        self._clock = clock
        self._index: Index | None = None
        self._index_at = float("-inf")
        self._kept: OrderedDict[tuple[str, int, str], Array] = OrderedDict()
        self._expected: dict[str, asyncio.Task[None]] = {}
        self._rests_until = float("-inf")
        self.trouble: str | None = None  # why words alone are searched, None while vectors are

    def expect(self, query: str) -> None:
        """This may be searched for in a moment: make its vector meanwhile."""
        asked = _clean(query)
        if asked and asked not in self._expected:
            self._expected[asked] = task = asyncio.create_task(self._prepare(asked))
            task.add_done_callback(lambda _: self._expected.pop(asked, None))

    async def _prepare(self, asked: str) -> None:
        # What keeps it from being made is met again, and said, by the search itself.
        with suppress(GatewayError, SQLAlchemyError):
            if (index := await self._serving()) is not None:
                await self._vector(index, asked)

    async def search(
        self,
        query: str,
        *,
        language: str,
        audience: Collection[str] = ("everyone",),
        limit: int | None = None,
        by: By = "both",
    ) -> Found:
        """At most `limit` passages, `knowledge.passages` without one. `language`: the customer's, whose pieces come first. `by`: one half
        alone, to compare it. Raises Unavailable where the database is away."""
        asked = _clean(query)
        most = min(self._settings.passages if limit is None else limit, PASSAGES_AT_MOST)
        if not asked or most < 1:
            return Found((), "words" if by == "both" else by)
        began = self._clock()
        if by != "words" and (under_way := self._expected.get(asked)) is not None:
            await asyncio.wait([under_way])
        of = language.partition("-")[0].lower()
        given = {"query": asked, "others": others(asked, of), "audience": list(audience), "language": of, "most": most}
        found, path = await self._found({**given, "classes": [stemmed(of)]}, by)
        if not found.passages and by != "vectors":
            # Nothing in the customer's language: the same words may stand in another.
            found, path = await self._found({**given, "classes": list(STEMMERS)}, by)
        if self._heard is not None:
            self._heard(path, self._clock() - began)
        return found

    async def _found(self, given: dict[str, Any], by: By) -> tuple[Found, Path]:
        for _ in range(TRIES if by != "words" else 0):
            index = await self._serving()
            vector = await self._vector(index, given["query"]) if index is not None else None
            if index is None or vector is None:
                break
            rows, path = await self._both(given, by, index, vector)
            if rows[0].serving == index.id:
                return Found(_passages(rows), by), path
            self._index_at = float("-inf")  # another one took over between our looking and our asking
        if by == "vectors":
            return Found((), by), "words"
        rows = await self._rows(given, "words", None, approximate=False)
        return Found(_passages(rows), "words"), "words"

    async def _both(self, given: dict[str, Any], by: By, index: Index, vector: "Array") -> tuple[list[Row[Any]], Path]:
        asked = {**given, "vector": vectors.literal(vector), "languages": lie_together(index.model, given["language"])}
        if index.approximate:
            rows = await self._rows(asked, by, index, approximate=True)
            if rows[0].nearest >= DEPTH or rows[0].serving != index.id:
                return rows, "approximate"
        return await self._rows(asked, by, index, approximate=False), "exact"

    async def _rows(self, given: dict[str, Any], by: By, index: Index | None, *, approximate: bool) -> list[Row[Any]]:
        """One row at least, which says what serves."""
        asked = statement(by, index.id if index else None, index.dimensions if index else 0, approximate)
        values = {name: given[name] for name in asked._bindparams}
        if not approximate:
            async with self._database.statement() as connection:
                return list((await connection.execute(asked, values)).all())
        async with self._database.transaction() as connection:
            await connection.execute(APPROXIMATE, {"look_at": self._look_at})
            return list((await connection.execute(asked, values)).all())

    async def _serving(self) -> Index | None:
        """The index that serves, as of some seconds ago at most."""
        if self._clock() - self._index_at >= INDEX_SECONDS:
            async with self._database.statement() as connection:
                self._index = await vectors.serving(connection)
            self._index_at = self._clock()
        return self._index

    async def _vector(self, index: Index, query: str) -> "Array | None":
        """The question's, of the model that serves; None where none is to be had just now, which is said once."""
        key = (index.model, index.dimensions, query)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._clock() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                embedder = embedder_of(self._embedder, index.model, index.dimensions)
                vector: Array = (await embedder.embed([query], query=True))[0]
        except TimeoutError:
            self._without(f"{index.model} gave no vector within {self._settings.timeout_s:g} seconds")
            return None
        except EmbeddingFailed as failed:
            self._without(failed.why)
            return None
        if self.trouble is not None:
            log.info("corpus.vectors_again")
        self.trouble = None
        self._kept[key] = vector
        if len(self._kept) > VECTORS_KEPT:
            self._kept.popitem(last=False)
        return vector

    def _without(self, why: str) -> None:
        if self.trouble is None:
            log.warning("corpus.words_alone", why=why)
        self.trouble = why
        self._rests_until = self._clock() + REST_SECONDS
        if self._failed is not None:
            self._failed()


def _clean(query: str) -> str:
    return " ".join(query.replace("\0", " ").encode("utf-8", "ignore").decode()[:CHARACTERS_AT_MOST].split())


def _passages(rows: list[Row[Any]]) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            row.id,
            row.document_id,
            row.title,
            row.heading,
            row.text,
            row.language,
            row.score,
            row.similarity,
            row.rank_words,
            row.rank_vector,
        )
        for row in rows
        if row.id is not None
    )
