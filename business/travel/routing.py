"""Asking a provider how long the way is by road: one interface, one kind of error, a pause after failures."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from business.profile.terms import Station
from business.travel.places import Place
from business.travel.rules import Precision

METRES_PER_MILE = Decimal("1609.344")

# `refused`: the key is wrong or absent. `quota`: too many requests. `unreachable`: no connection, or none in time. `failed`: 5xx.
# `garbage`: not the protocol. `bad_request`: 4xx, this request will never pass.
RoutingErrorKind = Literal["refused", "quota", "unreachable", "failed", "garbage", "bad_request"]


class RoutingError(Exception):
    """The provider gave no answer. `retry_after_s` is what it asked for, if it did. Carries no address."""

    def __init__(self, kind: RoutingErrorKind, *, retry_after_s: float | None = None) -> None:
        super().__init__(kind)
        self.kind: RoutingErrorKind = kind
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Target:
    """A full street address, and the middle of the ZIP code or city that it lies in."""

    address: str
    place: Place


class Router(Protocol):
    """A provider. `precision` says what its answers are worth: a provider without a geocoder starts from the ZIP's middle."""

    name: str
    precision: Precision

    async def miles(self, stations: Sequence[Station], target: Target) -> tuple[Decimal | None, ...]:
        """Miles by road from each station, in their order; None where there is no road, or no such address. Raises RoutingError alone."""
        ...

    async def close(self) -> None:
        """Closes its connections."""
        ...


def to_miles(metres: float | int) -> Decimal:
    return Decimal(str(metres)) / METRES_PER_MILE


# Failures in a row after which the provider is left alone, and for how long; a wrong key does not mend itself.
FAILURES = 3
PAUSE_S = 60.0
REFUSED_S = 600.0
LONGEST_PAUSE_S = 900.0


class Pause:
    """Leaves a failing provider alone, so that customers do not wait for it in vain."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def holds(self) -> bool:
        return self._clock() < self._until

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, error: RoutingError) -> None:
        """Counts a failure; after the pause one call is enough to start the next."""
        self._failures += 1
        match error.kind:
            case "bad_request":
                self._failures -= 1  # it answered; this request alone was wrong
            case "refused":
                self._until = self._clock() + REFUSED_S
            case "quota":
                self._until = self._clock() + min(error.retry_after_s or PAUSE_S, LONGEST_PAUSE_S)
            case _ if self._failures >= FAILURES:
                self._until = self._clock() + PAUSE_S
