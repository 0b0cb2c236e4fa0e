"""Campaigns in a worker: every few seconds those that run write to whose moment has come. However many workers look, each campaign is held
by one for the batch."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from business.campaigns import following, running
from business.campaigns.life import Means
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Unavailable
from workers.crash import NEVER, Crash

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
OVERLAP = timedelta(minutes=10)
"""What came is looked for again for so long: what was committed late is not missed."""


class Campaigns:
    """The looks of one worker. `means` is asked anew each time: the profile may change."""

    def __init__(self, database: Database, means: Callable[[], Means], clock: Clock, crash: Crash = NEVER) -> None:
        self._database = database
        self._means = means
        self._clock = clock
        self._crash = crash
        self._followed: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._crash.during(self.look())
            except Unavailable:
                log.info("campaigns.later")
            except Exception:
                log.exception("campaigns.failed")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """One look: first what recipients did, so that nobody is reminded who has answered."""
        if not await self._database.unit(following.anything):
            return
        await self.follow()
        ids = await self._database.unit(running.running)
        for campaign in ids:
            await self._go_on(campaign, len(ids))

    async def _go_on(self, campaign: UUID, beside: int) -> None:
        """What is wrong with one campaign keeps no other. Raises Unavailable."""
        try:
            while await self._tick(campaign, beside):
                pass
        except Unavailable:
            raise
        except Exception:
            log.exception("campaigns.failed", campaign=str(campaign))

    async def follow(self) -> None:
        """What recipients did since the last look; of a worker that has just begun, of a month."""
        now = self._clock()
        since = now - following.BACK if self._followed is None else self._followed - OVERLAP
        await self._database.unit(lambda c: following.follow(c, since))
        self._followed = now

    async def _tick(self, campaign: UUID, beside: int) -> bool:
        """Whether it may go on at once."""
        means, now = self._means(), self._clock()
        done = await self._database.unit(lambda c: running.tick(c, means, campaign, beside, now))
        if done.written or done.skipped or done.paused:
            told = {"written": done.written, "skipped": done.skipped, "waits": done.waits, "paused": done.paused}
            log.info("campaign.batch", campaign=str(campaign), **told)
        return done.more
