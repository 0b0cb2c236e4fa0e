"""Delivers webhooks, a few at a time to each endpoint."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.webhooks import deliveries, signing
from business.webhooks.deliveries import Parcel
from business.webhooks.outcomes import Outcome
from business.webhooks.sending import Sender
from kernel import outbox
from kernel.database import Database
from kernel.jobs import DeliverWebhook
from kernel.outbox import Effect
from kernel.tables.ops import Outbox
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward

T = TypeVar("T")
log = structlog.get_logger(__name__)

AT_ONCE = 4  # to one endpoint, by one worker
CONNECTIONS = 2  # to PostgreSQL; the others of the worker's pool are for the other effects
# Seconds before the next try: over about a day, then the delivery has failed.
DELAYS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 36_000.0)
JITTER = 0.2
RETRY_AFTER_MOST = 3600.0
PATIENCE = timedelta(days=3)
GONE = 410
ENDPOINT = Outbox.payload["endpoint"].astext


class Webhooks(Outward):
    """The deliveries of one worker."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        delays: tuple[float, ...] = DELAYS,
        patience: timedelta = PATIENCE,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, sender, every=every, crash=crash)
        self._sender = sender
        self._delays = delays
        self._patience = patience
        self._sending: Counter[UUID] = Counter()
        self._connections = asyncio.Semaphore(CONNECTIONS)

    async def look(self) -> int:
        """Begin what is due, no more for each endpoint than it may have; returns how many were begun."""
        begun: list[Effect] = []
        async with self._database.transaction() as connection:
            due = select(ENDPOINT).where(outbox.is_due(DeliverWebhook.kind)).distinct()
            for endpoint in (await connection.scalars(due)).all():
                places = AT_ONCE - self._sending[UUID(endpoint)]
                if places > 0:
                    begun += await outbox.claim_due(connection, (DeliverWebhook.kind,), places, among=ENDPOINT == endpoint)
        for effect in begun:
            assert isinstance(effect.job, DeliverWebhook)
            self._sending[effect.job.endpoint] += 1
            self._begin(effect, partial(self._deliver, effect, effect.job))
        return len(begun)

    async def _deliver(self, effect: Effect, job: DeliverWebhook) -> None:
        with structlog.contextvars.bound_contextvars(endpoint=str(job.endpoint)):
            try:
                await self._send(effect, job)
            finally:
                self._sending[job.endpoint] -= 1

    async def _send(self, effect: Effect, job: DeliverWebhook) -> None:
        parcel = await self._unit(lambda c: deliveries.parcel(c, job.delivery))
        if parcel is None or not parcel.is_on:
            await self._unit(lambda c: _drop(c, effect, parcel))
            return
        headers = signing.headers(parcel.message_id, int(time.time()), parcel.body, parcel.keys)
        outcome = await self._sender.send(parcel.url, headers, parcel.body)
        log.info("webhook.tried", status=outcome.status, cause=outcome.error, ms=outcome.duration_ms)
        off = await self._unit(lambda c: self._mark(c, effect, parcel, outcome))
        if off is not None:
            log.warning("webhook.switched_off", reason=off)

    async def _unit(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self._connections:
            return await self._database.unit(work)

    async def _mark(self, connection: AsyncConnection, effect: Effect, parcel: Parcel, outcome: Outcome) -> str | None:
        """The effect, the log, the endpoint's state. Returns why the endpoint was switched off, where it was."""
        gone = outcome.status == GONE
        pause = None if gone else self.pause(effect.attempts, outcome.retry_after)
        if outcome.error is None:
            held = await outbox.settle_done(connection, effect)
        elif pause is None:
            held = await outbox.settle_dead(connection, effect, outcome.error)
        else:
            held = await outbox.settle_later(connection, effect, outcome.error, pause)
        if not held:
            raise LostLease
        await deliveries.note(connection, parcel, outcome, over=pause is None)
        if outcome.error is None:
            await deliveries.accepts(connection, parcel.endpoint)
            return None
        return await deliveries.fails(connection, parcel.endpoint, gone=gone, patience=self._patience)

    def pause(self, attempts: int, retry_after: float | None) -> float | None:
        """Seconds until the next try after so many; None: that was the last one."""
        if attempts > len(self._delays):
            return None
        planned = self._delays[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
        return max(planned, min(retry_after or 0.0, RETRY_AFTER_MOST))


async def _drop(connection: AsyncConnection, effect: Effect, parcel: Parcel | None) -> None:
    """Nobody wants it any more."""
    if not await outbox.settle_dead(connection, effect, "SwitchedOff"):
        raise LostLease
    if parcel is not None:
        await deliveries.drop(connection, parcel)
