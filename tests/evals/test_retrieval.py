"""The questions of customers over the shipped documents: they cover, what they name exists, and the search holds its floor."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from agents.evaluation.corpus import stocked
from agents.evaluation.files import SetError
from agents.evaluation.page import whole
from agents.evaluation.retrieval import AT_ONCE, BYS, Asked, Measured, Question, Retrieval, load_questions, measure
from agents.evaluation.retrieval_told import (
    RetrievalFloor,
    load_retrieval_floor,
    retrieval_lines,
    retrieval_section,
    verdict_of,
)
from business.profile.loader import SHIPPED, load_profile
from kernel.database import Database
from kernel.settings import load_settings
from knowledge.corpus.search import Found, Passage
from knowledge.corpus.seeding import shipped
from knowledge.embedding.encoder import Encoder
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

HERE = Path(__file__).parent
QUESTIONS = load_questions(HERE / "retrieval")
# All of them are asked by `hibachi eval --retrieval`; here each third, which is none of a file's own order.
SOME = QUESTIONS[::3]
ROOM = 0.05  # a third of the questions may be luckier than all of them


@pytest.fixture(scope="module")
def corpus_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def found(corpus_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Retrieval]:
    settings = await asyncio.to_thread(load_settings, {"HIBACHI_DATA": str(tmp_path_factory.mktemp("retrieval"))})
    database = Database(corpus_url, application="test", pool_size=AT_ONCE)
    try:
        search, shelf = await stocked(database, load_profile(), settings, Encoder(), [one.ask for one in SOME])
        yield await measure(search, SOME, await shelf.names())
    finally:
        await database.close()


class TestTheQuestions:
    def test_are_many_in_both_languages_and_many_have_no_answer(self) -> None:
        of = Counter((one.language, bool(one.pieces)) for one in QUESTIONS)
        assert of["en", True] >= 150 and of["es", True] >= 60
        assert of["en", False] + of["es", False] >= 40

    def test_name_pieces_that_stand_in_the_documents(self) -> None:
        headings = {
            (new.language, f"{Path(str(new.seed)).stem}: {line.removeprefix('## ').strip()}")
            for new in shipped(SHIPPED.with_suffix(""))
            for line in (new.raw or b"").decode().splitlines()
            if line.startswith("## ")
        }
        for one in QUESTIONS:
            assert all((one.language, piece) in headings for piece in one.pieces), one.ask

    def test_every_piece_is_asked_for(self) -> None:
        asked = {piece for one in QUESTIONS for piece in one.pieces if one.language == "en"}
        assert len(asked) >= 90

    def test_one_that_is_asked_twice_is_refused(self, tmp_path: Path) -> None:
        file = 'language = "en"\n' + 2 * '[[questions]]\nask = "how much"\npieces = []\n'
        (tmp_path / "one.toml").write_text(file)
        with pytest.raises(SetError, match="asks twice"):
            load_questions(tmp_path)

    def test_a_folder_without_questions_is_no_perfect_score(self, tmp_path: Path) -> None:
        with pytest.raises(SetError, match="no question"):
            load_questions(tmp_path)


class TestTheSearch:
    def test_is_not_below_its_floor_and_better_than_either_half(self, found: Retrieval) -> None:
        floor = load_retrieval_floor(HERE / "retrieval-floor.toml")
        assert verdict_of(found, floor) == [], "\n".join(retrieval_lines(found))

    def test_finds_nine_of_ten_among_the_first_five(self, found: Retrieval) -> None:
        for name, where in found.groups():
            assert (found.measured("both", where).among_five.share or 0) >= 0.9, name

    def test_its_floor_has_risen_with_it(self, found: Retrieval) -> None:
        floor = load_retrieval_floor(HERE / "retrieval-floor.toml")
        for name, reached in floor.reached(found.measured("both")).items():
            assert reached - floor.model_dump()[name] < ROOM, f"raise {name} in retrieval-floor.toml: {reached:.3f} is reached"


class TestMeasuring:
    async def test_an_answer_counts_by_its_first_place(self) -> None:
        measured = (await _measured(Question(ask="a", pieces=("doc: b", "doc: c")))).measured("both")
        assert (measured.first.passed, measured.among_five.passed, measured.mrr) == (0, 1, 0.5)

    async def test_each_half_is_taken_in_its_own_order(self) -> None:
        found = await _measured(Question(ask="a", pieces=("doc: b",)))
        assert [found.asked[by][0].found for by in BYS] == [
            ("doc: a", "doc: b", "doc: c"),
            ("doc: b", "doc: a"),
            ("doc: c", "doc: a"),
        ]

    async def test_a_piece_in_another_language_answers_nobody(self) -> None:
        measured = (await _measured(Question(ask="a", pieces=("doc: b",), language="es"))).measured("both")
        assert measured.among_five.passed == 0

    def test_questions_without_an_answer_count_only_for_telling_apart(self) -> None:
        known = Question(ask="a", pieces=("doc: a",))
        near, far = Asked(known, ("doc: a",), 0.8), Asked(Question(ask="b", pieces=()), ("doc: a",), 0.2)
        measured = Measured.of([near, far])
        assert (measured.first.of, measured.apart) == (1, 1.0)

    async def test_a_half_that_does_as_well_alone_is_a_fault(self) -> None:
        found = await _measured(Question(ask="a", pieces=("doc: b",)))
        faults = verdict_of(found, RetrievalFloor(recall_1=0.5, recall_5=0, mrr=0))
        assert any("vectors alone do as well as both" in fault for fault in faults)
        assert any("recall_1: 0.000 is below the floor" in fault for fault in faults)

    async def test_what_was_not_found_is_told(self) -> None:
        found = await _measured(Question(ask="<who> am i", pieces=("doc: nowhere",)))
        assert any("doc: nowhere" in line for line in retrieval_lines(found))
        page = whole("Documents", retrieval_section(found))
        assert "&lt;who&gt; am i" in page and "<who>" not in page


async def _measured(question: Question) -> Retrieval:
    document = uuid4()
    ranks = {"a": (2, 2), "b": (None, 1), "c": (1, None)}
    passages = tuple(
        Passage(uuid4(), document, "Doc", f"Above › {heading}", "text", "en", 1.0, 0.5, words, vector)
        for heading, (words, vector) in ranks.items()
    )

    class Fixed:
        async def search(self, query: str, *, language: str, limit: int | None = None) -> Found:
            return Found(passages, "both")

    return await measure(Fixed(), [question], {document: "doc"})
