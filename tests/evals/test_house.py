"""The house model over the whole set: never below the floor, and no floor left behind by what it has become."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.evaluation.files import load_set
from agents.evaluation.floor import Floor, load_floor
from agents.evaluation.results import Report
from tests.conftest import made_database
from tests.evals.housed import Housed, housed
from tests.rig.postgres import PostgresServer

# Some 450 turns, each with its transactions; on a busy machine they take a minute.
pytestmark = pytest.mark.timeout(400)
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def evaluation_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """A database for the whole run."""
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(evaluation_url: str, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One run over everything, which all tests of this module read."""
    conversations = await asyncio.to_thread(load_set, HERE / "conversations")
    return await housed(evaluation_url, tmp_path_factory.mktemp("evaluation"), conversations)


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "floor.toml")


class TestTheHouse(Housed):
    pass
