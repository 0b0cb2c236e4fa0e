"""The Redis entry of a running turn: its fence, its position and its text. A frame leaves for sockets only after it was appended here.

Entry: a hash {to, cut} and a string with the text. `cut` is the fence: once it is set, nothing is appended, whoever asks; a reply
that starts again does so under a turn, and so an entry, of its own. Entries are as long as a reply at most and expire after an hour.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson

from kernel import rooms
from kernel.bus import OUTAGE, TIMEOUT, Bus

TTL = 3600

# A frame is not carried out later than this after it was sent: where Redis hangs, PostgreSQL has decided a cut meanwhile.
# Less than the time-out of a command by as much as an answer may need on its way.
CARRIED_OUT_WITHIN = TIMEOUT / 2

# KEYS: entry, text; ARGV: ttl. Reply: {1 begun or 0 refused (a cut came first), Redis's clock}.
_BEGIN = """
local clock = redis.call('TIME')
if redis.call('HEXISTS', KEYS[1], 'cut') == 1 then return {0, clock[1], clock[2]} end
redis.call('HSETNX', KEYS[1], 'to', 0)
redis.call('EXPIRE', KEYS[1], ARGV[1])
return {1, clock[1], clock[2]}
"""

# KEYS: entry, text of each frame; ARGV: ttl, Redis's time after which nothing is appended, then at, to, text, channel, message and how
# many subscribers are ourselves of each: a frame that nobody else hears is not published, for we have it already.
# Reply: Redis's clock, then for each: 1 appended, 2 was appended before, 0 refused, -1 no entry or another position, -2 too late.
_APPEND = """
local function append(entry, text, at, to, said, channel, message, own)
  local found = redis.call('HMGET', entry, 'to', 'cut')
  if found[2] then return 0 end
  if not found[1] then return -1 end
  local stands = tonumber(found[1])
  if stands == tonumber(to) then return 2 end
  if stands ~= tonumber(at) then return -1 end
  redis.call('HSET', entry, 'to', to)
  redis.call('APPEND', text, said)
  if stands == 0 then redis.call('EXPIRE', text, ARGV[1]) end
  if redis.call('PUBSUB', 'NUMSUB', channel)[2] > tonumber(own) then redis.call('PUBLISH', channel, message) end
  return 1
end
local clock = redis.call('TIME')
local late = tonumber(clock[1]) + tonumber(clock[2]) / 1000000 > tonumber(ARGV[2])
local replies = {clock[1], clock[2]}
for n = 0, #KEYS / 2 - 1 do
  replies[n + 3] = late and -2 or append(KEYS[2 * n + 1], KEYS[2 * n + 2], unpack(ARGV, 6 * n + 3, 6 * n + 8))
end
return replies
"""

# KEYS: entry, text; ARGV: to, text, ttl. Written again after Redis lost it; the caller has asked PostgreSQL first. Reply as _BEGIN.
_RESTORE = """
local clock = redis.call('TIME')
if redis.call('HEXISTS', KEYS[1], 'cut') == 1 then return {0, clock[1], clock[2]} end
redis.call('HSET', KEYS[1], 'to', ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {1, clock[1], clock[2]}
"""

# KEYS: entry, text; ARGV: ttl. Final: nothing is appended after it.
# Reply: {to, text}, or nothing where there was no entry (it is cut all the same).
_CUT = """
local to = redis.call('HGET', KEYS[1], 'to')
redis.call('HSET', KEYS[1], 'cut', 1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
if not to then return {} end
return {to, redis.call('GET', KEYS[2]) or ''}
"""

Verdict = Literal["appended", "refused", "missing", "late", "away"]
_VERDICTS: dict[int, Verdict] = {1: "appended", 2: "appended", 0: "refused", -1: "missing", -2: "late"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The next characters of a reply, from position `at` to `to`."""

    conversation: UUID
    turn: UUID
    at: int
    to: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What has left for sockets."""

    to: int
    text: str


def _keys(turn: UUID) -> list[str]:
    entry = rooms.turn_key(turn)
    return [entry, f"{entry}:text"]


class Frames:
    """The entries of all turns, through one Redis."""

    def __init__(self, bus: Bus, hears: Callable[[str], bool] = lambda _: False) -> None:
        """`hears`: whether Redis has confirmed to this process that it hears a room."""
        self._bus = bus
        self._hears = hears
        redis = bus.redis
        self._begin = redis.register_script(_BEGIN)
        self._append = redis.register_script(_APPEND)
        self._restore = redis.register_script(_RESTORE)
        self._cut = redis.register_script(_CUT)
        self._ahead = 0.0  # Redis's clock over our monotonic one, in seconds; at most what it truly is

    async def begin(self, turn: UUID) -> Verdict:
        """Make the entry of a turn that starts; `refused` where a cut came first."""
        return await self._verdict(self._begin(keys=_keys(turn), args=[TTL]))

    async def restore(self, turn: UUID, said: str) -> Verdict:
        """Make the entry anew with what was said; only after PostgreSQL said that the turn is still held."""
        return await self._verdict(self._restore(keys=_keys(turn), args=[len(said), said, TTL]))

    async def append(self, frames: list[Frame]) -> list[Verdict]:
        """Append every frame in one round trip, each checked against its fence; `late` ones may be sent again."""
        if not self._bus.up and not await self._bus.probe():
            return ["away"] * len(frames)
        keys: list[str] = []
        args: list[Any] = [TTL, f"{time.monotonic() + self._ahead + CARRIED_OUT_WITHIN:.6f}"]
        for frame in frames:
            message = {"o": self._bus.origin, "k": "delta", "u": str(frame.turn), "a": frame.at, "b": frame.to, "x": frame.text}
            room = rooms.conversation(frame.conversation)
            keys += _keys(frame.turn)
            args += (frame.at, frame.to, frame.text, rooms.channel(room), orjson.dumps(message), int(self._hears(room)))
        try:
            replies = await self._append(keys=keys, args=args)
        except OUTAGE as error:
            self._bus.failed(error)
            return ["away"] * len(frames)
        self._told(*replies[:2])
        return [_VERDICTS[reply] for reply in replies[2:]]

    async def cut(self, turn: UUID) -> Shown | Literal["away"] | None:
        """End a turn for good. None: it is cut, but what it had shown is not known here."""
        if not self._bus.up and not await self._bus.probe():
            return "away"
        try:
            reply = await self._cut(keys=_keys(turn), args=[TTL])
        except OUTAGE as error:
            self._bus.failed(error)
            return "away"
        return Shown(int(reply[0]), reply[1].decode()) if reply else None

    async def read(self, turn: UUID) -> Shown | None:
        """What has been shown of a turn, where Redis knows."""
        if not self._bus.up:
            return None
        try:
            entry, said_key = _keys(turn)
            pipe = self._bus.redis.pipeline(transaction=True)
            pipe.hget(entry, "to")
            pipe.get(said_key)
            to, said = await pipe.execute()
        except OUTAGE as error:
            self._bus.failed(error)
            return None
        return Shown(int(to), (said or b"").decode()) if to is not None else None

    async def _verdict(self, call: Any) -> Verdict:
        try:
            code, *clock = await call
        except OUTAGE as error:
            self._bus.failed(error)
            return "away"
        self._told(*clock)
        return _VERDICTS[code]

    def _told(self, seconds: bytes, microseconds: bytes) -> None:
        """What Redis's clock said a moment ago. Every call on an entry says it, so that a clock that was set is followed."""
        self._ahead = int(seconds) + int(microseconds) / 1e6 - time.monotonic()
