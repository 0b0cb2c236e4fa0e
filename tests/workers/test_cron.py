"""What is done by the clock: each slot once across workers, never beside itself, again where its worker is gone, right on the days on
which the clocks change."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from business.profile.loader import load_profile
from business.uploads.folder import UploadFolder
from kernel.backup.archive import reading
from kernel.bus import Bus, connect
from kernel.clock import Clock
from kernel.database import Database
from kernel.settings import load_settings
from kernel.tables.ops import CronRun, Outbox, WorkerProcess
from tests.chaos.handoffs import eventually
from workers.clockwork import Clockwork
from workers.cron import ATTEMPTS, Cron, Duty
from workers.duties import backup, duties, housekeeping
from workers.presence import present
from workers.schedule import Daily, Every

ZONE = ZoneInfo("America/Los_Angeles")
HOURLY = Every(timedelta(hours=1))
NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


def daily(hour: int, minute: int = 0) -> Daily:
    return Daily(time(hour, minute), lambda: ZONE)


class Hands:
    """A clock that a test sets."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Work:
    """Counts how often it was done; fails, or waits, as it is told."""

    def __init__(self) -> None:
        self.done = 0
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.fails = 0

    async def __call__(self) -> None:
        self.begun.set()
        await self.may_end.wait()
        self.done += 1
        if self.fails:
            self.fails -= 1
            raise LookupError("of the work")


def cron(database: Database, work: Work, clock: Clock, **options: Any) -> Cron:
    return Cron(database, [Duty("work", HOURLY, work)], clock, **options)


async def looked(*crons: Cron) -> int:
    """All look at the same moment, and end what they began; returns how many began it."""
    begun = sum(await asyncio.gather(*(one.look() for one in crons)))
    await asyncio.gather(*(one.idle() for one in crons))
    return begun


async def runs(database: Database) -> list[Any]:
    async with database.transaction() as connection:
        return list((await connection.execute(sa.select(CronRun.__table__).order_by(CronRun.slot))).all())


async def renewed(database: Database, beyond: datetime) -> bool:
    until: datetime = (await runs(database))[0].lease_until
    return until > beyond


