"""Gives money back by the card provider. A worker that dies between the call and its note leaves a row whose lease runs out: the next one
looks first whether the provider has this refund, and asks for it under the same key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement
from business.payments import settling
from business.payments.provider import ProviderError, ProviderRefund
from kernel import outbox
from kernel.jobs import SendRefund
from kernel.outbox import Effect
from kernel.tables.ops import Payment, Refund
from workers.effects import LostLease
from workers.provided import Provided

log = structlog.get_logger(__name__)

AT_ONCE = 2
DELAYS = (2.0, 10.0, 60.0, 300.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0)
"""Seconds before the next try; after the last one a person looks after it."""


@dataclass(frozen=True, slots=True)
class _Owed:
    id: UUID
    payment: str
    amount_cents: int


class Refunds(Provided):
    """The refunds of one worker."""

    usual = DELAYS

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        return await self._begin_due(SendRefund.kind, AT_ONCE, self._send)

    async def _send(self, effect: Effect) -> None:
        job = effect.job
        assert isinstance(job, SendRefund)
        async with self._database.transaction() as connection:
            owed = await _owed(connection, job.refund)
        if owed is None:
            await self._database.unit(lambda c: outbox.settle_done(c, effect))
            return
        try:
            given = await self._given(effect, owed)
        except ProviderError as error:
            await self._not_given(effect, owed, error)
            return
        await self._settle(effect, partial(settling.of_provider, profile=self._profile(), told=given, now=self._clock()))

    async def _given(self, effect: Effect, owed: _Owed) -> ProviderRefund:
        """The provider forgets its keys after a day, but no refund."""
        if effect.attempts > 1:
            for one in await self._provider.refunds_of(owed.payment):
                if one.refund == owed.id:
                    return one
        return await self._provider.refund(owed.id, owed.payment, owed.amount_cents)

    async def _not_given(self, effect: Effect, owed: _Owed, error: ProviderError) -> None:
        log.warning("refund.not_given", cause=error.code, again=error.again)
        if error.again and effect.attempts <= len(self._delays):
            pause = max(self._delays[effect.attempts - 1], error.retry_after)
            await self._database.unit(lambda c: outbox.settle_later(c, effect, error.code[:80], pause))
            return
        work = partial(settling.failed, profile=self._profile(), refund=owed.id, why=error.code, now=self._clock())
        await self._settle(effect, work)

    async def _settle(self, effect: Effect, work: Callable[[AsyncConnection], Awaitable[Announcement | None]]) -> None:
        async def settle(connection: AsyncConnection) -> Announcement | None:
            told = await work(connection)
            if not await outbox.settle_done(connection, effect):
                raise LostLease
            return told

        told = await self._database.unit(settle)
        if told is not None:
            await self._bus.announce(told.conversation, told.seq, told.staff_seq)


async def _owed(connection: AsyncConnection, refund: UUID) -> _Owed | None:
    """A card's refund that was asked for and not given yet; None where there is nothing to do any more."""
    query = select(Refund.id, Payment.reference, Refund.amount_cents).join(Payment, Payment.id == Refund.payment_id)
    row = (await connection.execute(query.where(Refund.id == refund, Refund.state == "asked", Payment.method == "card"))).one_or_none()
    return None if row is None else _Owed(row.id, row.reference, row.amount_cents)
