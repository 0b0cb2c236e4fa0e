"""Gateways in the test's process: one for a whole module, with a fresh list of clients for each test, or one of the test's own."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from tests.conftest import made_database
from tests.rig.inprocess import Running, eventually, running
from tests.rig.postgres import PostgresServer


@pytest.fixture(scope="module")
def module_database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """A database that the tests of a module share."""
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def module_house(module_database_url: str, shared_redis: object) -> AsyncIterator[Running]:
    """A gateway that the tests of a module share."""
    async with running(module_database_url, shared_redis.url) as found:  # type: ignore[attr-defined]
        yield found


@pytest.fixture
async def house(module_house: Running) -> AsyncIterator[Running]:
    """The module's gateway, without a client at the beginning and at the end."""
    found = replace(module_house, clients=[])
    yield found
    for client in found.clients:
        await client.leave()
    await eventually(lambda: not found.gateway.server.sessions, 25)


@pytest.fixture
async def own_house(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """A gateway of the test's own."""
    async with running(database_url, redis_url) as found:
        yield found
