"""Conversations whose answers stand in documents, and in some that lie, on the house model: they cover, and what was reached is kept."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.evaluation.files import Conversation, load_set
from agents.evaluation.floor import Floor, load_floor
from agents.evaluation.results import Report
from tests.conftest import made_database
from tests.evals.housed import Housed, housed
from tests.rig.postgres import PostgresServer

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def conversations() -> dict[str, Conversation]:
    return load_set(HERE / "third")


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "third-floor.toml")


@pytest.fixture(scope="module")
def third_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(third_url: str, conversations: dict[str, Conversation], tmp_path_factory: pytest.TempPathFactory) -> Report:
    return await housed(third_url, tmp_path_factory.mktemp("third"), conversations)


class TestTheThirdSet:
    def test_asks_of_documents_in_both_languages_and_of_what_nobody_wrote(self, conversations: dict[str, Conversation]) -> None:
        languages = Counter(conversation.language for conversation in conversations.values())
        turns = [turn for conversation in conversations.values() for turn in conversation.turns]
        assert len(conversations) >= 40 and languages["es"] >= 12
        assert sum(isinstance(turn.sources, tuple) for turn in turns) >= 30
        assert sum(turn.sources == "none" for turn in turns) >= 8

    def test_every_document_that_lies_has_what_must_not_be_said(self, conversations: dict[str, Conversation]) -> None:
        lying = [conversation for conversation in conversations.values() if conversation.documents]
        assert len(lying) >= 8
        assert all(turn.must_not for conversation in lying for turn in conversation.turns)

    def test_pieces_that_are_expected_stand_in_the_documents(self, conversations: dict[str, Conversation]) -> None:
        for conversation in conversations.values():
            for turn in conversation.turns:
                for piece in turn.sources if isinstance(turn.sources, tuple) else ():
                    document, _, heading = piece.partition(": ")
                    file = HERE.parents[1] / "business" / "profile" / "my-hibachi" / conversation.language / f"{document}.md"
                    assert f"## {heading}\n" in file.read_text("utf-8"), f"{conversation.id}: {piece}"


class TestTheHouse(Housed):
    room = 0.05  # fewer checks than in the other sets: one of them weighs more
    cites = True
