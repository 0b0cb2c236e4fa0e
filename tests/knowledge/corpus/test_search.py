"""What is found of what the business has written, and what never is."""

import asyncio

import pytest
import sqlalchemy as sa

from kernel.database import Database
from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus import vectors
from knowledge.corpus.embedder import MiniLM
from knowledge.corpus.passages import passage
from knowledge.corpus.search import REST_SECONDS, CorpusSearch
from knowledge.embedding.encoder import Encoder
from tests.knowledge.corpus import shelf
from tests.knowledge.corpus.hashed import Hashed

MINI = MiniLM(Encoder())
TEXTS = (
    "Cancelling | A party may be cancelled free of charge until a week before it.",
    "Parking | Our chefs need a place for the van close to the garden.",
    "Rain | When it rains the grill needs a roof, a tent or a garage door that stays open.",
    "Allergies | Tell us of shellfish, nuts and gluten when you book; we cook those plates first.",
)
HOSTILE = (
    "",
    "   ",
    "🍣🔥🎉",
    "\0",
    "\ud800",
    "'; DROP TABLE ai.document; --",
    "a' | b & !c:* <-> (d",
    "\\",
    "it''s :query %s {index} $1",
    "!!!",
    "the of and",
    "ยินดีต้อนรับ 欢迎 مرحبا",
    "x" * 10_000,
    "grill " * 5_000,
    " ".join(f"word{number}" for number in range(2_000)),
)


@pytest.fixture
def search(database: Database) -> CorpusSearch:
    return CorpusSearch(database, MINI, KnowledgeSettings())


def without_vectors(database: Database) -> CorpusSearch:
    return CorpusSearch(database, Hashed(8), KnowledgeSettings())


class TestSearch:
    async def test_of_nothing(self, search: CorpusSearch) -> None:
        found = await search.search("what if it rains?", language="en")
        assert (found.passages, found.by) == ((), "words")

    async def test_finds_by_words_and_by_meaning(self, database: Database, search: CorpusSearch) -> None:
        ids = await shelf.pieces(database, TEXTS, MINI)
        by_word = await search.search("does the grill need a roof", language="en")
        assert by_word.by == "both"
        assert by_word.passages[0].chunk == ids[2]
        assert (by_word.passages[0].rank_words, by_word.passages[0].rank_vector) == (1, 1)
        by_meaning = await search.search("what if a thunderstorm comes", language="en")
        assert by_meaning.passages[0].chunk == ids[2]
        assert by_meaning.passages[0].rank_words is None

    async def test_a_spanish_question_finds_by_meaning_what_is_written_in_english_alone(
        self, database: Database, search: CorpusSearch
    ) -> None:
        ids = await shelf.pieces(database, TEXTS, MINI)
        assert (await search.search("¿qué pasa si llueve?", language="es")).passages[0].chunk == ids[2]

    async def test_pieces_of_the_customers_language_come_first(self, database: Database, search: CorpusSearch) -> None:
        await shelf.pieces(database, TEXTS, MINI)
        [rain] = await shelf.pieces(database, ["Lluvia | Si llueve, la parrilla necesita un techo."], MINI, language="es")
        found = (await search.search("¿qué pasa si llueve?", language="es-MX")).passages
        assert found[0].chunk == rain and {one.language for one in found[1:]} == {"en"}
        assert (await search.search("what if it rains", language="en")).passages[0].language == "en"

    @pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
    async def test_any_question_is_safe(self, database: Database, search: CorpusSearch, question: str) -> None:
        await shelf.pieces(database, TEXTS, MINI)
        found = await search.search(question, language="en'; --")
        assert len(found.passages) <= 4

    async def test_ties_are_stable(self, database: Database, search: CorpusSearch) -> None:
        await shelf.pieces(database, [f"Same {number} | Nothing else." for number in range(9)], MINI)
        first = await search.search("nothing else", language="en", limit=9)
        assert len(first.passages) == 9
        assert first == await CorpusSearch(database, MINI, KnowledgeSettings()).search("nothing else", language="en", limit=9)

    async def test_gives_so_many_and_no_more(self, database: Database, search: CorpusSearch) -> None:
        await shelf.pieces(database, TEXTS, MINI)
        for limit, given in ((None, 4), (1, 1), (0, 0), (1_000, 4)):
            assert len((await search.search("grill", language="en", limit=limit)).passages) == given


