"""The outbox for an operator: how deep, how old, what fails, what is next; the clock's duties and the workers. Reads alone.

Everything is read through partial indexes: what is done for more than a day is not looked at, however much of it there is. (An index
serves `now()`, which stands in a transaction, and not `clock_timestamp()`, which does not.)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Float, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.jobs import JOBS, Queue
from kernel.tables.ops import Booking, CronRun, Outbox, WorkerProcess

DAY = timedelta(hours=24)
# Three times as long as a worker is silent between two signs of life.
ALIVE = timedelta(seconds=35)
NEXT = 20


@dataclass(slots=True)
class Depth:
    """One kind of job. `later`: its time has not come; `done` and `retries` are of the last 24 hours; `oldest_seconds`: how long
    the one that has waited longest is due."""

    kind: str
    queue: Queue
    new: int = 0
    later: int = 0
    working: int = 0
    done: int = 0
    dead: int = 0
    retries: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A kind of error, of jobs that are tried again or were buried."""

    kind: str
    error: str
    count: int
    dead: bool


@dataclass(frozen=True, slots=True)
class Hour:
    """What was done in an hour, and how long after its time: the mean and the longest, in seconds."""

    at: datetime
    done: int
    retries: int
    mean_seconds: float
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """The last slot of a duty; `succeeded_at`: when one last ended well."""

    name: str
    slot: datetime
    started_at: datetime
    finished_at: datetime | None
    attempts: int
    error: str | None
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Process:
    """A worker, alive or seen within the day."""

    name: str
    started_at: datetime
    seen_at: datetime
    alive: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """An effect whose time has not come. `what` tells the moments of one kind apart; `booking` is its number."""

    id: UUID
    kind: str
    at: datetime
    what: str | None
    booking: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, of one moment."""

    at: datetime
    kinds: Sequence[Depth]
    failures: Sequence[Failure]
    hours: Sequence[Hour]
    duties: Sequence[Run]
    workers: Sequence[Process]
    coming: Sequence[Coming] = field(default_factory=tuple)


async def overview(connection: AsyncConnection) -> Overview:
    """For the page."""
    now = await connection.scalar(select(func.clock_timestamp()))
    assert now is not None
    return Overview(
        now,
        await depths(connection),
        await _failures(connection),
        await _hours(connection, now),
        await duties(connection),
        await workers(connection),
        await _coming(connection),
    )


async def depths(connection: AsyncConnection) -> list[Depth]:
    """Each kind that there is or was; those of jobs that are known stand first, in their order."""
    found = {kind: Depth(kind, job.queue) for kind, job in JOBS.items()}

    def of(kind: str) -> Depth:
        return found.setdefault(kind, Depth(kind, "short"))

    clock = func.clock_timestamp()
    later = (Outbox.state == "new") & (Outbox.next_at > clock)
    waited = func.max(func.extract("epoch", clock - Outbox.next_at))
    living = select(Outbox.kind, Outbox.state, later.label("later"), func.count().label("many"), waited.label("waited"))
    for row in await connection.execute(
        living.where(Outbox.state.in_(("new", "working"))).group_by(Outbox.kind, Outbox.state, literal_column("later"))
    ):
        depth = of(row.kind)
        setattr(depth, "later" if row.later else row.state, row.many)
        depth.oldest_seconds = max(depth.oldest_seconds, float(row.waited))
    done = select(Outbox.kind, func.count().label("many"), func.sum(Outbox.attempts - 1).label("retries"))
    for ended in await connection.execute(done.where(Outbox.state == "done", Outbox.done_at > func.now() - DAY).group_by(Outbox.kind)):
        of(ended.kind).done, of(ended.kind).retries = ended.many, ended.retries
    dead = select(Outbox.kind, func.count().label("many")).where(Outbox.state == "dead").group_by(Outbox.kind)
    for buried in await connection.execute(dead):
        of(buried.kind).dead = buried.many
    return list(found.values())


async def _failures(connection: AsyncConnection) -> list[Failure]:
    counts: Counter[tuple[str, str, bool]] = Counter()
    columns = select(Outbox.kind, Outbox.error, func.count().label("many"))
    for dead, among in ((False, Outbox.state.in_(("new", "working"))), (True, Outbox.state == "dead")):
        for row in await connection.execute(columns.where(among, Outbox.error.is_not(None)).group_by(Outbox.kind, Outbox.error)):
            counts[row.kind, row.error, dead] = row.many
    return [Failure(kind, error, many, dead) for (kind, error, dead), many in counts.most_common()]


async def _hours(connection: AsyncConnection, now: datetime) -> list[Hour]:
    """24 of them, the oldest first; those in which nothing was done, too."""
    hour = func.date_trunc("hour", Outbox.done_at).label("hour")
    late = func.greatest(func.extract("epoch", Outbox.done_at - Outbox.next_at), 0)
    columns = select(
        hour,
        func.count().label("many"),
        func.sum(Outbox.attempts - 1).label("retries"),
        cast(func.avg(late), Float).label("mean"),
        cast(func.max(late), Float).label("longest"),
    )
    rows = await connection.execute(columns.where(Outbox.state == "done", Outbox.done_at > now - DAY).group_by(hour))
    done = {row.hour: Hour(row.hour, row.many, row.retries, row.mean, row.longest) for row in rows}
    this = now.replace(minute=0, second=0, microsecond=0)
    return [done.get(at, Hour(at, 0, 0, 0.0, 0.0)) for at in (this - timedelta(hours=back) for back in range(23, -1, -1))]


async def duties(connection: AsyncConnection) -> list[Run]:
    """The last slot of each duty, by name."""
    ended_well = CronRun.finished_at.is_not(None) & CronRun.error.is_(None)
    succeeded = func.max(CronRun.finished_at).filter(ended_well).label("succeeded_at")
    last = select(CronRun.name, func.max(CronRun.slot).label("slot"), succeeded).group_by(CronRun.name).subquery()
    of_last = (CronRun.name == last.c.name) & (CronRun.slot == last.c.slot)
    rows = await connection.execute(select(CronRun.__table__, last.c.succeeded_at).join(last, of_last).order_by(CronRun.name))
    return [Run(row.name, row.slot, row.started_at, row.finished_at, row.attempts, row.error, row.succeeded_at) for row in rows]


async def workers(connection: AsyncConnection) -> list[Process]:
    """Those that were seen within the day, the latest first."""
    clock = func.clock_timestamp()
    alive = (WorkerProcess.seen_at > clock - ALIVE).label("alive")
    columns = select(WorkerProcess.name, WorkerProcess.started_at, WorkerProcess.seen_at, alive)
    rows = await connection.execute(columns.where(WorkerProcess.seen_at > clock - DAY).order_by(WorkerProcess.seen_at.desc()))
    return [Process(row.name, row.started_at, row.seen_at, row.alive) for row in rows]


async def _coming(connection: AsyncConnection) -> list[Coming]:
    rows = (
        await connection.execute(
            select(Outbox.id, Outbox.kind, Outbox.next_at, Outbox.payload, Outbox.attempts)
            .where(Outbox.state == "new", Outbox.next_at > func.clock_timestamp())
            .order_by(Outbox.next_at)
            .limit(NEXT)
        )
    ).all()
    ids = {booking for row in rows if (booking := _booking(row.payload)) is not None}
    numbers: dict[UUID, int] = {}
    if ids:
        found = await connection.execute(select(Booking.id, Booking.number).where(Booking.id.in_(ids)))
        numbers = {row.id: row.number for row in found}
    return [Coming(row.id, row.kind, row.next_at, _what(row), numbers.get(_booking(row.payload))) for row in rows]  # type: ignore[arg-type]


def _what(row: Any) -> str | None:
    """Another attempt, or which moment of those that the kind knows."""
    if row.attempts:
        return "again"
    what = row.payload.get("what")
    return what if isinstance(what, str) else None


def _booking(payload: dict[str, Any]) -> UUID | None:
    """An effect that nobody can read may hold anything."""
    try:
        return UUID(payload["booking"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
