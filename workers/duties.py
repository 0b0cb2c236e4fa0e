"""What is done by the clock, and when."""

from collections.abc import Callable
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func

from kernel.database import Database
from kernel.tables.ops import CronRun, Outbox, WorkerProcess
from workers.clockwork import Clockwork
from workers.cron import Duty
from workers.schedule import Daily, Every

log = structlog.get_logger(__name__)

TIDY = timedelta(hours=1)
NIGHT = time(3, 40)
# An effect's key keeps it from being written again: for longer than the furthest party is ahead.
EFFECTS_KEPT = timedelta(days=800)
RUNS_KEPT = timedelta(days=90)
WORKERS_KEPT = timedelta(days=7)


def duties(database: Database, clockwork: Clockwork, zone: Callable[[], ZoneInfo]) -> list[Duty]:
    """Those that every install has."""
    return [
        Duty("tidy", Every(TIDY), clockwork.tidy),
        Duty("housekeeping", Daily(NIGHT, zone), lambda: housekeeping(database)),
    ]


async def housekeeping(database: Database) -> None:
    """Forget the traces of what is long over."""
    ago = func.clock_timestamp
    for old in (
        delete(Outbox).where(Outbox.state == "done", Outbox.done_at < ago() - EFFECTS_KEPT),
        delete(CronRun).where(CronRun.finished_at < ago() - RUNS_KEPT),
        delete(WorkerProcess).where(WorkerProcess.seen_at < ago() - WORKERS_KEPT),
    ):
        gone = (await database.unit(lambda c, statement=old: c.execute(statement))).rowcount  # type: ignore[misc]
        log.info("housekeeping.forgotten", table=old.table.name, rows=gone)
