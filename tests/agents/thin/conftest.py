"""Fixtures: connections of the test's own, providers in every protocol, a server that plays recorded streams."""

from collections.abc import AsyncIterator

import pytest

from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.thin.connections import Connections
from tests.agents.thin.bench import Bench
from tests.agents.thin.replay import Replay
from tests.rig.farm import Farm


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    opened = Connections()
    yield opened
    await opened.close()


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    async with Farm(words=12) as running:
        yield running


@pytest.fixture
async def replay() -> AsyncIterator[Replay]:
    async with Replay().serving() as server:
        yield server


@pytest.fixture
def bench(farm: Farm, library: LiteLLMLibrary, connections: Connections) -> Bench:
    return Bench(farm, library, connections)
