"""The house model over the whole set: never below the floor, and no floor left behind by what it has become."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.container import build_agents
from agents.evaluation.corpus import stocked
from agents.evaluation.files import load_set
from agents.evaluation.floor import Floor, load_floor
from agents.evaluation.product import LINKS, Product, answering, seeded
from agents.evaluation.results import Report
from agents.evaluation.run import evaluate
from agents.evaluation.scoring import KINDS
from agents.evaluation.table import lines
from business.profile.loader import load_profile
from kernel.database import Database
from kernel.metering import DatabaseUsageSink
from kernel.settings import HOUSE, load_settings
from knowledge.embedding.encoder import Encoder
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

# Some 450 turns, each with its transactions; on a busy machine they take a minute.
pytestmark = pytest.mark.timeout(400)
HERE = Path(__file__).parent
# So much may a score stand above its floor, as a share: what is more is to be kept, by raising the floor.
ROOM = 0.03


@pytest.fixture(scope="module")
def evaluation_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """A database for the whole run."""
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(evaluation_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Report]:
    """One run over everything, which all tests of this module read."""
    database = Database(evaluation_url, application="test", pool_size=4)
    usage = DatabaseUsageSink(database)
    profile = load_profile()
    site = await seeded(database, profile)
    settings = load_settings({"HIBACHI_DATA": str(tmp_path_factory.mktemp("evaluation"))})
    encoder = Encoder()
    corpus, shelf = await stocked(database, profile, settings, encoder)
    agents = build_agents(answering(settings, HOUSE), profile, usage, database, links=LINKS, encoder=encoder, corpus=corpus)
    await agents.warm()
    try:
        conversations = await asyncio.to_thread(load_set, HERE / "conversations")
        yield await evaluate(Product(HOUSE, agents, database, profile, site, shelf), conversations, profile)
    finally:
        await agents.close()
        await usage.close()
        await database.close()


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "floor.toml")


class TestTheHouse:
    def test_breaks_down_nowhere(self, report: Report) -> None:
        assert {result.name: result.error for result in report.results if result.error is not None} == {}

    def test_is_not_below_the_floor(self, report: Report, floor: Floor) -> None:
        assert floor.below(report.scores()) == {}, "\n".join(lines(report, floor))

    @pytest.mark.parametrize("kind", KINDS)
    def test_its_floor_has_risen_with_it(self, report: Report, floor: Floor, kind: str) -> None:
        score = report.scores()[kind]  # type: ignore[index]
        assert (score.share is None) == (kind == "sources")  # these sets expect none
        assert (score.share or 0) - floor.of(kind) < ROOM, f"raise {kind} in floor.toml: {score} is reached"  # type: ignore[arg-type]
