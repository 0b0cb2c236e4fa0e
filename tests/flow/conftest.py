"""Fixtures of flow tests: one fleet per pytest worker (two gateways, a worker, a scripted provider), a recorder per test that is
checked against PostgreSQL at the test's end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import made_database
from tests.flow.house import House
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.history import Recorder, check
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer
from tests.rig.truth import read_truth


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
    """The fleet, with a recorder of this test's own. Afterwards every promise is checked on what was recorded."""
    recorder = Recorder(tmp_path_factory.mktemp("history") / "history.jsonl")
    mine = flow_house.recording(recorder)
    yield mine
    await mine.leave()
    recorder.save()
    truth = await read_truth(flow_house.fleet.database_url)
    mine_only = {name: kept for name, kept in truth.items() if name in mine.conversations}
    violations = check(recorder.lines, mine_only, flow_house.provider.calls)
    assert violations == [], f"see {recorder.path}"
