"""What one gateway's breakers learnt all know within a second, through one hash in Redis; only one of them probes a provider at a time.

Nothing on a customer's path waits for it, but one question, briefly, before a probe. Where Redis is slow or away each gateway decides
by its own breakers; what it knows is written again once Redis is back. A gateway that starts reads what the others know.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Literal
from uuid import uuid4

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from agents.ensemble.breaker import Breaker
from kernel.bus import OUTAGE, Bus

log = structlog.get_logger(__name__)

EVERY_S = 0.5
# The one await on a customer's path.
QUESTION_S = 0.02
# Longer than a probe takes; then another may try, whatever became of its gateway.
PROBE_S = 20
KEPT_S = 86_400


class Known(BaseModel):
    """What a gateway wrote of one breaker. `until_ms`: when it is half-open, by Redis's clock, which is the same for all."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    state: Literal["open", "closed"]
    until_ms: int
    openings: int


class SharedBreakers:
    """One process's breakers and what the others know of theirs. `run` it from the start on."""

    def __init__(
        self, bus: Bus, key: str, breakers: Mapping[str, Breaker], every_s: float = EVERY_S, question_s: float = QUESTION_S
    ) -> None:
        """`key`: of the install's hash in Redis; a probe of a model is a key beside it."""
        self._bus = bus
        self._key = key
        self._breakers = breakers
        self._every_s, self._question_s = every_s, question_s
        self._applied: dict[str, str] = {}
        self._untold: set[str] = set()
        self._probing: set[str] = set()
        self._change = asyncio.Event()
        for name, breaker in breakers.items():
            breaker.share(partial(self._may_probe, name), partial(self._changed, name))

    async def run(self) -> None:
        """Tell and hear, until cancelled."""
        while self._breakers:
            self._change.clear()
            if self._bus.up or await self._bus.probe():
                try:
                    await self._tell()
                    await self._hear()
                except OUTAGE as error:
                    self._bus.failed(error)
            try:
                async with asyncio.timeout(self._every_s):
                    await self._change.wait()
            except TimeoutError:
                continue

    def _changed(self, name: str) -> None:
        """It opened or closed here, or a probe of it ended without a verdict."""
        self._untold.add(name)
        self._change.set()

    async def _may_probe(self, name: str) -> bool:
        """Whether no other gateway probes it just now; True where Redis does not say so at once."""
        if not self._bus.up:
            return True
        try:
            async with asyncio.timeout(self._question_s):
                mine = await self._bus.redis.set(self._probe(name), self._bus.origin, nx=True, ex=PROBE_S)
        except OUTAGE as error:
            log.info("breaker.probes_alone", model=name, cause=type(error).__name__)
            mine = True
        if mine:
            self._probing.add(name)
        return bool(mine)

    async def _tell(self) -> None:
        while self._untold:
            name = self._untold.pop()
            try:
                await self._tell_of(name, self._breakers[name])
            except OUTAGE:
                self._untold.add(name)
                raise

    async def _tell_of(self, name: str, breaker: Breaker) -> None:
        now_ms = _milliseconds(await self._bus.redis.time())
        pipe = self._bus.redis.pipeline(transaction=True)
        if breaker.state != "half_open":
            known = _known(breaker, now_ms)
            self._applied[name] = known.id
            pipe.hset(self._key, name, known.model_dump_json())
            pipe.expire(self._key, KEPT_S)
        if name in self._probing and breaker.state == "open":
            # It failed: nobody else probes before all have heard that.
            pipe.pexpire(self._probe(name), round(2000 * self._every_s))
        elif name in self._probing:
            pipe.delete(self._probe(name))
        await pipe.execute()
        self._probing.discard(name)

    async def _hear(self) -> None:
        pipe = self._bus.redis.pipeline(transaction=False)
        pipe.time()
        pipe.hgetall(self._key)
        time, entries = await pipe.execute()
        now_ms = _milliseconds(time)
        heard = {name.decode(): _read(entry) for name, entry in entries.items()}
        for name, breaker in self._breakers.items():
            known = heard.get(name)
            if known is not None and name not in self._untold:
                self._apply(name, breaker, known, now_ms)
            elif known is None and breaker.state == "open":
                self._changed(name)  # Redis has lost it, or never had it

    def _apply(self, name: str, breaker: Breaker, known: Known, now_ms: int) -> None:
        if self._applied.get(name) == known.id:
            return
        self._applied[name] = known.id
        if known.state == "open":
            breaker.opened_elsewhere((known.until_ms - now_ms) / 1000, known.openings)
            log.info("breaker.opened_elsewhere", model=name, for_s=round(breaker.open_for_s, 1))
        elif breaker.state != "closed":
            breaker.closed_elsewhere()

    def _probe(self, name: str) -> str:
        return f"{self._key}:probe:{name}"


def _known(breaker: Breaker, now_ms: int) -> Known:
    until_ms = now_ms + round(breaker.open_for_s * 1000)
    return Known(id=uuid4().hex, state="open" if breaker.state == "open" else "closed", until_ms=until_ms, openings=breaker.openings)


def _milliseconds(time: tuple[int, int]) -> int:
    seconds, microseconds = time
    return seconds * 1000 + microseconds // 1000


def _read(entry: bytes) -> Known | None:
    """None for what another release wrote otherwise."""
    try:
        return Known.model_validate_json(entry)
    except ValidationError:
        return None
