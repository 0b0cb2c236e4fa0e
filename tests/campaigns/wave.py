"""A campaign in virtual time: the worker looks every five seconds, texts go to a RingCentral on loopback, and what each
phone had is held against an independent table of where its area code lies."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as Hour
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from business.campaigns import life
from business.campaigns.filters import EVERYBODY, Filter, stored
from business.campaigns.life import Means
from business.channels.configured import text_provider
from business.links.signing import Links
from business.profile.loader import load_profile
from business.uploads.folder import UploadFolder
from gateway.simulator.server import RingCentralServer
from kernel.bus import Bus
from kernel.database import Database
from kernel.settings.schema import SmsSettings
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import Outbox, TextMessage
from tests.simulation.time import VirtualTime
from workers.campaigns import LOOK_EVERY, Campaigns
from workers.texts import Texts

LINK = "https://chat.hibachi.house"
TEXTS = {"en": "Hi {{first_name}}, {{business}} here. Reply STOP to opt out", "es": "Hola, {{business}}. Responde STOP para salir"}
WHERE = {
    "510": ("America/Los_Angeles",),
    "602": ("America/Phoenix",),
    "808": ("Pacific/Honolulu",),
    "312": ("America/Chicago",),
    "212": ("America/New_York",),
    "303": ("America/Denver",),
    "931": ("America/Chicago", "America/New_York"),
}
"""Written down by hand: 931 is Tennessee's, on both sides of the line."""
TIDIED_EVERY = 500  # texts
OPENS, CLOSES = Hour(8), Hour(21)


@dataclass
class Wave:
    """An install that sends campaigns."""

    time: VirtualTime
    database: Database
    rc: RingCentralServer
    bus: Bus
    folder: Path
    per_minute: int = 800
    rng: random.Random = field(default_factory=lambda: random.Random(8))
    killed: int = 0

    def __post_init__(self) -> None:
        environ = {"SECRET": self.rc.client_secret, "JWT": self.rc.jwt}
        self.sms = SmsSettings(
            provider="ringcentral", client_id=self.rc.client_id, client_secret_env="SECRET", jwt_env="JWT", address=self.rc.base,
            per_minute=self.per_minute,
        )  # fmt: skip
        self.means = Means(load_profile(), self.sms, LINK)
        self.campaigns = Campaigns(self.database, lambda: self.means, self.time.now)
        provider = text_provider(self.sms, environ, pauses=())
        links, files = Links(lambda: LINK, "secret"), UploadFolder(self.folder)
        self.texts = Texts(self.database, self.bus, provider, self.sms, lambda: self.means.profile, links, files, self.time.now)

    async def close(self) -> None:
        await self.texts._closing.close()

    async def begin(self, *, hour: Hour | None = None, filter: Filter = EVERYBODY, **more: Any) -> UUID:
        """A campaign that runs; the throttle is the account's unless it is told."""
        id, staff = uuid4(), uuid4()
        values = {"id": id, "name": "Wave", "variant": "general", "texts": TEXTS, "filter": stored(filter), "per_minute": 10_000, **more}
        now = self.time.now()
        await self.database.unit(lambda c: life.create(c, values, staff))
        await self.database.unit(lambda c: life.approve(c, self.means, id, 1, staff, now))
        await self.database.unit(lambda c: life.start(c, self.means, id, 2, None, hour, staff, now))
        return id

    async def look(self, *, kills: float = 0.0) -> None:
        """What workers do in five seconds; with this likelihood one is gone in the middle of it."""
        if self.rng.random() < kills:
            task = asyncio.create_task(self.campaigns.look())
            for _ in range(self.rng.randrange(1, 60)):
                await asyncio.sleep(0)
            self.killed += not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        else:
            await self.campaigns.look()
        while await self.texts.look():
            await self.texts.idle()

    async def until_over(self, campaign: UUID, *, kills: float = 0.0) -> None:
        """Look after look; where nothing is due, on to the moment when something is. Tables are tidied now and then, as PostgreSQL does by
        itself where it is not told otherwise."""
        tidied = 0
        while await self.state(campaign) == "running" or await self._waiting():
            await self.look(kills=kills)
            if len(self.rc.sent) - tidied >= TIDIED_EVERY:
                tidied = len(self.rc.sent)
                await self.time.fetch("VACUUM (ANALYZE) ops.text_message, ops.outbox, marketing.campaign_recipient")
            await self.time.to(max(await self._next(), self.time.at + timedelta(seconds=LOOK_EVERY)))

    async def state(self, campaign: UUID) -> str:
        return str(await self.one(sa.select(Campaign.state).where(Campaign.id == campaign)))

    async def one(self, query: Any) -> Any:
        async with self.database.transaction() as connection:
            return await connection.scalar(query)

    async def rows(self, query: Any) -> Sequence[Any]:
        async with self.database.transaction() as connection:
            return (await connection.execute(query)).all()

    async def _waiting(self) -> bool:
        return bool(await self.one(sa.select(sa.func.count()).where(TextMessage.state.in_(("waiting", "sending")))))

    async def _next(self) -> datetime:
        """The first moment at which somebody is due, or a text may go."""
        due = await self.one(sa.select(sa.func.min(CampaignRecipient.due_at)).where(CampaignRecipient.state == "planned"))
        remind = await self.one(sa.select(sa.func.min(CampaignRecipient.remind_at)))
        goes = await self.one(sa.select(sa.func.min(Outbox.next_at)).where(Outbox.kind == "send_text", Outbox.state == "new"))
        return min((moment for moment in (due, remind, goes) if moment is not None), default=self.time.at)


@dataclass(frozen=True)
class Had:
    """What phones had, as the provider saw it."""

    number: str
    at: datetime


def had(rc: RingCentralServer) -> list[Had]:
    return [Had(one.to, one.at) for one in rc.sent]


def nobody_at_night(texts: Sequence[Had]) -> None:
    """By each clock that the area code may go by."""
    for one in texts:
        for zone in WHERE[one.number[2:5]]:
            local = one.at.astimezone(ZoneInfo(zone)).time()
            assert OPENS <= local < CLOSES, f"{one.number} had a text at {local} in {zone}"


def nobody_twice(texts: Sequence[Had]) -> None:
    twice = [number for number, count in Counter(one.number for one in texts).items() if count > 1]
    assert not twice, f"{len(twice)} numbers had it twice"


def at_its_pace(moments: Sequence[datetime], per_minute: int) -> int:
    """The most of any minute; AssertionError where that is more than it may be."""
    ordered = sorted(moments)
    most = begin = 0
    for end, moment in enumerate(ordered):
        while moment - ordered[begin] >= timedelta(minutes=1):
            begin += 1
        most = max(most, end - begin + 1)
    assert most <= per_minute, f"{most} went in a minute"
    assert all(one <= other for one, other in pairwise(ordered))
    return most
