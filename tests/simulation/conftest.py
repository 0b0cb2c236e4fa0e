"""Fixtures of virtual time, and of a world that lives in it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer
from tests.simulation.install import Install, installed
from tests.simulation.time import VirtualTime, virtual_template, virtual_time

TEMPLATE = "migrated_in_virtual_time"
MONDAY_NOON = datetime(2027, 3, 1, 20, 0, tzinfo=UTC)
"""In California; two weeks before its clocks go forward."""


@pytest.fixture(scope="session")
def virtual_database(postgres: PostgresServer) -> Iterator[str]:
    yield from virtual_template(postgres, TEMPLATE)


@pytest.fixture
async def time(postgres: PostgresServer, virtual_database: str) -> AsyncIterator[VirtualTime]:
    """Noon of a Monday."""
    async with virtual_time(postgres, virtual_database, MONDAY_NOON) as time:
        yield time


@pytest.fixture
async def install(time: VirtualTime, shared_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Install]:
    """The product in this process, at noon of a Monday."""
    async with installed(time, shared_redis.url, tmp_path) as install:
        yield install
