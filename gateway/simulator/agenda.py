"""What happens later, by any clock: a text is delivered, a webhook leaves, a message shows in a list."""

import asyncio
import heapq
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

Clock = Callable[[], datetime]
LOOK = 0.05  # seconds of the machine between two looks at a clock that may be moved by hand


class Agenda:
    """Actions at moments of `clock`. Whoever reads calls `run_due` first, so that nothing depends on how quick the machine is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._entries: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at the clock."""
        self._pump = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """What was not due never happens."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """At once where `seconds` is 0."""
        if seconds <= 0:
            action()
            return
        heapq.heappush(self._entries, (self.clock() + timedelta(seconds=seconds), next(self._numbers), action))
        self._news.set()

    def run_due(self) -> None:
        """Everything whose moment has come, in its order."""
        while self._entries and self._entries[0][0] <= self.clock():
            heapq.heappop(self._entries)[2]()

    async def _look(self) -> None:
        while True:
            self.run_due()
            if not self._entries:
                self._news.clear()
                await self._news.wait()
            await asyncio.sleep(LOOK)
