"""A small circuit breaker per model: a dead provider costs one turn per back-off, not every turn."""

import time
from collections.abc import Callable
from dataclasses import dataclass

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
    "bad_request": 0,
}
LIMIT = 6


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

    def allows(self) -> bool:
        """Whether a call may be made now; where True in half-open state, the caller is the probe."""
        if self._open_until is None:
            return True
        now = self._clock()
        if now < self._open_until or (self._probe_until is not None and now < self._probe_until):
            return False
        # A probe that never reports (cancelled before its first token) must not keep the door shut for ever.
        self._probe_until = now + self._back_off.longest_s
        return True

    def answered(self) -> None:
        """Text came: others may call again. What was weighed stays until an answer is whole: it may still be cut."""
        self._open_until = self._probe_until = None

    def succeeded(self) -> None:
        """An answer came whole."""
        self._weight = self._openings = 0
        self._open_until = self._probe_until = None

    def released(self) -> None:
        """The call was closed by us before it showed anything: no verdict; another may probe."""
        self._probe_until = None

    def failed(self, error: ModelError) -> None:
        weight = WEIGHT[error.kind]
        self._weight += weight
        if weight and (self._weight >= LIMIT or self._open_until is not None):
            wait = min(self._back_off.first_s * 2**self._openings, self._back_off.longest_s)
            asked = error.retry_after_s
            self._open_until = self._clock() + (asked if asked is not None else wait)
            self._openings += asked is None
        self._probe_until = None
