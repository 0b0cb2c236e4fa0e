"""Workers whose hours pass in a moment: what is due by then is due now, and every worker looks for it at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.bus import Bus
from kernel.database import Database
from kernel.tables.ops import Email, Outbox
from workers.effects import Effects
from workers.registry import Business, handlers

LINKS = Links(lambda: "https://chat.hibachi.fun", "a secret of the install")


class Hours:
    """Several workers on one database. `passed` is how far their clock is ahead of PostgreSQL's."""

    def __init__(self, database: Database, bus: Bus, profile: Profile, workers: int = 2) -> None:
        self.passed = timedelta()
        self._database = database
        made = handlers(Business(lambda: profile, LINKS, self.now))
        self.workers = [Effects(database, bus, handlers=made) for _ in range(workers)]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    async def go_on(self, **by: float) -> None:
        """So much later (`minutes=5`), everything that became due meanwhile is done, in its order."""
        end = self.passed + timedelta(**by)
        while (moment := await self._next(end)) is not None:
            self.passed = max(self.passed, moment)
            await self.work()
        self.passed = end

    async def work(self) -> None:
        """Do what is due now."""
        due = sa.update(Outbox).where(Outbox.state == "new", Outbox.next_at <= sa.func.clock_timestamp() + self.passed)
        async with self._database.transaction() as connection:
            await connection.execute(due.values(next_at=sa.func.clock_timestamp()))
        while sum(await asyncio.gather(*(worker.due() for worker in self.workers))):
            pass

    async def _next(self, end: timedelta) -> timedelta | None:
        """How far ahead the clock must be for the next effect of these workers; None where it is further than `end`."""
        kinds = ("notify_staff", "escalate_handoff", "unread_reply", "complaint_recorded", "follow_up_due")
        ahead = sa.func.min(Outbox.next_at) - sa.func.clock_timestamp()
        async with self._database.transaction() as connection:
            found: Any = await connection.scalar(sa.select(ahead).where(Outbox.state == "new", Outbox.kind.in_(kinds)))
        return found if found is not None and found <= end else None


async def mails(database: Database, kind: str) -> list[tuple[str, str, str]]:
    """`to, state, plain text` of those of a kind, in their order."""
    async with database.transaction() as connection:
        query = sa.select(Email.to_address, Email.state, Email.plain).where(Email.kind == kind)
        rows = await connection.execute(query.order_by(Email.created_at))
        return [(row.to_address, row.state, row.plain) for row in rows]


async def keys(database: Database, *kinds: str) -> list[str]:
    """The keys of effects of these kinds, in their order."""
    async with database.transaction() as connection:
        return list(await connection.scalars(sa.select(Outbox.key).where(Outbox.kind.in_(kinds)).order_by(Outbox.created_at, Outbox.id)))
