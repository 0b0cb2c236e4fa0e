"""What deliveries to other people's servers share: several at once, beside the effects that are carried out at once.

Such an effect is a row of the outbox. It is held under a lease, sent outside any transaction, and settled in one. A worker that dies in
between leaves a row whose lease runs out: another sends it again, under the same id.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import structlog

from kernel import outbox
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.outbox import Effect
from workers.crash import NEVER, Crash
from workers.effects import LostLease

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0


class Closing(Protocol):
    """What sends, and is closed at the end."""

    async def close(self) -> None: ...


class Outward:
    """Looks for what is due and sends it; a subclass says what, in `look`, and begins each with `_begin`. `last`: seconds in which
    what was begun may end where the worker is told to stop."""

    last = 0.0

    def __init__(self, database: Database, sender: Closing, *, every: float = LOOK_EVERY, crash: Crash = NEVER) -> None:
        self._database = database
        self._crash = crash
        self._closing = sender
        self._every = every
        self._tasks: set[asyncio.Task[None]] = set()
        self._again = asyncio.Event()

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun. Raises Unavailable."""
        raise NotImplementedError

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._again.clear()
                try:
                    await self.look()
                except Unavailable:
                    log.info("outward.later", what=type(self).__name__)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._again.wait()
        finally:
            await self._end()

    async def _end(self) -> None:
        try:
            if self._tasks and self.last:
                await asyncio.wait(self._tasks, timeout=self.last)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._closing.close()

    async def _begin_due(self, kind: str, at_once: int, carry_out: Callable[[Effect], Coroutine[Any, Any, None]]) -> int:
        """Begin what is due of one kind, as much as there is room for; returns how many were begun."""
        places = at_once - len(self._tasks)
        if places <= 0:
            return 0
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (kind,), places)
        for effect in held:
            self._begin(effect, partial(carry_out, effect))
        return len(held)

    def rest(self, seconds: float) -> None:
        """Look of itself no more often than this: somebody else sees what is due, and wakes it (queues.py)."""
        self._every = max(self._every, seconds)

    def wake(self) -> None:
        """Look at once."""
        self._again.set()

    async def idle(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks)

    def _begin(self, effect: Effect, send: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(self._carry_out(effect, send))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._again.set()

    async def _carry_out(self, effect: Effect, send: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with structlog.contextvars.bound_contextvars(effect=str(effect.id), attempt=effect.attempts):
            try:
                await self._crash.during(send())
            except LostLease:
                log.warning("outward.lease_lost")
            except Unavailable:
                log.warning("outward.database_away")  # its lease runs out and somebody finds it again
            except Exception as error:
                log.exception("outward.failed")
                with suppress(Unavailable, LostLease):
                    await self._failed(effect, type(error).__name__)

    async def _failed(self, effect: Effect, why: str) -> None:
        """The fault is ours, not the other server's. It is tried again as often as any effect, and then buried."""
        await self._database.unit(lambda c: outbox.settle_failed(c, effect, why))
