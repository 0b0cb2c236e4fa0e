"""What is done by the clock, and when."""

import os
from collections.abc import Callable
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func

from kernel.backup.archive import BackupFault
from kernel.backup.keeping import keep
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import AnswerShadow
from kernel.metering import give_back
from kernel.settings import Settings
from kernel.tables.ops import CronRun, Outbox, WorkerProcess
from knowledge.corpus import questions
from knowledge.learning import records
from workers.clockwork import Clockwork
from workers.cron import Duty
from workers.schedule import Daily, Every

log = structlog.get_logger(__name__)

TIDY = timedelta(hours=1)
HOLDS = timedelta(minutes=5)
NIGHT = time(3, 40)
# An effect's key keeps it from being written again: for longer than the furthest party is ahead.
EFFECTS_KEPT = timedelta(days=800)
# Of a turn that has ended no effect is written again.
SHADOWS_KEPT = timedelta(days=7)
RUNS_KEPT = timedelta(days=90)
WORKERS_KEPT = timedelta(days=7)


def duties(settings: Settings, database: Database, clockwork: Clockwork, zone: Callable[[], ZoneInfo]) -> list[Duty]:
    """Those that every install has, and backups where they are asked for."""
    found = [
        Duty("tidy", Every(TIDY), clockwork.tidy),
        Duty("holds", Every(HOLDS), lambda: give_back_holds(database)),
        Duty("lead_scores", Every(TIDY), clockwork.lead_scores),
        Duty("turn_records", Every(TIDY), lambda: forget_records(database, settings.ensemble.record_days)),
        Duty("questions", Every(TIDY), lambda: forget_questions(database, settings.knowledge.questions_days)),
        Duty("housekeeping", Daily(NIGHT, zone), lambda: housekeeping(database)),
    ]
    if settings.backup.every_hours:
        found.append(Duty("backup", Every(timedelta(hours=settings.backup.every_hours)), lambda: backup(settings)))
    return found


async def give_back_holds(database: Database) -> None:
    """Free what budgets held for calls of processes that died."""
    if freed := await give_back(database):
        log.info("budget.given_back", holds=freed)


async def backup(settings: Settings) -> None:
    """One more, in the folder of backups. Raises BackupFault."""
    assert settings.database.url is not None
    where, variable = settings.backup, settings.backup.passphrase_env
    if variable is not None and not os.environ.get(variable):
        raise BackupFault(f"the environment variable {variable} is empty: it is to hold the passphrase that seals backups")
    made, manifest = await keep(
        settings.database.url.get_secret_value(),
        where.folder or settings.data / "backups",
        settings.data / "uploads",
        utc_now(),
        where.keep,
        os.environ[variable] if variable is not None else None,
    )
    log.info("backup.made", file=made.name, rows=manifest.rows, uploads=manifest.uploads.count)


async def forget_records(database: Database, days: int) -> None:
    """Of turns that are older, what they were made of; what candidates made of them stays."""
    gone = 0
    while some := await database.unit(lambda c: records.forget(c, days)):
        gone += some
    if gone:
        log.info("records.forgotten", turns=gone)


async def forget_questions(database: Database, days: int) -> None:
    """Of customers for which nothing was found, those that are older."""
    gone = 0
    while some := await database.unit(lambda c: questions.forget(c, days)):
        gone += some
    if gone:
        log.info("questions.forgotten", questions=gone)


async def housekeeping(database: Database) -> None:
    """Forget the traces of what is long over."""
    ago = func.now
    for name, old in (
        ("effects", delete(Outbox).where(Outbox.state == "done", Outbox.done_at < ago() - EFFECTS_KEPT)),
        ("shadows", delete(Outbox).where(Outbox.kind == AnswerShadow.kind, Outbox.state == "done", Outbox.done_at < ago() - SHADOWS_KEPT)),
        ("runs", delete(CronRun).where(CronRun.finished_at < ago() - RUNS_KEPT)),
        ("workers", delete(WorkerProcess).where(WorkerProcess.seen_at < ago() - WORKERS_KEPT)),
    ):
        gone = (await database.unit(lambda c, statement=old: c.execute(statement))).rowcount  # type: ignore[misc]
        log.info("housekeeping.forgotten", what=name, rows=gone)
