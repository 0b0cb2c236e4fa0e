"""When something is due by the clock: a slot is a moment, and the same one for every worker that looks. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Schedule(Protocol):
    """Slots, one after the other."""

    def latest(self, now: datetime) -> datetime:
        """The last slot that is not after `now`; in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Slots that are so far apart, counted from the epoch: the clocks of the venue are none of theirs."""

    period: timedelta

    def latest(self, now: datetime) -> datetime:
        """The last slot that is not after `now`."""
        seconds, step = now.timestamp(), self.period.total_seconds()
        return datetime.fromtimestamp(seconds // step * step, UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, at this time by the clocks of a zone. On the day that skips it the slot is as much later as the clocks were put forward;
    on the day that has it twice it is the first one."""

    at: time
    zone: Callable[[], ZoneInfo]  # it may be changed while a worker runs

    def latest(self, now: datetime) -> datetime:
        """The last slot that is not after `now`."""
        zone = self.zone()
        today = now.astimezone(zone).date()
        slots = (datetime.combine(today - timedelta(days=back), self.at, zone).astimezone(UTC) for back in range(3))
        return max(slot for slot in slots if slot <= now)
