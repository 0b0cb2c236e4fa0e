"""What a report is: a question with parameters, columns by role, and a query whose filters carry the words that explain them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import ColumnElement, Select

from business.profile.schemas import Profile
from kernel.errors import BadRequest

Kind = Literal["text", "number", "money", "dollars", "day", "month", "moment", "minutes", "state", "link"]
"""How a cell is read: `money` in cents, `dollars` as a decimal number of micro-dollars, `moment` aware, `link` the id of a conversation."""
DAYS_AT_MOST = 732


class Parameters(BaseModel):
    """Of one report. What is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Days(Parameters):
    """Days at the venue, both included; what is missing is filled by the report's own window around today."""

    first: dt.date | None = None
    last: dt.date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.first is not None and self.last is not None and not 0 <= (self.last - self.first).days <= DAYS_AT_MOST:
            raise ValueError(f"last comes before first, or more than {DAYS_AT_MOST} days after it; give the first day as first")
        return self


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when. `chief`: an owner or an admin."""

    profile: Profile
    now: dt.datetime
    chief: bool

    @property
    def zone(self) -> ZoneInfo:
        return self.profile.business.zone

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    def begin_of(self, day: dt.date) -> dt.datetime:
        """Midnight at the venue."""
        return dt.datetime.combine(day, dt.time(), self.zone)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `chiefs`: amounts and contacts, which agents do not see: for them it is not even selected."""

    name: str
    title: str
    kind: Kind = "text"
    chiefs: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition, and the same in words: "whose deposit has not come"."""

    where: ColumnElement[bool]
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs. `what` is counted ("Parties"), `rows` selects the columns by their names without any condition, `order` with its words."""

    what: str
    rows: Select[*tuple[Any, ...]]
    filters: tuple[Filter, ...]
    order: tuple[Any, ...]
    in_order: str

    @property
    def words(self) -> str:
        """What was counted and how, as a sentence."""
        return f"{' '.join([self.what, *(one.words for one in self.filters if one.words)])}, {self.in_order}."


@dataclass(frozen=True, slots=True)
class Window:
    """Days around today that count where none were told: so many back, so many ahead."""

    back: int = 0
    ahead: int = 0

    def of(self, given: Days, today: dt.date) -> tuple[dt.date, dt.date]:
        """The days that count. Raises BadRequest where one end was told and the other would lie before it, or too far."""
        first = given.first if given.first is not None else today - dt.timedelta(days=self.back)
        last = given.last if given.last is not None else max(today + dt.timedelta(days=self.ahead), first)
        if not 0 <= (last - first).days <= DAYS_AT_MOST:
            raise BadRequest(f"These days are backwards, or more than {DAYS_AT_MOST} at once. Give both ends, the first one first.")
        return first, last


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Report:
    """`answers`: the question that it answers, for people and for models. `chiefs`: for owners and admins alone."""

    name: str
    title: str
    answers: str
    parameters: type[Parameters]
    columns: tuple[Column, ...]
    plan: Callable[[Any, Asking], Plan]
    chiefs: bool = False

    def shown_to(self, chief: bool) -> tuple[Column, ...]:
        """The columns that a role sees."""
        return tuple(column for column in self.columns if chief or not column.chiefs)


def in_days(moment: Any, asking: Asking, given: Days, window: Window) -> Filter:
    """A moment on some days at the venue."""
    first, last = window.of(given, asking.today)
    within = (moment >= asking.begin_of(first)) & (moment < asking.begin_of(last + dt.timedelta(days=1)))
    return Filter(within, days_words(first, last, asking.today))


def days_words(first: dt.date, last: dt.date, today: dt.date) -> str:
    """`on Sat 5 December`, `from Fri 4 to Sun 6 December`, `from Mon 30 November to Sun 6 December 2027`."""
    year = "" if first.year == last.year == today.year else f" {last.year}"
    if first == last:
        return f"on {_day(last)} {last:%B}{year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"from {_day(first)} to {_day(last)} {last:%B}{year}"
    of_first = f" {first.year}" if first.year != last.year else ""
    return f"from {_day(first)} {first:%B}{of_first} to {_day(last)} {last:%B}{year}"


def _day(day: dt.date) -> str:
    return f"{day:%a} {day.day}"
