"""What is found of what the business has written, and what never is."""

import pytest

from kernel.database import Database
from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus.embedder import MiniLM
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder
from tests.knowledge.corpus import shelf

MINI = MiniLM(Encoder())
TEXTS = (
    "Cancelling | A party may be cancelled free of charge until a week before it.",
    "Parking | Our chefs need a place for the van close to the garden.",
    "Rain | When it rains the grill needs a roof, a tent or a garage door that stays open.",
    "Allergies | Tell us of shellfish, nuts and gluten when you book; we cook those plates first.",
)


@pytest.fixture
def search(database: Database) -> CorpusSearch:
    return CorpusSearch(database, MINI, KnowledgeSettings())


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
