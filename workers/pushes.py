"""Sends web pushes. A push that is sent twice has the same topic, so the device shows it once."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.push import notices, subscriptions
from business.push.sending import Outcome, PushSender
from business.push.vapid import Signer
from kernel import outbox
from kernel.clock import Clock
from kernel.database import Database
from kernel.jobs import SendPush
from kernel.outbox import Effect
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import Outward

log = structlog.get_logger(__name__)

AT_ONCE = 8
# Seconds before the next try; after the last one it is over. What a push says is old news soon.
DELAYS = (2.0, 10.0, 60.0, 300.0)
GONE = (404, 410)
LATER = (408, 429)


class Pushes(Outward):
    """The pushes of one worker; `contact` is who push services may turn to."""

    def __init__(
        self,
        database: Database,
        sender: PushSender,
        contact: str,
        clock: Clock,
        *,
        delays: tuple[float, ...] = DELAYS,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, sender, crash=crash)
        self._sender = sender
        self._contact = contact
        self._clock = clock
        self._delays = delays

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        return await self._begin_due(SendPush.kind, AT_ONCE, self._send)

    async def _send(self, effect: Effect) -> None:
        job, now = effect.job, self._clock()
        assert isinstance(job, SendPush)
        async with self._database.transaction() as connection:
            device = await subscriptions.device(connection, job.device)
            message = await notices.message(connection, job, now) if device is not None else None
            signer = Signer(await subscriptions.push_key(connection), self._contact)
        loud = job.urgent or job.reason == "test"
        quiet = device is not None and device.quiet is not None and not loud and device.quiet.hold(now)
        if device is None or message is None or quiet:
            await self._settle(effect, lambda c: outbox.settle_done(c, effect))
            return
        outcome = await self._sender.send(signer, device.keys, message, now)
        log.info("push.tried", status=outcome.status, cause=outcome.error, reason=job.reason)
        await self._settle(effect, lambda c: self._mark(c, effect, device.id, outcome))

    async def _settle(self, effect: Effect, settle: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
        async def work(connection: AsyncConnection) -> None:
            if not await settle(connection):
                raise LostLease

        await self._database.unit(work)

    async def _mark(self, connection: AsyncConnection, effect: Effect, device: UUID, outcome: Outcome) -> bool:
        status = outcome.status
        if status is not None and 200 <= status < 300:
            return await outbox.settle_done(connection, effect)
        if status in GONE:
            await subscriptions.forget(connection, device)
            return await outbox.settle_done(connection, effect)
        why = outcome.error or f"Status{status}"
        again = status is None or status >= 500 or status in LATER
        if not again or effect.attempts > len(self._delays):
            return await outbox.settle_dead(connection, effect, why)
        return await outbox.settle_later(connection, effect, why, max(self._delays[effect.attempts - 1], outcome.retry_after))