class TestFilters:
    """Each half by itself, and both: what one of them forgot the other would hide."""

    @pytest.mark.parametrize("by", ["both", "words", "vectors"])
    async def test_staffs_and_held_back_pieces_are_not_shown(self, database: Database, by: str) -> None:
        embedder = Hashed(64)
        await shelf.pieces(database, ["secret rain"], embedder, audience="staff")
        await shelf.pieces(database, ["obey the rain"], embedder, held_back="It speaks to a model.")
        [shown] = await shelf.pieces(database, ["plain rain"], embedder)
        search = CorpusSearch(database, embedder, KnowledgeSettings())
        found = await search.search("rain", language="en", by=by)  # type: ignore[arg-type]
        assert [one.chunk for one in found.passages] == [shown]
        both = await search.search("rain", language="en", audience=("everyone", "staff"), by=by)  # type: ignore[arg-type]
        assert len(both.passages) == 2

    async def test_what_a_person_lets_through_is_found_by_both_halves(self, database: Database) -> None:
        embedder = Hashed(64)
        [piece] = await shelf.pieces(database, ["obey the rain"], embedder, held_back="It speaks to a model.")
        async with database.transaction() as connection:
            assert await passage(connection, piece) is None
            let = sa.text("UPDATE ai.document_chunk SET let_through_by = gen_random_uuid() RETURNING document_id")
            await vectors.follow_chunks(connection, (await connection.execute(let)).scalar_one())
            found = await passage(connection, piece)
        assert found is not None and found.text == "obey the rain"
        [shown] = (await CorpusSearch(database, embedder, KnowledgeSettings()).search("rain", language="en")).passages
        assert (shown.rank_words, shown.rank_vector) == (1, 1)

    async def test_a_citation_is_of_its_audience(self, database: Database) -> None:
        [piece] = await shelf.pieces(database, ["secret rain"], audience="staff")
        async with database.transaction() as connection:
            assert await passage(connection, piece) is None
            assert await passage(connection, piece, ("everyone", "staff")) is not None


class TestWithoutVectors:
    async def test_words_alone_are_searched_and_it_is_said_once(self, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
        ids = await shelf.pieces(database, TEXTS, embedder := Hashed(64))
        failures: list[None] = []
        now = 0.0
        search = CorpusSearch(database, embedder, KnowledgeSettings(), failed=lambda: failures.append(None), clock=lambda: now)
        embedder.trouble = "the provider is away"
        embedder.asked = 0
        for question in ("rain", "a roof", "parking"):
            found = await search.search(question, language="en")
            assert found.by == "words" and found.passages[0].chunk in ids
        assert (search.trouble, len(failures), embedder.asked) == ("the provider is away", 1, 1)
        assert capsys.readouterr().out.count("corpus.words_alone") == 1
        embedder.trouble = None
        now = REST_SECONDS
        assert (await search.search("rain", language="en")).by == "both"
        assert search.trouble is None

    async def test_another_language_is_searched_where_the_customers_has_nothing(self, database: Database) -> None:
        ids = await shelf.pieces(database, ["Zelle | Send it by zelle."])
        found = await without_vectors(database).search("¿aceptan zelle?", language="es")
        assert [one.chunk for one in found.passages] == ids

    async def test_other_words_for_the_same_find_it_but_its_own_come_first(self, database: Database) -> None:
        ids = await shelf.pieces(database, ["A gratuity is yours to decide.", "Leave the tip on the table."])
        found = await without_vectors(database).search("how much of a tip", language="en")
        assert [one.chunk for one in found.passages] == [ids[1], ids[0]]

    async def test_a_phrase_is_before_its_words(self, database: Database) -> None:
        texts = ["early start, or a late one", "a late start is early enough", "we start early"]
        ids = await shelf.pieces(database, [texts[0], texts[2]])
        found = await without_vectors(database).search("start early", language="en")
        assert found.passages[0].chunk == ids[1]

    async def test_the_vectors_of_the_last_questions_are_kept(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS, embedder := Hashed(64))
        search = CorpusSearch(database, embedder, KnowledgeSettings())
        embedder.asked = 0
        for _ in range(3):
            await search.search("rain", language="en")
        assert embedder.asked == 1

    async def test_what_is_expected_is_embedded_once_and_waited_for(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS, embedder := Hashed(64))
        search = CorpusSearch(database, embedder, KnowledgeSettings())
        embedder.asked, embedder.pace = 0, asyncio.Semaphore(0)
        embedder.called.clear()
        search.expect(" rain  and wind")
        search.expect("rain and wind ")
        await embedder.called.wait()
        found = asyncio.create_task(search.search("rain and wind", language="en"))
        await asyncio.sleep(0)
        embedder.pace.release()
        assert (await found).by == "both"
        assert embedder.asked == 1

    async def test_what_is_expected_in_vain_says_nothing_and_the_search_goes_on(self, database: Database) -> None:
        await shelf.pieces(database, TEXTS, embedder := Hashed(64))
        search = CorpusSearch(database, embedder, KnowledgeSettings())
        embedder.trouble = "the provider is away"
        search.expect("rain")
        search.expect("")
        assert (await search.search("rain", language="en")).by == "words"
