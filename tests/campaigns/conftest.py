"""Campaigns in virtual time, beside a RingCentral on loopback."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel.bus import Bus, connect
from kernel.database import Database
from tests.campaigns.wave import Wave
from tests.rig.postgres import PostgresServer
from tests.rig.ringcentral import serving
from tests.simulation.time import VirtualTime, virtual_template, virtual_time

SATURDAY = datetime(2027, 3, 13, 18, 0, tzinfo=UTC)
"""Ten in California; in the night its clocks go forward."""


@pytest.fixture(scope="session")
def virtual_database(postgres: PostgresServer) -> Iterator[str]:
    yield from virtual_template(postgres, "migrated_for_campaigns")


@pytest.fixture
async def time(postgres: PostgresServer, virtual_database: str) -> AsyncIterator[VirtualTime]:
    async with virtual_time(postgres, virtual_database, SATURDAY) as time:
        yield time


@pytest.fixture
async def wave(time: VirtualTime, redis_url: str, tmp_path: Path) -> AsyncIterator[Wave]:
    database, bus = Database(time.url, application="test"), Bus(connect(redis_url))
    try:
        async with serving(clock=time.now) as rc:
            wave = Wave(time, database, rc, bus, tmp_path)
            yield wave
            await wave.close()
    finally:
        await bus.close()
        await database.close()
