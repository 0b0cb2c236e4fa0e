"""`python -m workers`: one worker process. PostgreSQL and Redis by DATABASE_URL and REDIS_URL (the supervisor sets them)."""

import asyncio
import signal
import sys

import structlog

from business.profile.live import first_edition
from business.profile.loader import ProfileError
from business.profile.versions import Edition
from business.sites.service import install_secret
from kernel import log as logs
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings, SettingsError, load_settings
from workers.container import Worker

log = structlog.get_logger(__name__)

CONNECTIONS = 8  # to PostgreSQL


async def run() -> None:
    """Until SIGTERM or SIGINT."""
    settings = load_settings()
    logs.configure(settings.log.level, settings.log.format)
    if settings.database.url is None or settings.redis.url is None:
        raise SystemExit("hibachi worker needs DATABASE_URL and REDIS_URL; `hibachi up` brings its own PostgreSQL and Redis.")
    database = Database(settings.database.url.get_secret_value(), application="hibachi-worker", pool_size=CONNECTIONS)
    worker = Worker(settings, database, settings.redis.url.get_secret_value(), *await _start(database, settings))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await worker.run(stop)


async def _start(database: Database, settings: Settings) -> tuple[str, Edition]:
    """The install's secret, and the profile that counts; waits for PostgreSQL, which may be restarting. Raises ProfileError."""
    while True:
        try:
            return await database.unit(install_secret), await first_edition(database, settings.business.profile)
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
