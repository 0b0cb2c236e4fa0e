"""Carries out the effects of the outbox: woken by arq, or found by the sweep. PostgreSQL decides who does what, and that it was done."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import structlog

from kernel import outbox
from kernel.bus import Bus
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.jobs import Job
from kernel.outbox import Effect
from workers.crash import NEVER, Crash
from workers.handlers import HANDLERS, Handler, Publication

log = structlog.get_logger(__name__)

SWEEP_EVERY = 2.0
LEASE_SECONDS = 6  # a handler works in one short transaction: of a worker that is gone another one has the effect this soon


class LostLease(Exception):
    """Another worker holds the effect now: what this one did is rolled back."""


class Effects:
    """The outbox as this worker carries it out."""

    def __init__(self, database: Database, bus: Bus, crash: Crash = NEVER, handlers: Mapping[type[Job], Handler] = HANDLERS) -> None:
        self._database = database
        self._bus = bus
        self._crash = crash
        self._handlers = handlers
        self._kinds = tuple(job.kind for job in handlers)
        self._again = asyncio.Event()

    async def due(self, only: UUID | None = None) -> int:
        """Carry out what is due (or this row alone); returns how many were held."""
        return await self._crash.during(self._due(only))

    async def _due(self, only: UUID | None) -> int:
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, self._kinds, only=only, lease_seconds=LEASE_SECONDS)
        for effect in held:
            await self._carry_out(effect)
        return len(held)

    async def _carry_out(self, effect: Effect) -> None:
        with structlog.contextvars.bound_contextvars(effect=str(effect.id), kind=effect.job.kind, attempt=effect.attempts):
            try:
                async with self._database.transaction() as connection:
                    published = await self._handlers[type(effect.job)](connection, effect.job, effect.key)
                    if not await outbox.settle_done(connection, effect):
                        raise LostLease
            except LostLease:
                log.warning("effect.lease_lost")
                return
            except Unavailable:
                log.warning("effect.database_away")  # its lease runs out and somebody finds it again
                return
            except Exception as error:
                log.exception("effect.failed")
                await self._failed(effect, type(error).__name__)
                return
            await self._publish(published)

    async def _failed(self, effect: Effect, why: str) -> None:
        try:
            dead = await self._database.unit(lambda c: outbox.settle_failed(c, effect, why))
        except Unavailable:
            return
        if dead:
            log.error("effect.dead")

    async def _publish(self, published: list[Publication]) -> None:
        for hint in published:
            await self._bus.publish(hint.room, hint.message)

    def wake(self) -> None:
        """Look at once."""
        self._again.set()

    async def sweep(self) -> None:
        """Find what nobody woke us for, until cancelled."""
        while True:
            self._again.clear()
            try:
                while await self.due():
                    pass
            except Unavailable:
                log.info("effects.sweep_later")
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_EVERY):
                    await self._again.wait()
