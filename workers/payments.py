"""Carries out what the card provider told: asks how it stands there now, outside any transaction, and does what follows in one."""

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import events
from business.payments.events import Applied, Found
from business.payments.provider import ProviderError
from kernel import outbox
from kernel.jobs import HandlePaymentEvent
from kernel.outbox import Effect
from workers.effects import LostLease
from workers.provided import Provided

log = structlog.get_logger(__name__)

AT_ONCE = 4
# Seconds before the next try: over about a day, for that long the provider may be away.
DELAYS = (1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 36_000.0)


class PaymentEvents(Provided):
    """The events of one worker."""

    usual = DELAYS

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        return await self._begin_due(HandlePaymentEvent.kind, AT_ONCE, self._handle)

    async def _handle(self, effect: Effect) -> None:
        job = effect.job
        assert isinstance(job, HandlePaymentEvent)
        async with self._database.transaction() as connection:
            told = await events.read(connection, job.event)
        if told is None:
            await self._database.unit(lambda c: outbox.settle_dead(c, effect, "NoSuchEvent"))
            return
        try:
            found = await events.look(self._provider, told)
        except ProviderError as error:
            await self._later(effect, error)
            return
        applied = await self._database.unit(lambda c: self._apply(c, effect, job, found))
        log.info("payment.event", type=told.type)
        for one in applied.announcements:
            await self._bus.announce(one.conversation, one.seq, one.staff_seq)

    async def _apply(self, connection: AsyncConnection, effect: Effect, job: HandlePaymentEvent, found: Found) -> Applied:
        applied = await events.apply(connection, self._profile(), job.event, found, self._clock())
        if not await outbox.settle_done(connection, effect):
            raise LostLease
        return applied

    async def _later(self, effect: Effect, error: ProviderError) -> None:
        log.warning("payment.event_later", cause=error.code, again=error.again)
        if effect.attempts > len(self._delays):
            await self._database.unit(lambda c: outbox.settle_dead(c, effect, error.code[:80]))
            return
        # What the provider does not know now (404) it may know in a moment: it is tried as often as anything.
        pause = max(self._delays[effect.attempts - 1], error.retry_after)
        await self._database.unit(lambda c: outbox.settle_later(c, effect, error.code[:80], pause))
