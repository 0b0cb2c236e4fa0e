"""The product in one process under virtual time. People do things at moments of their own; the workers' looks do what is due between them.

The clock jumps from one moment at which something can happen to the next: what somebody planned, an effect that is due, a hold that is
over, the hour. So what comes by the clock comes at its very moment, and a month passes in minutes.
"""

import heapq
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from business.profile.schemas import Profile
from kernel.database import Database
from tests.simulation.time import VirtualTime
from workers.clockwork import Clockwork
from workers.effects import Effects
from workers.outward import Outward

Deed = Callable[[], Awaitable[None]]

HOUR = timedelta(hours=1)
FOREVER = datetime.max.replace(tzinfo=UTC)
# Asked at every moment, so without the ceremony of a transaction.
NEXT = """
    SELECT (SELECT min(next_at) FROM ops.outbox WHERE state = 'new' AND next_at > $1),
           (SELECT min(lease_until) FROM ops.outbox WHERE state = 'working'),
           (SELECT min(hold_until) FROM ops.booking WHERE status = 'held')
"""
DUE = """
    SELECT DISTINCT kind FROM ops.outbox
    WHERE (state = 'new' AND next_at <= clock_timestamp()) OR (state = 'working' AND lease_until < clock_timestamp())
"""
OVER = "SELECT id FROM ops.booking WHERE status = 'held' AND hold_until <= clock_timestamp() LIMIT 1"
# Rounds of looking in which one moment's effects must come to an end.
ROUNDS = 60


class World:
    """What lives by the clock. `outward`: the workers' loops over other people's servers, by the kind of effect that each carries out."""

    def __init__(
        self,
        time: VirtualTime,
        database: Database,
        profile: Profile,
        effects: Effects,
        clockwork: Clockwork,
        outward: Mapping[str, Outward],
    ) -> None:
        self.time = time
        self.database = database
        self.profile = profile
        self.moments = 0
        self._effects = effects
        self._clockwork = clockwork
        self._outward = outward
        self._planned: list[tuple[datetime, int, Deed]] = []
        self._number = count()

    def plan(self, moment: datetime, deed: Deed) -> None:
        """Somebody does something then, or now where that is over."""
        heapq.heappush(self._planned, (max(moment, self.time.at), next(self._number), deed))

    async def live(self, until: datetime, look: timedelta = HOUR) -> None:
        """Go on to that moment, and do what is due on the way; the clockwork looks at least so often, and where a hold is over."""
        looks_at = self.time.at
        while (moment := min(await self._next(), looks_at)) <= until:
            await self.time.to(max(moment, self.time.at))
            self.moments += 1
            while self._planned and self._planned[0][0] <= self.time.at:
                await heapq.heappop(self._planned)[2]()
                await self.settle()
            if self.time.at >= looks_at or await self._a_hold_is_over():
                await self._clockwork.look()
                looks_at = self.time.at + look
            await self.settle()
        await self.time.to(until)

    async def settle(self) -> None:
        """Carry out what is due by now, and what comes of that. AssertionError where that does not end."""
        due: set[str] = set()
        for _ in range(ROUNDS):
            due = await self._kinds_due()
            for loop in {self._outward[kind] for kind in due if kind in self._outward}:
                await loop.look()
                await loop.idle()
            if due - self._outward.keys():
                await self._effects.due()
            if not due:
                return
        kinds = ", ".join(sorted(due))
        raise AssertionError(f"what was due at {self.time.at} did not come to an end: {kinds}")

    async def _next(self) -> datetime:
        """The next moment at which something can happen."""
        (row,) = await self.time.fetch(NEXT, self.time.at)
        due = [moment for moment in row if moment is not None]
        if self._planned:
            due.append(self._planned[0][0])
        return min((moment for moment in due if moment > self.time.at), default=FOREVER)

    async def _kinds_due(self) -> set[str]:
        return {row["kind"] for row in await self.time.fetch(DUE)}

    async def _a_hold_is_over(self) -> bool:
        return bool(await self.time.fetch(OVER))
