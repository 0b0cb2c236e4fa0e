"""What has to be looked at by the clock: overdue handoffs, people who fell silent, holds whose time is over, rows and files that are
long over."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import holds
from business.channels import proving
from business.conversations.log import Announcement
from business.coupons import service as coupons
from business.handoffs import overdue
from business.leads import scoring
from business.profile.schemas import Profile
from business.push import subscriptions
from business.staff.sessions import forget_old
from business.uploads.folder import UploadFolder
from business.uploads.sweep import sweep
from business.webhooks import deliveries
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0

Alert = Callable[[AsyncConnection], Awaitable[tuple[Announcement, object] | None]]


class Clockwork:
    """The looks of one worker. Several workers may look at once: each alert is given once, under its conversation's row."""

    def __init__(self, database: Database, bus: Bus, profile: Callable[[], Profile], uploads: UploadFolder) -> None:
        self._database = database
        self._bus = bus
        self._uploads = uploads
        self._profile = profile

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable:
                log.info("clockwork.later")
            await asyncio.sleep(LOOK_EVERY)

    async def tidy(self) -> None:
        """End coupons whose time is over, and forget what is long over (duties.py says when); a worker that dies in the middle leaves the
        rest to the next."""
        await self._database.unit(lambda c: forget_old(c, utc_now()))
        while await self._database.unit(deliveries.forget_old):
            pass
        await self._database.unit(lambda c: subscriptions.forget_old(c, utc_now()))
        await self._database.unit(lambda c: coupons.expire(c, utc_now()))
        await self._database.unit(lambda c: proving.forget_words(c, utc_now()))
        swept = 0
        while some := await self._database.unit(lambda c: sweep(c, self._uploads)):
            swept += some
        await self._uploads.forget_unfinished()
        if swept:
            log.info("clockwork.uploads_swept", files=swept)

    async def lead_scores(self) -> None:
        """Scores of leads anew: a day comes nearer, and what happened grows old, though nobody writes."""
        profile, last = self._profile(), None
        while True:
            last = await self._database.unit(lambda c, after=last: scoring.again(c, profile, true(), utc_now(), after))  # type: ignore[misc]
            if last is None:
                return

    async def look(self) -> None:
        """One look."""
        profile = self._profile()
        business, silence = profile.business.name, timedelta(minutes=profile.people.silence_minutes)
        again, now = timedelta(minutes=profile.people.due_minutes), utc_now()
        async with self._database.transaction() as connection:
            handoffs = await overdue.due_handoffs(connection, again)
            silent = await overdue.silent_conversations(connection, silence)
            lapsed = await holds.lapsed(connection)
        for handoff, conversation in handoffs:
            await self._one(self._alert(lambda c, h=handoff, v=conversation: overdue.alert_handoff(c, h, v, profile, now)), handoff)  # type: ignore[misc]
        for conversation in silent:
            await self._one(self._alert(lambda c, v=conversation: overdue.alert_silence(c, v, business)), conversation)  # type: ignore[misc]
        for booking, conversation in lapsed:
            await self._one(self._expire(profile, booking, conversation), booking)

    async def _one(self, work: Coroutine[Any, Any, None], what: UUID) -> None:
        """What fails for one must not keep the others waiting, nor end the worker: it is looked at again with the next look."""
        try:
            await work
        except Unavailable:
            raise
        except Exception:
            log.exception("clockwork.failed", what=str(what))

    async def _alert(self, alert: Alert) -> None:
        done = await self._database.unit(alert)
        if done is not None:
            announcement, _ = done
            await self._bus.announce(announcement.conversation, announcement.seq, announcement.staff_seq)

    async def _expire(self, profile: Profile, booking: UUID, conversation: UUID) -> None:
        expired = await self._database.unit(lambda c: holds.expire_due(c, profile, booking, conversation))
        if expired is not None:
            told = expired.announcement
            await self._bus.announce(told.conversation, told.seq, told.staff_seq)
