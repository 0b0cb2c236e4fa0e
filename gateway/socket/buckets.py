"""Token buckets: one in memory for each socket's frames, one in Redis for each visitor's messages across all gateways."""

import time
from uuid import UUID

from kernel import rooms
from kernel.bus import OUTAGE, Bus


class Bucket:
    """`size` at once, `rate` a second."""

    __slots__ = ("_at", "_level", "_rate", "_size")

    def __init__(self, size: float, rate: float) -> None:
        self._size = size
        self._rate = rate
        self._level = size
        self._at = time.monotonic()

    def take(self) -> bool:
        """True where there was one to take."""
        now = time.monotonic()
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def give(self) -> None:
        """Put one back."""
        self._level = min(self._size, self._level + 1)

    @property
    def wait_ms(self) -> int:
        """Until there is one again."""
        return max(1, int(1000 * (1 - self._level) / self._rate) + 1) if self._level < 1 else 0


# KEYS: bucket; ARGV: size, rate per second, tokens to take (-1 gives one back). Reply: {1, 0} or {0, ms to wait}. Redis's own clock.
_TAKE = """
local size, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = size
if kept[1] then level = math.min(size, tonumber(kept[1]) + (now - tonumber(kept[2])) * rate) end
if level < cost then return {0, math.ceil((cost - level) / rate * 1000)} end
redis.call('HSET', KEYS[1], 'level', tostring(math.min(size, level - cost)), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(size / rate) + 1)
return {1, 0}
"""

LOCAL_BUCKETS = 10_000


class MessageBuckets:
    """The message bucket of every visitor. While Redis is away each gateway counts for itself."""

    def __init__(self, bus: Bus, size: int, rate: float) -> None:
        self._bus = bus
        self._size = size
        self._rate = rate
        self._take = bus.redis.register_script(_TAKE)
        self._local: dict[UUID, Bucket] = {}

    async def take(self, visitor: UUID) -> int:
        """0 where a message may come in, else the milliseconds to wait."""
        if self._bus.up:
            try:
                reply = await self._take(keys=[rooms.bucket_key(visitor)], args=[self._size, self._rate, 1])
                return 0 if reply[0] else max(1, int(reply[1]))
            except OUTAGE as error:
                self._bus.failed(error)
        bucket = self._local.setdefault(visitor, Bucket(self._size, self._rate))
        while len(self._local) > LOCAL_BUCKETS:
            self._local.pop(next(iter(self._local)))
        return 0 if bucket.take() else bucket.wait_ms

    async def give_back(self, visitor: UUID) -> None:
        """What was taken was for nothing: the message was refused, or a repeat."""
        if self._bus.up:
            try:
                await self._take(keys=[rooms.bucket_key(visitor)], args=[self._size, self._rate, -1])
            except OUTAGE as error:
                self._bus.failed(error)
        elif visitor in self._local:
            self._local[visitor].give()
