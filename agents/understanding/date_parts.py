"""What the rules of dates are made of: what was parsed, what a date depends on, what is said of a day that cannot be."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agents.understanding import calendar
from agents.understanding.lexing import Token
from agents.understanding.when import Problem

RANGE_AT_MOST = 10
# "The day after the week after Christmas": deeper nobody speaks.
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """What stands from one token up to (not including) another."""

    start: int
    end: int
    dates: tuple[date, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a date depends on beside its words. `anchor`: a date spoken of before, for "the week after"."""

    today: date
    asked: bool = False
    spanish: bool = False
    anchor: date | None = None


class Rules(ABC):
    """The text, its tokens, its letters, and today; rules answer with `Parsed`, or None where their words turn out to be no date."""

    def __init__(self, text: str, tokens: list[Token], letters: str, setting: Setting) -> None:
        self._text, self._tokens, self._letters = text, tokens, letters
        self._today, self._asked, self._spanish = setting.today, setting.asked, setting.spanish
        self._anchor = setting.anchor
        self._depth = 0

    def _inside(self, at: int) -> Parsed | None:
        """The date within a date that begins at this token."""
        if self._depth >= DEEPEST:
            return None
        self._depth += 1
        try:
            return self._at(at)
        finally:
            self._depth -= 1

    @abstractmethod
    def _at(self, at: int) -> Parsed | None:
        """The longest date that begins at this token."""

    def _value(self, match: re.Match[str], name: str) -> int | None:
        """The number that a named letter stands for; 1 for "a"; None where it is not there."""
        if not part(match, name):
            return None
        at = match.start(name)
        token = self._tokens[at]
        return token.value if isinstance(token.value, int) else 1

    def _word(self, match: re.Match[str], name: str) -> str:
        return self._tokens[match.start(name)].text

    def _said(self, start: int, end: int) -> str:
        return self._text[self._tokens[start].start : self._tokens[end - 1].end]

    def _year(self, match: re.Match[str]) -> int | None:
        if part(match, "ny"):
            return self._today.year + 1
        return self._value(match, "y")

    def _given(self, match: re.Match[str], *dates: date, other: date | None = None) -> Parsed:
        """These dates, those that are over as problems."""
        said = self._said(match.start(), match.end())
        problems = [Problem("past", said, day) for day in dates if day < self._today]
        kept = tuple(day for day in dates if day >= self._today)
        if other is not None and kept and other not in kept and other >= self._today:
            problems.append(Problem("reading", said, kept[0], other))
        return Parsed(match.start(), match.end(), kept, tuple(problems))

    def _vague(self, match: re.Match[str], first: date, last: date) -> Parsed:
        problem = Problem("vague", self._said(match.start(), match.end()), max(first, self._today), last)
        return Parsed(match.start(), match.end(), (), (problem,))

    def _invalid(self, match: re.Match[str]) -> Parsed:
        return Parsed(match.start(), match.end(), (), (Problem("invalid", self._said(match.start(), match.end())),))

    def _dated(self, match: re.Match[str], day: date | None, weekday: int | None, *, yearless: bool = True) -> Parsed:
        """A calendar date with the weekday that was said with it, before or after; None for a day that does not exist."""
        end = match.end()
        after = re.compile(r"[,.]?W(?![,.]?h?[MNOSaoi]|[LcnT]W?)").match(self._letters, end)
        if weekday is None and after is not None and day is not None:
            at = after.end() - 1
            value = self._tokens[at].value
            assert isinstance(value, int)
            weekday, end = value, after.end()
        if day is None:
            return replace(self._invalid(match), end=end)
        if weekday is None and re.compile("e(?!o|a)").match(self._letters, end):
            return replace(self._given(match, *calendar.weekend_of(day)), end=end + 1)  # "July 4th weekend"
        said = self._said(match.start(), end)
        if weekday is None or day.weekday() == weekday:
            return replace(self._given(match, day), end=end)
        earlier = calendar.day_of(day.year - 1, day.month, day.day) if yearless else None
        if earlier is not None and earlier.weekday() == weekday and (self._today - earlier).days < 60:
            return Parsed(match.start(), end, (), (Problem("past", said, earlier),))
        problem = Problem("contradiction", said, day, calendar.nearest(day, weekday))
        return Parsed(match.start(), end, (), (problem,))

    def _day(self, year: int | None, month: int, day: int) -> date | None:
        """That day of that year; without a year the next one. 29 February of a year that has none is no day."""
        if year is not None:
            return calendar.day_of(year, month, day)
        year = self._today.year + ((month, day) < (self._today.month, self._today.day))
        return calendar.day_of(year, month, day)

    def _month_named(self, word: str, letter: str) -> tuple[int, int]:
        """This month, or the next for "next month", "próximo mes"."""
        here = (self._today.year, self._today.month)
        return here if letter == "t" else calendar.next_month(*here)

    def _filled(self, first: date, last: date, start: int, end: int) -> Parsed:
        length = (last - first).days
        if not 0 < length:
            return Parsed(start, end, (first, last) if first != last else (first,))
        if length > RANGE_AT_MOST:
            return Parsed(start, end, (), (Problem("vague", self._said(start, end), first, last),))
        return Parsed(start, end, tuple(first + timedelta(days=n) for n in range(length + 1)))


def part(match: re.Match[str], name: str) -> str:
    """The letters of a named group; nothing where the rule has no such group or it did not take part."""
    return (match[name] or "") if name in match.re.groupindex else ""


def end_of(year: int, month: int) -> date:
    return date(*calendar.next_month(year, month), 1) - calendar.DAY
