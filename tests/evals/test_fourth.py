"""What the third set showed, in other words, on the house model: in both languages, and what was reached is kept."""

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
    return load_set(HERE / "fourth")


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "fourth-floor.toml")


@pytest.fixture(scope="module")
def fourth_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(fourth_url: str, conversations: dict[str, Conversation], tmp_path_factory: pytest.TempPathFactory) -> Report:
    return await housed(fourth_url, tmp_path_factory.mktemp("fourth"), conversations)


class TestTheFourthSet:
    def test_a_third_is_spanish_and_some_of_it_is_really_meant(self, conversations: dict[str, Conversation]) -> None:
        languages = Counter(conversation.language for conversation in conversations.values())
        turns = [turn for conversation in conversations.values() for turn in conversation.turns]
        assert len(conversations) >= 24 and languages["es"] >= 8
        assert sum(turn.owner == "queue" for turn in turns) >= 3 and sum("booking" in turn.agents for turn in turns) >= 2


class TestTheHouse(Housed):
    room = 0.05  # fewer checks than in the other sets: one of them weighs more
    cites = True
    prices = False
