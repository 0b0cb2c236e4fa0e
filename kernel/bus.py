"""Redis between processes: hints that something changed, never the thing itself. Losing one loses nothing that a sweep does not find.

`Bus.publish` never raises and never waits for a Redis that is known to be away.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kernel import rooms

log = structlog.get_logger(__name__)

# No await on a hot path outlasts this where Redis hangs half-open.
TIMEOUT = 0.8
PROBE_EVERY = 0.5
OUTAGE = (RedisError, OSError, TimeoutError)


class _Heedful(AbstractConnection):
    """redis-py sends under `asyncio.wait_for`, which loses a cancellation that arrives as it ends (gh-86296, until Python 3.12): a task
    that was told to end would go on, once. It is told so here."""

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        task = asyncio.current_task()
        before = task.cancelling() if task is not None else 0
        await super().send_packed_command(command, check_health)
        if task is not None and task.cancelling() > before:
            await self.disconnect(nowait=True)  # nobody reads the answer
            raise asyncio.CancelledError


def connect(url: str, *, connections: int = 16) -> Redis:
    """A client for commands: short time-outs, no retries of its own (the callers know what may be repeated)."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    pool.connection_class = type("Heedful", (_Heedful, pool.connection_class), {})
    return Redis(connection_pool=pool)


class Bus:
    """Commands and hints of one process, with what it knows of Redis's health."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.origin = f"{time.time_ns():x}"
        self._away_since: float | None = None
        self._probed = 0.0

    @property
    def up(self) -> bool:
        """False from the first failure until a probe succeeds."""
        return self._away_since is None

    def failed(self, error: BaseException) -> None:
        """A command failed for want of Redis."""
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.warning("redis.away", cause=type(error).__name__)

    async def probe(self) -> bool:
        """Ask whether Redis is back, at most twice a second; True where it is up."""
        if self.up:
            return True
        now = time.monotonic()
        if now - self._probed < PROBE_EVERY:
            return False
        self._probed = now
        try:
            await self.redis.ping()
        except OUTAGE:
            return False
        log.info("redis.back", away_s=round(now - (self._away_since or now), 1))
        self._away_since = None
        return True

    async def publish(self, room: str, message: dict[str, Any]) -> bool:
        """Tell the other processes; False where Redis is away."""
        return await self._publish((room, message))

    async def _publish(self, *messages: tuple[str, dict[str, Any]]) -> bool:
        """All of them in one round trip."""
        if not self.up and not await self.probe():
            return False
        pipe = self.redis.pipeline(transaction=False)
        for room, message in messages:
            pipe.publish(rooms.channel(room), orjson.dumps({"o": self.origin, **message}))
        try:
            await pipe.execute()
        except OUTAGE as error:
            self.failed(error)
            return False
        return True

    async def remember(self, key: str, field: str, value: bytes, life: int) -> None:
        """Keep a field of a hash that is gone by itself after `life` seconds without a new one."""
        if self.up:
            try:
                pipe = self.redis.pipeline(transaction=True)
                pipe.hset(key, field, value.decode())
                pipe.expire(key, life)
                await pipe.execute()
            except OUTAGE as error:
                self.failed(error)

    async def forget(self, key: str, field: str) -> None:
        """Drop a field of a hash."""
        if self.up:
            try:
                await cast("Awaitable[int]", self.redis.hdel(key, field))
            except OUTAGE as error:
                self.failed(error)

    async def remembered(self, key: str) -> list[bytes]:
        """The values of a hash; none where Redis is away."""
        if not self.up:
            return []
        try:
            return await cast("Awaitable[list[bytes]]", self.redis.hvals(key))
        except OUTAGE as error:
            self.failed(error)
            return []

    async def announce(self, conversation: UUID, seq: int, staff_seq: int) -> None:
        """The logs of a conversation have grown to these tops."""
        await self._publish(
            (rooms.conversation(conversation), {"k": "seq", "s": seq, "t": staff_seq}), (rooms.INBOX, {"k": "row", "c": str(conversation)})
        )

    async def close(self) -> None:
        # A pool that was passed in is not closed otherwise.
        await self.redis.aclose(close_connection_pool=True)
