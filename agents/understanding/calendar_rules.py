"""Dates of the calendar: months and days, numbers with strokes, the n-th weekday, months and holidays."""

import re
from dataclasses import replace
from datetime import date

from agents.understanding import calendar
from agents.understanding.date_parts import Parsed, Rules, end_of, part
from agents.understanding.when import Problem

_WEAK_MONTHS = frozenset("may march mar".split())
_DAYS = frozenset("WDOHM")
_LAST = frozenset("last ultimo ultima".split())
_FRACTIONS = frozenset("1/2 1/3 2/3 1/4 3/4 24/7 50/50".split())
# Holidays after which parties are named that are held on other days.
_SEASONS = frozenset("christmas halloween thanksgiving easter valentines new_years".split())


class CalendarRules(Rules):
    """Rules over letters, see `dates`."""

    def _month_day(self, match: re.Match[str]) -> Parsed | None:
        month, day = self._value(match, "m"), self._value(match, "d")
        if month is None or day is None or not 1 <= day <= 39:
            return None
        weak = self._word(match, "m") in _WEAK_MONTHS and match.start("m") > match.start("d") and "o" not in match[0]
        if weak and "O" not in match[0] and self._letters[match.end() : match.end() + 1] in ("x", "P"):
            return None  # "12 may come"
        return self._dated(match, self._day(self._year(match), month, day), self._value(match, "w"), yearless=self._year(match) is None)

    def _month_days(self, match: re.Match[str]) -> Parsed | None:
        """ "Dec 5 or 6", "3-5 de mayo"."""
        month, year = self._value(match, "m"), self._year(match)
        days: list[date] = []
        problems: list[Problem] = []
        joined = ""
        for at in range(match.start("list"), match.end("list")):
            token = self._tokens[at]
            if token.letter not in "NO":
                joined += token.letter
                continue
            if not isinstance(token.value, int) or not 1 <= token.value <= 39 or month is None:
                return None
            day = self._day(year, month, token.value)
            if day is None:
                problems.append(Problem("invalid", self._said(match.start(), match.end())))
            elif days and set(joined) & set("Tg") and days[-1] < day:
                days += self._filled(days[-1], day, 0, 1).dates[1:]
            else:
                days.append(day)
            joined = ""
        given = self._given(match, *days)
        return replace(given, problems=(*given.problems, *problems))

    def _numeric(self, match: re.Match[str]) -> Parsed | None:
        text = self._word(match, "s")
        before = self._letters[match.start() - 1 : match.start()]
        hinted = self._asked or bool(part(match, "w")) or before in ("u", "R", "f", "T", "h", "E")
        if text in _FRACTIONS and not hinted:
            return None
        parts = [int(part) for part in re.split("[-/.]", text)]
        if text[:4].isdecimal():
            year, month, day = parts
            return self._dated(match, calendar.day_of(year, month, day), self._value(match, "w"), yearless=False)
        year_said = None if len(parts) < 3 else parts[2] + (2000 if parts[2] < 100 else 0)
        first, second = parts[0], parts[1]
        if not (first <= 12 < second or first <= 12) and second <= 12:
            first, second = second, first
        if not (1 <= first <= 12 and 1 <= second <= 39):
            return self._invalid(match) if year_said is not None or hinted else None
        parsed = self._dated(match, self._day(year_said, first, second), self._value(match, "w"), yearless=year_said is None)
        other = self._day(year_said, second, first) if self._spanish and second <= 12 and first != second else None
        if other is not None and parsed.dates and other >= self._today:
            reading = Problem("reading", text, parsed.dates[0], other)
            return replace(parsed, problems=(*parsed.problems, reading))
        return parsed

    def _day_of_month(self, match: re.Match[str]) -> Parsed | None:
        """ "the 5th", "el 5", "sábado 5", "the 5th of next month"."""
        day, weekday = self._value(match, "d"), self._value(match, "w")
        token = self._tokens[match.start("d")]
        numeric = token.text[:1].isdigit()
        article = next((self._tokens[at].text for at in range(match.start(), match.end()) if self._letters[at] == "h"), "")
        before = self._letters[match.start() - 1 : match.start()]
        if day is None or not 1 <= day <= 31:
            return None
        if token.letter == "N":
            spanish = article == "el" or (weekday is not None and self._spanish)
            # "Saturday at 6", "at 6": the hour.
            lone = self._letters.count("N") == 1 and before not in ("@", "B") and not _DAYS & set(self._letters)
            if not (spanish or (self._asked and weekday is None and (article or lone)) or weekday is not None):
                return None
            if weekday is not None and not spanish and self._matching(day, weekday, months=2) is None:
                return None  # "Saturday 6": the hour
        elif weekday is None and not (self._asked or before == "u" or (article and numeric)):
            return None
        if part(match, "r"):
            year, month = self._month_named(self._word(match, "r"), self._letters[match.start("r")])
            return self._dated(match, calendar.day_of(year, month, day), weekday)
        if weekday is not None:
            found = self._matching(day, weekday, months=4)
            return self._dated(match, found or calendar.next_day_of_month(self._today, day), weekday, yearless=False)
        anchor = self._anchor
        same = None if anchor is None else calendar.day_of(anchor.year, anchor.month, day)
        if same is not None and same >= self._today:
            return self._given(match, same)
        found = calendar.next_day_of_month(self._today, day)
        return None if found is None else self._given(match, found)

    def _matching(self, day: int, weekday: int, months: int) -> date | None:
        """The next such day of a month that falls on such a weekday, within so many months."""
        year, month = self._today.year, self._today.month
        for _ in range(months):
            found = calendar.day_of(year, month, day)
            if found is not None and found >= self._today and found.weekday() == weekday:
                return found
            year, month = calendar.next_month(year, month)
        return None

    def _nth_weekday(self, match: re.Match[str]) -> Parsed | None:
        n = -1 if part(match, "n") == "L" else self._value(match, "n")
        if n is None or (part(match, "n") == "L" and self._word(match, "n") not in _LAST):
            return None
        weekday = calendar.SATURDAY if part(match, "w") == "e" else self._value(match, "w")
        assert weekday is not None
        year = self._year(match)
        if part(match, "r"):
            year, month = self._month_named(self._word(match, "r"), self._letters[match.start("r")])
            found = calendar.nth(year, month, n, weekday)
        else:
            named = self._value(match, "m")
            assert named is not None
            month = named
            found = calendar.nth(year, month, n, weekday) if year is not None else self._next_nth(month, n, weekday)
        if found is None:
            return self._invalid(match)
        return self._given(match, *((found, found + calendar.DAY) if part(match, "w") == "e" else (found,)))

    def _next_nth(self, month: int, n: int, weekday: int) -> date | None:
        """None for a fifth one that the next such month does not have."""
        here = calendar.nth(self._today.year, month, n, weekday)
        if here is not None and here >= self._today:
            return here
        over = self._today.month > month or (self._today.month == month and here is not None)
        return calendar.nth(self._today.year + 1, month, n, weekday) if over else None

    def _weekend(self, match: re.Match[str]) -> Parsed | None:
        weeks = 2 if match[0].endswith("an") else 1 if part(match, "r") in ("n", "5") else 0
        saturday = calendar.in_week(self._today, weeks, calendar.SATURDAY)
        if part(match, "r") == "L":
            saturday -= calendar.WEEK
        dates = [day for day in (saturday, saturday + calendar.DAY) if day >= self._today or part(match, "r") == "L"]
        return self._given(match, *dates)

    def _weekend_of(self, match: re.Match[str]) -> Parsed | None:
        base = self._inside(match.end())
        if base is None or not base.dates:
            return None
        given = self._given(match, *calendar.weekend_of(base.dates[0]))
        return replace(given, end=base.end)

    def _holiday(self, match: re.Match[str]) -> Parsed | None:
        token = self._tokens[match.start("hol")]
        key, year = str(token.value), self._year(match)
        if part(match, "party") and key in _SEASONS:
            return Parsed(match.start(), match.end())
        if key == "new_years":
            eve = calendar.holiday("new_years_eve", self._today, None if year is None else year - 1)
            return self._given(match, eve, eve + calendar.DAY)
        day = calendar.holiday(key, self._today, year)
        weekday = self._value(match, "w")
        if part(match, "e"):
            days = calendar.weekend_of(day)
            return self._given(match, *(one for one in days if weekday is None or one.weekday() == weekday))
        return self._dated(match, day, weekday, yearless=year is None)

    def _month(self, match: re.Match[str]) -> Parsed | None:
        """A month is no day yet; "any Saturday in May" is one of four or five."""
        month = self._value(match, "m")
        if part(match, "r"):
            year, month = self._month_named(self._word(match, "r"), self._letters[match.start("r")])
        elif month is None:
            return None
        else:
            year = self._year(match) or self._today.year + (month < self._today.month)
        if part(match, "w"):
            weekday = self._value(match, "w")
            assert weekday is not None
            days = [day for n in range(1, 6) if (day := calendar.nth(year, month, n, weekday)) is not None]
            return self._given(match, *[day for day in days if day >= self._today])
        lone = len(match[0]) == 1
        if lone and not (self._asked or (self._tokens[match.start()].text not in _WEAK_MONTHS and len(self._letters) <= 2)):
            return None
        return self._vague(match, date(year, month, 1), end_of(year, month))
