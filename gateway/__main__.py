"""`python -m gateway`: one gateway process. PostgreSQL and Redis by DATABASE_URL and REDIS_URL (the supervisor sets them)."""

import asyncio
import logging
import signal
import sys
from types import FrameType

import structlog
import uvicorn
import uvloop

from business.profile.loader import ProfileError
from business.profile.versions import Edition
from gateway.container import Gateway
from gateway.listener import listening
from gateway.start import build_database, read_start
from kernel import log as logs
from kernel.errors import Unavailable
from kernel.settings import Settings, SettingsError, load_settings

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn that lets the gateway say goodbye before it closes sockets."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway
        self._stopping: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self._stop(sig, frame))

    async def _stop(self, sig: int, frame: FrameType | None) -> None:
        try:
            await self._gateway.stop()
        finally:
            super().handle_exit(sig, frame)


async def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    if settings.database.url is None or settings.redis.url is None:
        raise SystemExit("hibachi serve needs DATABASE_URL and REDIS_URL; `hibachi up` brings its own PostgreSQL and Redis.")
    database_url, redis_url = settings.database.url.get_secret_value(), settings.redis.url.get_secret_value()
    gateway = Gateway(settings, database_url, redis_url, *await _start(settings, database_url))
    await gateway.start()
    await _Server(listening(gateway.app, settings), gateway).serve()


async def _start(settings: Settings, url: str) -> tuple[str, Edition]:
    """Wait for PostgreSQL, which may be restarting."""
    database = build_database(settings, url, "hibachi-gateway-start")
    try:
        while True:
            try:
                return await read_start(database, settings)
            except Unavailable:
                log.warning("gateway.waits_for_database")
                await asyncio.sleep(1)
    finally:
        await database.close()


def main() -> None:
    """Exit status 2 where a setting is wrong."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    logs.configure(settings.log.level, settings.log.format)
    # A line for every socket that comes and goes would drown the rest; /metrics counts them.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        uvloop.run(serve(settings))
    except ProfileError as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
