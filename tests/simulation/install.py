"""An install in the test's own process: a business whose addresses are real, the house, and a worker's parts, all under virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.container import build_agents
from agents.evaluation.product import AT_ONCE, seeded
from business.links.signing import Links
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.sites.service import install_secret
from business.uploads.folder import UploadFolder
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.metering import DatabaseUsageSink
from kernel.settings import EnsembleSettings, Settings
from tests.simulation.talk import Host
from tests.simulation.time import VirtualTime
from tests.simulation.world import World
from workers.clockwork import Clockwork
from workers.effects import Effects
from workers.registry import Business, handlers

BASE = "https://chat.hibachi.test"


@dataclass
class Install:
    """What the people of a simulation meet."""

    world: World
    host: Host
    links: Links

    @property
    def profile(self) -> Profile:
        return self.host.profile

    @property
    def database(self) -> Database:
        return self.host.database


def in_earnest(profile: Profile) -> Profile:
    """The profile that ships, with addresses to which something is sent."""
    known = {"phone": "+1 510 555 2742", "email": "hello@hibachi.test", "street": "41 Harbor Way"}
    return profile.model_copy(update={"business": profile.business.model_copy(update=known)})


@asynccontextmanager
async def installed(time: VirtualTime, redis_url: str, folder: Path) -> AsyncIterator[Install]:
    """Everything of one worker and one gateway that has no socket."""
    profile = in_earnest(load_profile())
    settings = Settings(data=folder, config_path=folder / "x", public_url=BASE, ensemble=EnsembleSettings(house_tokens_per_second=AT_ONCE))
    database, bus = Database(time.url, application="simulation", pool_size=12), Bus(connect(redis_url, connections=4))
    usage = DatabaseUsageSink(database)
    site = await seeded(database, profile)
    links = Links(lambda: BASE, await database.unit(install_secret))
    agents = build_agents(settings, profile, usage, database)
    business = Business(lambda: profile, links, utc_now)
    effects = Effects(database, bus, handlers=handlers(business))
    clockwork = Clockwork(database, bus, lambda: profile, UploadFolder(folder / "uploads"))
    try:
        yield Install(World(time, database, profile, effects, clockwork), Host(database, profile, site, agents), links)
    finally:
        await agents.close()
        await usage.close()
        await bus.close()
        await database.close()
