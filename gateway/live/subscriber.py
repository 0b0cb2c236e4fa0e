"""The process's one subscription to Redis: channels come and go, the connection is rebuilt within a second, and a ping to itself
tells a connection that looks alive from one that is."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from kernel import rooms
from kernel.bus import OUTAGE, Bus

log = structlog.get_logger(__name__)

SELF_PING = 2.5
DEAF_AFTER = 6.0
# A snapshot waits no longer for Redis: what falls between is a gap, which clients notice and ask for.
CONFIRM_S = 0.5

Receive = Callable[[str, dict[str, Any]], None]


class Subscriber:
    """Hears the rooms that this process watches. `healed` runs after every rebuild: whatever was missed is read from PostgreSQL."""

    def __init__(self, url: str, bus: Bus, receive: Receive, healed: Callable[[], Awaitable[None]]) -> None:
        self._url = url
        self._bus = bus
        self._receive = receive
        self._healed = healed
        self._own = f"process:{bus.origin}"
        self._rooms: set[str] = {self._own}
        self._confirmed: set[bytes] = set()
        # Commands of a room that Redis has not answered yet: an older answer says nothing of what the newest one asks for.
        self._unanswered: Counter[bytes] = Counter()
        self._awaited: dict[bytes, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._heard = time.monotonic()

    def hears(self, room: str) -> bool:
        """True where Redis has confirmed it, on the connection that there is now."""
        return rooms.channel(room).encode() in self._confirmed

    async def add(self, room: str) -> None:
        """Hear a room; where Redis is away, as soon as it is back."""
        self._rooms.add(room)
        await self._tell("subscribe", room)

    async def sure(self, room: str) -> None:
        """Wait until Redis has confirmed it: that a command was sent says nothing of what other connections bring in before it."""
        channel = rooms.channel(room).encode()
        if self._pubsub is None or channel in self._confirmed:
            return
        awaited = self._awaited.setdefault(channel, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(CONFIRM_S):
                await awaited.wait()
        self._awaited.pop(channel, None)

    async def remove(self, room: str) -> None:
        """Hear it no more."""
        self._rooms.discard(room)
        self._confirmed.discard(rooms.channel(room).encode())
        await self._tell("unsubscribe", room)

    async def _tell(self, verb: str, room: str) -> None:
        if self._pubsub is None:
            return
        self._unanswered[rooms.channel(room).encode()] += 1
        try:
            async with asyncio.timeout(1):
                await getattr(self._pubsub, verb)(rooms.channel(room))
        except OUTAGE as error:
            # The connection is broken: the reader notices too, rebuilds it and subscribes to every room.
            self._bus.failed(error)

    async def run(self) -> None:
        """Until cancelled."""
        delay = 0.1
        while True:
            redis = Redis.from_url(self._url, socket_connect_timeout=1, socket_timeout=None)
            try:
                pubsub = redis.pubsub()
                await self._subscribe_all(pubsub)
                self._heard, delay = time.monotonic(), 0.1
                await self._bus.probe()
                await self._healed()
                await self._read(pubsub)
            except OUTAGE as error:
                log.info("redis.subscription_lost", cause=type(error).__name__)
            finally:
                self._pubsub = None
                self._confirmed.clear()
                self._unanswered.clear()
                with suppress(*OUTAGE):
                    await redis.aclose()
            await asyncio.sleep(delay)
            delay = min(1.0, delay * 2)

    async def _subscribe_all(self, pubsub: PubSub) -> None:
        asked = set(self._rooms)
        self._unanswered.update(rooms.channel(room).encode() for room in asked)
        await pubsub.subscribe(*map(rooms.channel, asked))
        self._pubsub = pubsub
        for room in self._rooms - asked:  # came while that was sent
            await self._tell("subscribe", room)

    async def _read(self, pubsub: PubSub) -> None:
        prefix = len(rooms.channel(""))
        while True:
            message = await pubsub.get_message(timeout=1.0)
            if time.monotonic() - self._heard > DEAF_AFTER and self._bus.up:
                raise ConnectionError("no ping of our own came back")
            if message is None:
                continue
            if message["type"] != "message":
                self._confirm(message["type"], message["channel"])
                continue
            body = orjson.loads(message["data"])
            room = message["channel"].decode()[prefix:]
            if room == self._own:
                self._heard = time.monotonic()
            elif body.get("o") != self._bus.origin:
                self._receive(room, body)

    def _confirm(self, kind: str, channel: bytes) -> None:
        self._unanswered[channel] -= 1
        if self._unanswered[channel] > 0:
            return
        del self._unanswered[channel]
        if kind == "subscribe":
            self._confirmed.add(channel)
            if (awaited := self._awaited.pop(channel, None)) is not None:
                awaited.set()
        elif kind == "unsubscribe":
            self._confirmed.discard(channel)

    async def ping(self) -> None:
        """Ping ourselves through Redis, until cancelled."""
        while True:
            if not await self._bus.publish(self._own, {"k": "ping"}):
                self._heard = time.monotonic()
            await asyncio.sleep(SELF_PING)
