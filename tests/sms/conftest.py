"""An install that answers by text, its provider played on loopback."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.uploads.folder import UploadFolder
from gateway.simulator.server import RingCentralServer
from kernel.bus import Bus, connect
from kernel.database import Database
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer
from tests.rig.ringcentral import serving
from tests.sms.arriving import Arriving, arriving
from tests.sms.people import Town
from tests.sms.texting import Ahead, Texting


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def shared_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """Of a database that the tests of a file share."""
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def came_to(
    shared_url: str, shared_redis: RedisServer, profile: Profile, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Arriving]:
    database, bus, clock = Database(shared_url, application="test", pool_size=8), Bus(connect(shared_redis.url)), Ahead()
    folder = UploadFolder(tmp_path_factory.mktemp("uploads"))
    async with serving(clock=clock) as server:
        texting = Texting(await Town.found(database, profile), bus, server, folder, clock)
        async with arriving(texting) as found:
            yield found
    await bus.close()
    await database.close()


@pytest.fixture
async def arrived(came_to: Arriving) -> Arriving:
    """Where texts come in: shared by a file's tests, each with a phone of its own."""
    await came_to.begins()
    return came_to


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
async def rc(clock: Ahead) -> AsyncIterator[RingCentralServer]:
    async with serving(clock=clock) as server:
        yield server


@pytest.fixture
async def texting(
    database: Database, redis_url: str, profile: Profile, rc: RingCentralServer, clock: Ahead, tmp_path: Path
) -> AsyncIterator[Texting]:
    bus = Bus(connect(redis_url))
    yield Texting(await Town.found(database, profile), bus, rc, UploadFolder(tmp_path / "uploads"), clock)
    await bus.close()
