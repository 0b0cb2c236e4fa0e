"""When a party is wanted: what a text says of dates and times, and what is not right with it."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from agents.understanding.facts import Daypart

# `invalid`: no such day ("Feb 30"). `past`: `day` is over. `contradiction`: the weekday is not that of `day`; `other` is the nearest
# day with it. `reading`: taken as `day`, may also mean `other` ("next Saturday"). `vague`: some day from `day` to `other`, which is
# no choice yet ("in May"). `open_time`: a time that is no start yet ("between 5 and 7", "after 3"); `several_times`: "5 or 6".
ProblemKind = Literal["invalid", "past", "contradiction", "reading", "vague", "open_time", "several_times"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What should be said or asked about a date or a time. `said`: the words, folded."""

    kind: ProblemKind
    said: str
    day: dt.date | None = None
    other: dt.date | None = None


@dataclass(frozen=True, slots=True)
class When:
    """What one text says. `dates`: best first, without past, impossible and contradictory ones, which `problems` name."""

    dates: tuple[dt.date, ...] = ()
    time: dt.time | None = None
    daypart: Daypart | None = None
    problems: tuple[Problem, ...] = ()

    def problem(self, kind: ProblemKind) -> Problem | None:
        """The first problem of a kind."""
        return next((item for item in self.problems if item.kind == kind), None)
