"""Real workers, killed with -9 in the middle of a campaign: nobody gets its text twice, and nobody is forgotten."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.campaigns import life, results
from business.campaigns.life import Means
from business.profile.loader import load_profile
from gateway.simulator.server import RingCentralServer
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings.schema import SmsSettings
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Outbox, TextMessage
from tests.campaigns.crowd import crowd, numbers
from tests.campaigns.wave import LINK, TEXTS
from tests.figures import told
from tests.rig.fleet import Child, Fleet
from tests.rig.ringcentral import serving, settings_of

PEOPLE, AREAS = 120, ("510",)
KILLS = 8
SOON = 120.0
PROFILE = Path("business/profile/my-hibachi.toml")
pytestmark = pytest.mark.slow


class Ahead:
    """The provider's clock, which `passes` moves."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


class Sent:
    """A campaign that workers send, and what became of it."""

    def __init__(self, database: Database, rc: RingCentralServer, clock: Ahead) -> None:
        self.database, self.rc, self.clock = database, rc, clock

    async def begin(self) -> UUID:
        means, id, staff, now = Means(load_profile(), SmsSettings(provider="ringcentral"), LINK), uuid4(), uuid4(), datetime.now(UTC)
        values = {"id": id, "name": "Killed", "variant": "general", "texts": TEXTS, "per_minute": 10_000}
        await self.database.unit(lambda c: life.create(c, values, staff))
        await self.database.unit(lambda c: life.approve(c, means, id, 1, staff, now))
        await self.database.unit(lambda c: life.start(c, means, id, 2, None, None, staff, now))
        # Whatever the hour is at which this runs: workers have a profile by which it is day.
        await self.run(sa.text("UPDATE marketing.campaign_recipient SET due_at = now()"))
        return id

    async def run(self, statement: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(statement)

    async def one(self, query: Any) -> Any:
        async with self.database.transaction() as connection:
            return await connection.scalar(query)

    async def is_left_behind(self) -> None:
        """What a worker held that is gone is found at once."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        await self.run(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))

    async def passes(self, minutes: int) -> None:
        """What waits is due, and what is unknown has been so for long."""
        ago, past = timedelta(minutes=minutes), sa.func.clock_timestamp() - timedelta(seconds=1)
        self.clock.by += ago
        await self.run(sa.update(Outbox).where(Outbox.state == "new").values(next_at=past))
        earlier = {"sending_at": TextMessage.sending_at - ago, "changed_at": TextMessage.changed_at - ago}
        await self.run(sa.update(TextMessage).where(TextMessage.state == "unknown").values(earlier))

    async def is_over(self, campaign: UUID) -> bool:
        open_still = TextMessage.state.in_(("waiting", "sending")) | ((TextMessage.state == "unknown") & (TextMessage.error != "Absent"))
        left = await self.one(sa.select(sa.func.count()).select_from(TextMessage).where(open_still))
        return not left and await self.one(sa.select(Campaign.state).where(Campaign.id == campaign)) == "done"


async def until(done: Any, worker: Child) -> None:
    began = time.monotonic()
    while not await done():
        assert worker.alive and time.monotonic() - began < SOON, worker.logged()[-2000:]
        await asyncio.sleep(0.02)


def always_day(folder: Path) -> str:
    """A profile by which texts may go at any hour."""
    profile = folder / "profile.toml"
    day, always = ("from_time = 08:00:00\nto_time = 21:00:00", "from_time = 00:00:00\nto_time = 23:59:59")
    profile.write_text(PROFILE.read_text().replace(day, always))
    return str(profile)


@pytest.mark.timeout(900)
async def test_killed_in_the_middle(database_url: str, redis_url: str, tmp_path: Path) -> None:
    rng, clock = random.Random(11), Ahead()
    more = {"HIBACHI_SMS__PER_MINUTE": "600", "HIBACHI_SMS__TIMEOUT_S": "2", "HIBACHI_PROFILE": always_day(tmp_path)}
    async with serving(clock=clock) as rc:
        settings = {**settings_of(rc, **more), "HIBACHI_PUBLIC_URL": LINK}
        async with Fleet(database_url, redis_url, settings=settings) as fleet:
            database = Database(database_url, application="test")
            try:
                sent = await played(Sent(database, rc, clock), fleet, rng)
            finally:
                await database.close()
    twice = [number for number, count in Counter(one.to for one in rc.sent).items() if count > 1]
    assert not twice and sent["none"] == 0, sent
    told(f"{PEOPLE} recipients, {KILLS} workers killed, " + ", ".join(f"{count} {state}" for state, count in sorted(sent.items())))


async def played(sent: Sent, fleet: Fleet, rng: random.Random) -> Counter[str]:
    """Workers one after the other, each killed when some more texts went; then one that lives. How many texts are in which state, and how
    many recipients have `none`."""
    await crowd(sent.database, PEOPLE, AREAS)
    campaign = await sent.begin()
    for _ in range(KILLS):
        worker, wanted = await fleet.worker(), len(sent.rc.sent) + rng.randrange(1, PEOPLE // (KILLS + 2))

        async def more(wanted: int = wanted) -> bool:
            return len(sent.rc.sent) >= wanted

        await until(more, worker)
        worker.kill()
        await sent.is_left_behind()
    last = await fleet.worker()

    async def over() -> bool:
        with suppress(Unavailable):
            await sent.passes(4)
        await asyncio.sleep(0.5)
        return await sent.is_over(campaign)

    await until(over, last)
    last.kill()
    async with sent.database.transaction() as connection:
        tally = (await results.tallies(connection, [campaign]))[campaign]
        rows = await connection.execute(sa.select(TextMessage.to_number, TextMessage.state))
        states = {row.to_number: row.state for row in rows}
    assert tally.recipients == PEOPLE and tally.planned == tally.skipped == 0
    reached = {one.to for one in sent.rc.sent}
    assert all((state in ("sent", "delivered")) == (number in reached) for number, state in states.items()), states
    return Counter(states.get(number, "none") for number in numbers(PEOPLE, AREAS))
