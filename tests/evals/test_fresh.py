"""Conversations that nobody prepared for, on the house model: they load, their sums are right, and what was reached is kept."""

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
    return load_set(HERE / "fresh")


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "fresh-floor.toml")


@pytest.fixture(scope="module")
def fresh_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(fresh_url: str, conversations: dict[str, Conversation], tmp_path_factory: pytest.TempPathFactory) -> Report:
    return await housed(fresh_url, tmp_path_factory.mktemp("fresh"), conversations)


class TestTheFreshSet:
    def test_a_third_is_spanish_and_eight_are_whole_bookings(self, conversations: dict[str, Conversation]) -> None:
        languages = Counter(conversation.language for conversation in conversations.values())
        assert languages["es"] >= 0.3 * len(conversations)
        assert sum(any(call.name == "hold_slot" for call in c.turns[-1].tools) for c in conversations.values()) >= 8


class TestTheHouse(Housed):
    pass
