"""What is done by the clock, once for each slot however many workers look: whoever writes the slot's row of `ops.cron_run` runs it.
Nothing of one name runs beside itself. Of slots that nobody was there for the latest is run, once.

A worker holds its slot under a lease that it renews. One that is gone, or failed, leaves the slot to whoever looks after the lease is
over, at most `ATTEMPTS` times. The work bears being repeated, for a worker that stood still may go on beside its heir.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import locks
from kernel.clock import Clock
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.tables.ops import CronRun
from workers.crash import NEVER, Crash
from workers.schedule import Schedule

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
LEASE = timedelta(seconds=30)
AGAIN_AFTER = timedelta(minutes=5)
ATTEMPTS = 3
GONE, SUPERSEDED = "WorkerGone", "Superseded"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is done by the clock; `work` may be repeated."""

    name: str
    schedule: Schedule
    work: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Slot:
    """One that this worker runs."""

    name: str
    at: datetime
    attempt: int


class Cron:
    """The clock of one worker."""

    def __init__(
        self,
        database: Database,
        duties: Sequence[Duty],
        clock: Clock,
        *,
        every: float = LOOK_EVERY,
        lease: timedelta = LEASE,
        again_after: timedelta = AGAIN_AFTER,
        crash: Crash = NEVER,
    ) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self._database = database
        self._duties = duties
        self._clock = clock
        self._every = every
        self._lease = lease
        self._again_after = again_after
        self._crash = crash
        self._over: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Unavailable:
                    log.info("cron.later")
                await asyncio.sleep(self._every)
        finally:
            await end(self._tasks)

    async def look(self) -> int:
        """Begin what is due; returns how many were begun. Raises Unavailable."""
        begun = 0
        for duty in self._duties:
            at = duty.schedule.latest(self._clock())
            if self._over.get(duty.name) == at:
                continue
            slot = await self._database.unit(lambda c, d=duty, s=at: self._take(c, d.name, s))  # type: ignore[misc]
            if slot is not None:
                begun += 1
                task = asyncio.create_task(self._crash.during(self._carry_out(duty, slot)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return begun

    async def idle(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks)

    async def _take(self, connection: AsyncConnection, name: str, at: datetime) -> Slot | None:
        """The slot, where it is this worker's to run."""
        await locks.hold(connection, f"cron:{name}")
        now = await connection.scalar(select(func.clock_timestamp()))
        latest = await connection.scalar(select(func.max(CronRun.slot)).where(CronRun.name == name))
        assert now is not None
        if latest is not None and latest > at:
            return None  # this one's clock is behind
        unfinished = select(CronRun).where(CronRun.name == name, CronRun.finished_at.is_(None)).order_by(CronRun.slot)
        for row in (await connection.execute(unfinished)).all():
            if row.slot < at and row.lease_until <= now:
                await _finish(connection, name, row.slot, row.error or SUPERSEDED)
            elif row.lease_until > now:
                return None  # it runs, or waits for its next attempt
            elif row.attempts >= ATTEMPTS:
                await _finish(connection, name, row.slot, row.error or GONE)
        held = {"worker": self.worker, "started_at": now, "lease_until": now + self._lease}
        attempt = await connection.scalar(
            insert(CronRun)
            .values(name=name, slot=at, **held)
            .on_conflict_do_update(
                index_elements=["name", "slot"], set_={**held, "attempts": CronRun.attempts + 1}, where=CronRun.finished_at.is_(None)
            )
            .returning(CronRun.attempts)
        )
        if attempt is None:
            self._over[name] = at
            return None
        return Slot(name, at, attempt)

    async def _carry_out(self, duty: Duty, slot: Slot) -> None:
        with structlog.contextvars.bound_contextvars(duty=slot.name, slot=slot.at.isoformat(), attempt=slot.attempt):
            renewing = asyncio.create_task(self._renew(slot))
            try:
                await duty.work()
                log.info("cron.done")
                await self._settle(slot, None)
            except Unavailable:
                log.warning("cron.database_away")
                await self._settle(slot, Unavailable.__name__)
            except Exception as error:
                log.exception("cron.failed")
                await self._settle(slot, type(error).__name__)
            finally:
                await end([renewing])

    async def _renew(self, slot: Slot) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            await self._write(slot, {"lease_until": func.clock_timestamp() + self._lease})

    async def _settle(self, slot: Slot, error: str | None) -> None:
        """It is over; or it failed and waits for another attempt, where it has one. Of a slot that another worker holds: nothing."""
        if error is None or slot.attempt >= ATTEMPTS:
            values: dict[str, Any] = {"finished_at": func.clock_timestamp(), "lease_until": None, "error": error}
        else:
            values = {"lease_until": func.clock_timestamp() + self._again_after, "error": error}
        await self._write(slot, values)

    async def _write(self, slot: Slot, values: dict[str, Any]) -> None:
        """Where this worker holds the slot still."""
        held = (CronRun.worker == self.worker, CronRun.attempts == slot.attempt, CronRun.finished_at.is_(None))
        mine = update(CronRun).where(CronRun.name == slot.name, CronRun.slot == slot.at, *held).values(values)
        with suppress(Unavailable):
            await self._database.unit(lambda c: c.execute(mine))


async def _finish(connection: AsyncConnection, name: str, slot: datetime, error: str) -> None:
    values = {"finished_at": func.clock_timestamp(), "lease_until": None, "error": error}
    await connection.execute(update(CronRun).where(CronRun.name == name, CronRun.slot == slot).values(values))
