"""Fetches texts that were announced: by the provider's id, with whatever else came from the same number, so that they are taken in the
provider's order however their webhooks came. Each is taken once, whoever races or dies."""

from contextlib import suppress
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import inbox
from business.channels.provider import Incoming, SmsError, Throttled
from kernel import outbox
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.jobs import FetchText
from kernel.outbox import Effect
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward
from workers.text_receiver import Receiver

log = structlog.get_logger(__name__)

AT_ONCE = 4
MANY = 3  # at once: most of them stand in one list, for one request in place of two for each
# Seconds before the next try. A text that was announced is in the provider's store in a moment; the provider may be away for a day.
MISSING = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
AWAY = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 28_800.0)
NO_SUCH_TEXT = "NoSuchText"


class Nothing:
    """The provider's connections are closed by whoever sends."""

    async def close(self) -> None:
        """Nothing of ours is open."""


class Arrivals(Outward):
    """The texts that one worker fetches. `lease_seconds` is longer than one may take."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        *,
        timeout: float = 15.0,
        missing: tuple[float, ...] = MISSING,
        away: tuple[float, ...] = AWAY,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, Nothing(), every=every, crash=crash)
        self._receiver = receiver
        self._lease = int(4 * timeout) + 10
        self._missing = missing
        self._away = away

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        places = AT_ONCE - len(self._tasks)
        if places <= 0:
            return 0
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (FetchText.kind,), places, lease_seconds=self._lease)
        if len(held) >= MANY:
            with suppress(SmsError, Unavailable):  # each is asked for by itself then, as it is held already
                await self._receiver.what_came_lately()
        for effect in held:
            self._begin(effect, lambda effect=effect: self._fetch(effect))  # type: ignore[misc]
        return len(held)

    async def _fetch(self, effect: Effect) -> None:
        assert isinstance(effect.job, FetchText)
        inbound = effect.job.inbound
        async with self._database.transaction() as connection:
            row = await inbox.read(connection, inbound)
        if row is None or row.state == "taken":
            await self._done(effect)
            return
        try:
            incoming: Incoming | None = await self._receiver.provider.message(row.provider_id)
            if incoming is not None:
                await self._receiver.with_what_came_before(incoming)
        except SmsError as error:
            pause = error.retry_after if isinstance(error, Throttled) else 0.0
            await self._later(effect, inbound, error.code[:80], self._away, pause)
            return
        if incoming is None:
            await self._later(effect, inbound, NO_SUCH_TEXT, self._missing, 0.0)
            return
        await self._done(effect)

    async def _done(self, effect: Effect) -> None:
        await self._database.unit(lambda c: outbox.settle_done(c, effect))

    async def _later(self, effect: Effect, inbound: UUID, why: str, delays: tuple[float, ...], pause: float) -> None:
        """So often at most; then it has failed, and its effect lies dead, which is an alarm."""
        over = effect.attempts > len(delays)

        async def work(connection: AsyncConnection) -> None:
            if over:
                await inbox.fail(connection, inbound, why)
                settled = await outbox.settle_dead(connection, effect, why)
            else:
                settled = await outbox.settle_later(connection, effect, why, max(pause, delays[effect.attempts - 1]))
            if not settled:
                raise LostLease

        await self._database.unit(work)
        if over:
            log.error("text.not_to_be_had", inbound=str(inbound), cause=why)
        else:
            log.info("text.fetched_later", inbound=str(inbound), cause=why)
