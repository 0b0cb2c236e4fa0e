"""A small circuit breaker per model: a dead provider costs one turn per back-off, not every turn.

What one process learns the others may know too: `shared_breaker.py` carries openings and closings between them, and lends a `Probing`
by which only one of them probes. Without it, or without Redis, each decides for itself.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from agents.ensemble.errors import ErrorKind, ModelError

# A failure weighs what it costs the customer, and how surely the next call fails too. Open at LIMIT.
WEIGHT: dict[ErrorKind, int] = {
    "unauthorized": 6,
    "rate_limited": 6,
    "timeout": 3,
    "unavailable": 2,
    "no_route": 2,
    "garbage": 2,
    "cut": 1,
}
LIMIT = 6
# After another process was found to be probing, this one looks again.
ELSEWHERE_S = 1.0

State = Literal["closed", "open", "half_open"]
# Asks whether this process may be the one that probes.
Probing = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long a breaker stays open: `first_s`, doubled each time the probe fails, `longest_s` at most."""

    first_s: float = 2.0
    longest_s: float = 60.0


class Breaker:
    """closed -> open (no calls) -> half-open (one probe) -> closed or open again for twice as long."""

    def __init__(self, back_off: BackOff | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._back_off = back_off or BackOff()
        self._clock = clock
        self._weight = 0
        self._openings = 0
        self._open_until: float | None = None
        self._probe_until: float | None = None
        self._probing: Probing | None = None
        self._changed: Callable[[], None] = _nobody_is_told

    def share(self, probing: Probing, changed: Callable[[], None]) -> None:
        """From now on `probing` is asked before a probe, and `changed` is called when this process opened or closed it."""
        self._probing, self._changed = probing, changed

    @property
    def state(self) -> State:
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    @property
    def open_for_s(self) -> float:
        """How long nobody may call; 0 unless open."""
        return 0.0 if self._open_until is None else max(self._open_until - self._clock(), 0.0)

    @property
    def openings(self) -> int:
        """How often in a row it opened by its own back-off."""
        return self._openings

    async def allows(self) -> bool:
        """Whether a call may be made now; where True in half-open state, the caller is the probe. Waits for nothing unless half-open."""
        if self._open_until is None:
            return True
        now = self._clock()
        if now < self._open_until or (self._probe_until is not None and now < self._probe_until):
            return False
        # A probe that never reports (cancelled before its first token) must not keep the door shut for ever.
        self._probe_until = now + self._back_off.longest_s
        if self._probing is None or await self._probing():
            return True
        self._probe_until = self._clock() + ELSEWHERE_S
        return False

    def answered(self) -> None:
        """Text came: others may call again. What was weighed stays until an answer is whole: it may still be cut."""
        self._close()

    def succeeded(self) -> None:
        """An answer came whole."""
        self._weight = self._openings = 0
        self._close()

    def released(self) -> None:
        """The call was closed by us before it showed anything: no verdict; another may probe."""
        probing, self._probe_until = self._probe_until, None
        if probing is not None:
            self._changed()

    def failed(self, error: ModelError) -> None:
        weight = WEIGHT.get(error.kind, 0)
        self._weight += weight
        if not weight:
            self.released()
        elif self.state == "open":
            return  # it was on the way when others failed: no probe, and nothing new
        elif self._weight >= LIMIT or self._open_until is not None:
            wait = min(self._back_off.first_s * 2**self._openings, self._back_off.longest_s)
            asked = error.retry_after_s
            self._openings += asked is None
            self._open(asked if asked is not None else wait)
            self._changed()

    def opened_elsewhere(self, for_s: float, openings: int) -> None:
        """Another process opened it; it stays so for `for_s` more seconds."""
        self._openings = max(openings, self._openings)
        self._open(for_s)

    def closed_elsewhere(self) -> None:
        """Another process had an answer."""
        self._weight = self._openings = 0
        self._open_until = self._probe_until = None

    def _open(self, for_s: float) -> None:
        self._open_until, self._probe_until = self._clock() + for_s, None

    def _close(self) -> None:
        was_open = self._open_until is not None
        self._open_until = self._probe_until = None
        if was_open:
            self._changed()


def _nobody_is_told() -> None:
    """Where a process is alone."""
