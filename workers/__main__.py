"""`python -m workers`: one worker process. Composition root; works on from PostgreSQL alone while Redis is away."""

import asyncio
import os
import signal
import sys
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from business.links.signing import Links
from business.profile.live import LiveProfile, first_edition
from business.profile.loader import ProfileError
from business.profile.versions import Edition
from business.push.sending import PushSender
from business.push.vapid import contact
from business.sites.service import install_secret
from business.uploads.folder import UploadFolder
from business.webhooks.addresses import Outside
from business.webhooks.sending import Sender
from kernel import log as logs
from kernel.bus import OUTAGE, Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.jobs import QUEUE, WAKE
from kernel.settings import Settings, SettingsError, load_settings
from workers.clockwork import Clockwork
from workers.crash import Crash
from workers.effects import Effects
from workers.pushes import Pushes
from workers.registry import Business, handlers
from workers.webhooks import Webhooks

log = structlog.get_logger(__name__)

JOB_SECONDS = 15


async def wake(context: dict[str, Any], effect: str) -> None:
    """arq's only job: a row of the outbox is new."""
    effects: Effects = context["effects"]
    try:
        await effects.due(UUID(effect))
    except Unavailable:
        log.info("effect.later")  # the sweep finds it


async def listen(redis_url: str, effects: Effects) -> None:
    """Be woken by arq, until cancelled; arq's worker ends with its Redis and is built anew."""
    while True:
        worker = Worker(
            functions=[func(cast(WorkerCoroutine, wake), name=WAKE, keep_result=0, timeout=JOB_SECONDS, max_tries=1)],
            redis_settings=RedisSettings.from_dsn(redis_url),
            queue_name=QUEUE,
            ctx={"effects": effects},
            handle_signals=False,
            poll_delay=0.2,
            max_jobs=10,
            health_check_interval=5,
            job_serializer=orjson.dumps,
            job_deserializer=orjson.loads,
        )
        try:
            await worker.async_run()
        except (*OUTAGE, RuntimeError) as error:
            log.warning("worker.redis_away", cause=type(error).__name__)
        finally:
            await _close(worker)
        await asyncio.sleep(1)


async def _close(worker: Worker) -> None:
    try:
        await worker.close()
    except (*OUTAGE, AttributeError) as error:
        log.info("worker.closed_without_redis", cause=type(error).__name__)


async def run() -> None:
    """Until SIGTERM or SIGINT."""
    settings = load_settings()
    logs.configure(settings.log.level, settings.log.format)
    if settings.database.url is None or settings.redis.url is None:
        raise SystemExit("hibachi worker needs DATABASE_URL and REDIS_URL; `hibachi up` brings its own PostgreSQL and Redis.")
    redis_url = settings.redis.url.get_secret_value()
    database = Database(settings.database.url.get_secret_value(), application="hibachi-worker", pool_size=4)
    bus = Bus(connect(redis_url, connections=4))
    profile = LiveProfile(database, await _edition(database, settings))
    links = Links(lambda: settings.address, await database.unit(install_secret))
    business = Business(profile.profile, links, utc_now)
    effects = Effects(database, bus, Crash.asked_for(os.environ, "effects"), handlers(business))
    clockwork = Clockwork(database, bus, profile.profile, UploadFolder(settings.data / "uploads"))
    webhooks = Webhooks(database, Sender(Outside(settings.webhooks.private_networks)))
    by = contact(settings.public_url, settings.admin_email)
    pushes = Pushes(database, PushSender(), by, utc_now, crash=Crash.asked_for(os.environ, "pushes"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    works = (listen(redis_url, effects), effects.sweep(), clockwork.run(), webhooks.run(), pushes.run(), profile.follow())
    tasks = [asyncio.create_task(work) for work in works]
    stopped = asyncio.create_task(stop.wait())
    log.info("worker.ready")
    done, _ = await asyncio.wait({*tasks, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await end(tasks)
    await bus.close()
    await database.close()
    for task in done - {stopped}:
        task.result()


async def _edition(database: Database, settings: Settings) -> Edition:
    """The profile that counts; waits for PostgreSQL, which may be restarting."""
    while True:
        try:
            return await first_edition(database, settings.business.profile)
        except Unavailable:
            log.warning("worker.waits_for_database")
            await asyncio.sleep(1)


def main() -> None:
    """Exit status 2 where a setting or the profile is wrong."""
    try:
        asyncio.run(run())
    except (SettingsError, ProfileError) as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
