"""A worker that stands still at its n-th await, as one that was killed or frozen does; it may go on afterwards."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from kernel.database import Database
from workers.crash import Crash

T = TypeVar("T")


class StandsStill(Crash):
    """Given to a worker as its `crash`."""

    def __init__(self, at: int) -> None:
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "stood", asyncio.Event())
        object.__setattr__(self, "goes_on", asyncio.Event())

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        return await _UpTo(work, self)


class _UpTo(Generic[T]):
    def __init__(self, work: Coroutine[Any, Any, T], where: Any) -> None:
        self._work, self._where = work, where

    def __await__(self) -> Generator[Any, Any, T]:
        waits, left = self._work.__await__(), self._where.at
        try:
            waits_for = next(waits)
            while True:
                left -= 1
                if left == 0:
                    self._where.stood.set()
                    yield from self._where.goes_on.wait().__await__()
                try:
                    sent = yield waits_for
                except BaseException as error:  # a cancellation is the work's
                    waits_for = waits.throw(error)
                else:
                    waits_for = waits.send(sent)
        except StopIteration as end:
            found: T = end.value
            return found


async def stands_or_is_done(where: Any, idle: Coroutine[Any, Any, None]) -> bool:
    """Whether it stands still; False: it was done before."""
    stood, done = asyncio.create_task(where.stood.wait()), asyncio.create_task(idle)
    await asyncio.wait({stood, done}, return_when=asyncio.FIRST_COMPLETED)
    stood.cancel()
    return bool(where.stood.is_set())


async def cut_off(database: Database, application: str) -> None:
    """Its connections to PostgreSQL end, as the system does for a process that was killed, and the leases that it held run out."""
    left = sa.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = :name")
    for _ in range(200):
        async with database.transaction() as connection:
            if not await connection.scalar(left, {"name": application}):
                break
        await asyncio.sleep(0.01)
    async with database.transaction() as connection:
        over = "UPDATE ops.outbox SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'working'"
        await connection.execute(sa.text(over))