async def leases_run_out(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(sa.text("UPDATE ops.cron_run SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL"))


class TestSchedules:
    def test_so_far_apart_whatever_the_clocks_do(self) -> None:
        half = Every(timedelta(minutes=30))
        assert half.latest(NOON + timedelta(minutes=44)) == NOON + timedelta(minutes=30)
        spring = datetime(2027, 3, 14, 0, 0, tzinfo=UTC)
        slots = {half.latest(spring + timedelta(minutes=minute)) for minute in range(0, 24 * 60)}
        assert len(slots) == 48

    @pytest.mark.parametrize(
        ("now", "slot"),
        [
            (datetime(2026, 7, 1, 3, 40, tzinfo=ZONE), datetime(2026, 7, 1, 3, 40, tzinfo=ZONE)),
            (datetime(2026, 7, 1, 3, 39, tzinfo=ZONE), datetime(2026, 6, 30, 3, 40, tzinfo=ZONE)),
        ],
        ids=["just now", "not yet today"],
    )
    def test_at_a_time_of_day(self, now: datetime, slot: datetime) -> None:
        assert daily(3, 40).latest(now) == slot.astimezone(UTC)

    @pytest.mark.parametrize("day", [datetime(2027, 3, 14, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE)], ids=["23 hours", "25 hours"])
    @pytest.mark.parametrize("at", [time(1, 30), time(2, 30), time(3, 40)], ids=str)
    def test_once_on_a_day_on_which_the_clocks_change(self, day: datetime, at: time) -> None:
        schedule, start = Daily(at, lambda: ZONE), day.astimezone(UTC)
        after = {schedule.latest(start + timedelta(minutes=minute)) for minute in range(0, 48 * 60, 5)}
        assert len(after) == 3, "the one before, this day's and the next day's"
        (_, this, following) = sorted(after)
        assert timedelta(hours=23) <= following - this <= timedelta(hours=25)
        assert this.astimezone(ZONE).date() == day.date()


class TestSlots:
    async def test_one_of_many_workers_runs_it(self, database: Database) -> None:
        work, clock = Work(), Hands()
        workers = [cron(database, work, clock) for _ in range(6)]
        assert await looked(*workers) == 1 and work.done == 1
        assert await looked(*workers) == 0 and work.done == 1, "not twice"
        clock.at += timedelta(hours=1)
        assert await looked(*workers) == 1 and work.done == 2
        assert all(row.finished_at and row.error is None and row.attempts == 1 for row in await runs(database))

    async def test_of_those_that_were_missed_the_latest_alone(self, database: Database) -> None:
        work, clock = Work(), Hands()
        await looked(cron(database, work, clock))
        clock.at += timedelta(hours=9, minutes=20)
        await looked(cron(database, work, clock))
        assert work.done == 2 and [row.slot for row in await runs(database)] == [NOON, NOON + timedelta(hours=9)]

    async def test_a_clock_that_is_behind_runs_nothing_old(self, database: Database) -> None:
        work = Work()
        await looked(cron(database, work, Hands()))
        assert await looked(cron(database, work, Hands(NOON - timedelta(hours=2)))) == 0 and work.done == 1

    async def test_nothing_runs_beside_itself(self, database: Database) -> None:
        work, clock = Work(), Hands()
        work.may_end.clear()
        first, second = cron(database, work, clock), cron(database, work, clock)
        assert await first.look() == 1
        clock.at += timedelta(hours=1)
        assert await second.look() == 0, "the slot before still runs"
        work.may_end.set()
        await first.idle()
        assert await looked(second) == 1 and work.done == 2


class TestTrouble:
    async def test_whose_worker_is_gone_is_taken_by_another(self, database: Database) -> None:
        stuck, work, clock = Work(), Work(), Hands()
        stuck.may_end.clear()
        gone, heir = cron(database, stuck, clock), cron(database, work, clock)
        await gone.look()
        assert await heir.look() == 0, "its lease holds"
        await leases_run_out(database)
        assert await looked(heir) == 1 and work.done == 1
        stuck.may_end.set()
        await gone.idle()
        (row,) = await runs(database)
        assert (row.worker, row.attempts, row.error) == (heir.worker, 2, None), "who stood still settles nothing"

    async def test_a_lease_is_renewed_for_as_long_as_it_takes(self, database: Database) -> None:
        work, clock = Work(), Hands()
        work.may_end.clear()
        slow = cron(database, work, clock, lease=timedelta(seconds=2))
        await slow.look()
        await work.begun.wait()
        before = (await runs(database))[0].lease_until
        await eventually(lambda: renewed(database, before), 10, "nothing was renewed")
        assert await cron(database, work, clock).look() == 0
        work.may_end.set()
        await slow.idle()

    async def test_what_fails_is_tried_again_and_then_left(self, database: Database) -> None:
        work, clock = Work(), Hands()
        work.fails = ATTEMPTS + 5
        one = cron(database, work, clock)
        for _ in range(ATTEMPTS + 2):
            await looked(one)
            assert await looked(one) == 0, "not at once"
            await leases_run_out(database)
        (row,) = await runs(database)
        assert work.done == ATTEMPTS and row.finished_at is not None and row.error == "LookupError", "its kind, never its words"

    async def test_what_failed_once_ends_well(self, database: Database) -> None:
        work, clock = Work(), Hands()
        work.fails = 1
        one = cron(database, work, clock)
        await looked(one)
        await leases_run_out(database)
        await looked(one)
        (row,) = await runs(database)
        assert (work.done, row.attempts, row.error) == (2, 2, None)

    async def test_whose_workers_all_died_is_marked(self, database: Database) -> None:
        work, clock = Work(), Hands()
        work.may_end.clear()
        gone = [cron(database, work, clock) for _ in range(ATTEMPTS)]
        for one in gone:
            assert await one.look() == 1
            await leases_run_out(database)
        assert await cron(database, work, clock).look() == 0
        (row,) = await runs(database)
        assert (row.error, row.attempts) == ("WorkerGone", ATTEMPTS)
        work.may_end.set()
        await asyncio.gather(*(one.idle() for one in gone))
        assert [row.error for row in await runs(database)] == ["WorkerGone"]

    async def test_a_slot_left_behind_gives_way_to_the_next(self, database: Database) -> None:
        stuck, work, clock = Work(), Work(), Hands()
        stuck.may_end.clear()
        gone = cron(database, stuck, clock)
        await gone.look()
        await leases_run_out(database)
        clock.at += timedelta(hours=1)
        assert await looked(cron(database, work, clock)) == 1
        stuck.may_end.set()
        await gone.idle()
        assert [row.error for row in await runs(database)] == ["Superseded", None]


class TestHousekeeping:
    async def test_forgets_what_is_long_over_and_nothing_else(self, database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(
                sa.text(
                    "INSERT INTO ops.outbox (id, key, kind, state, done_at) VALUES"
                    " (gen_random_uuid(), 'old', 'x', 'done', now() - interval '900 days'),"
                    " (gen_random_uuid(), 'late', 'x', 'done', now() - interval '700 days'),"
                    " (gen_random_uuid(), 'dead', 'x', 'dead', NULL)"
                )
            )
            await connection.execute(sa.text("UPDATE ops.outbox SET created_at = now() - interval '1000 days'"))
            await connection.execute(
                sa.text("INSERT INTO ops.worker_process (name, seen_at) VALUES ('gone', now() - interval '30 days'), ('here', now())")
            )
        await housekeeping(database)
        async with database.transaction() as connection:
            assert set(await connection.scalars(sa.select(Outbox.key))) == {"late", "dead"}
            assert list(await connection.scalars(sa.select(WorkerProcess.name))) == ["here"]


async def test_a_worker_says_that_it_lives(database: Database) -> None:
    task = asyncio.create_task(present(database, "me"))

    async def seen() -> bool:
        async with database.transaction() as connection:
            return list(await connection.scalars(sa.select(WorkerProcess.name))) == ["me"]

    await eventually(seen, 20, "nobody was seen")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class TestBackups:
    async def test_are_made_by_the_clock_and_once(self, database: Database, database_url: str, bus: Bus, tmp_path: Path) -> None:
        env = {"DATABASE_URL": database_url, "HIBACHI_DATA": str(tmp_path), "HIBACHI_BACKUP__EVERY_HOURS": "6", "HIBACHI_BACKUP__KEEP": "1"}
        settings, clock = load_settings(env), Hands()
        clockwork = Clockwork(database, bus, load_profile, UploadFolder(tmp_path / "uploads"))
        wanted = duties(settings, database, clockwork, lambda: ZONE)
        workers = [Cron(database, wanted, clock) for _ in range(3)]
        every = len(wanted)
        assert await looked(*workers) == every > 1, "all duties, one worker each"
        (made,) = [path.name for path in (tmp_path / "backups").iterdir()]
        with reading(tmp_path / "backups" / made, None) as found:
            list(found.check())
        assert await looked(*workers) == 0
        assert [row.error for row in await runs(database)] == [None] * every

    async def test_a_fault_is_marked_and_takes_nothing_away(self, database: Database, tmp_path: Path) -> None:
        env = {"DATABASE_URL": "postgresql://x@127.0.0.1:1/none", "HIBACHI_DATA": str(tmp_path)}
        one = Cron(database, [Duty("backup", HOURLY, lambda: backup(load_settings(env)))], Hands())
        await looked(one)
        (row,) = await runs(database)
        assert (row.error, row.finished_at) == ("BackupFault", None), "and is tried again"
