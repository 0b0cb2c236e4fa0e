"""An install that answers by text, its provider played on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.uploads.folder import UploadFolder
from gateway.simulator.server import RingCentralServer
from kernel.bus import Bus, connect
from kernel.database import Database
from tests.rig.ringcentral import serving
from tests.sms.people import Town
from tests.sms.texting import Ahead, Texting


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


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
