"""Fixtures of the flow: one fleet per pytest worker (two gateways, a worker, a scripted provider), shared by every test that breaks
nothing of it; and for each test a recorder, whose history is checked at the test's end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from agents.ensemble.gc_tuning import tune_gc
from tests.conftest import made_database
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.history import Recorder
from tests.rig.house import House
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

STARTS_SECONDS = 400  # a test's first fixture may start processes, on a machine that others use too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in ("flow", "chaos"):
            item.add_marker(pytest.mark.timeout(STARTS_SECONDS))


def pytest_collection_finish() -> None:
    """Ten thousand tests stand there until the end: the collector need not walk over them again and again."""
    tune_gc()


@pytest.fixture(scope="session")
async def flow_provider() -> AsyncIterator[ScriptedProvider]:
    async with ScriptedProvider() as provider:
        yield provider


@pytest.fixture(scope="session")
def flow_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="session")
async def flow_house(flow_provider: ScriptedProvider, flow_database: str, shared_redis: RedisServer) -> AsyncIterator[House]:
    models = [ModelPlan("teacher", flow_provider.base_url)]
    settings = {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "20"}
    async with Fleet(flow_database, shared_redis.url, models=models, settings=settings) as fleet:
        gateways = await fleet.gateways(2)
        await fleet.worker()
        yield House(fleet, gateways, flow_provider)


@pytest.fixture
async def house(flow_house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The fleet, with a recorder of this test's own."""
    async for mine in recorded(flow_house, tmp_path_factory):
        yield mine


async def recorded(house: House, folders: pytest.TempPathFactory) -> AsyncIterator[House]:
    """For a fixture to yield from: a house for one test, whose promises are checked on what was recorded."""
    mine = house.recording(Recorder(folders.mktemp("history") / "history.jsonl"))
    yield mine
    violations = await mine.checked()
    mine.recorder.save()
    assert violations == [], f"see {mine.recorder.path}"
