"""Dates seen from today or from another date: weekdays, "in two weeks", "the day after", weeks."""

import re
from dataclasses import replace
from datetime import date, timedelta

from agents.understanding import calendar
from agents.understanding.date_parts import Parsed, Rules, end_of, part

_WEAK_DAYS = frozenset("sun mon wed mar lun".split())
_SITTERS = frozenset("i we he she they just".split())
_SEVERAL = frozenset("mondays tuesdays wednesdays thursdays fridays saturdays sundays sabados domingos".split())


class RelativeRules(Rules):
    """Rules over letters, see `dates`."""

    def _weekday(self, match: re.Match[str]) -> Parsed | None:
        """A weekday alone: the coming one, never today."""
        word = self._word(match, "w")
        before, after = self._letters[match.start() - 1 : match.start()], self._letters[match.end() : match.end() + 1]
        general = before == "h" and self._tokens[match.start() - 1].text in ("los", "the") and word.endswith("s")
        if (word in _SEVERAL or general) and not self._asked:
            return None
        if word in _WEAK_DAYS and not self._asked and not (before in ("u", "R", "A") and before) and after not in ("@", "v", "R"):
            return None
        if word == "sat" and match.start() and self._tokens[match.start() - 1].text in _SITTERS:
            return None
        weekday = self._value(match, "w")
        assert weekday is not None
        the = before in ("h", "u") and self._tokens[match.start() - 1].text.split()[-1:] == ["the"]
        if the and self._anchor is not None and self._anchor > self._today:
            # Of the 16th "the Sunday" is the one beside it.
            near = calendar.coming(self._anchor - timedelta(days=3), weekday)
            if near > self._today:
                return self._given(match, near)
        return self._given(match, calendar.coming(self._today, weekday, after_today=True))

    def _weekdays(self, match: re.Match[str]) -> Parsed | None:
        """ "this", "next", "coming", "last" with one or several weekdays."""
        how = part(match, "r") or part(match, "r2")
        at = match.start("r") if part(match, "r") else match.start("r2")
        days: list[date] = []
        other = None
        for index in range(match.start(), match.end()):
            token = self._tokens[index]
            if token.letter != "W":
                continue
            assert isinstance(token.value, int)
            soon = calendar.coming(self._today, token.value)
            week = calendar.in_week(self._today, 1, token.value)
            if how == "L" and not self._wished(match):
                return Parsed(match.start(), match.end())
            if how == "L":
                days.append(calendar.before(self._today, token.value))
            elif how == "n":
                days.append(week)
                other = other or (soon if soon != week and soon != self._today else None)
            elif how == "c" or how == "tc":
                soon = calendar.coming(self._today, token.value, after_today=True)
                days.append(soon)
                # "el próximo sábado" is the coming one; some mean the one of next week.
                spanish = self._tokens[at].text in ("proximo", "proxima")
                other = other or (week if spanish and week != soon else None)
            else:
                days.append(soon)
        return self._given(match, *days, other=other)

    def _after_next(self, match: re.Match[str]) -> Parsed | None:
        weekday = self._value(match, "w")
        if weekday is None:
            first = calendar.in_week(self._today, 2, 0)
            return self._vague(match, first, first + timedelta(days=6))
        found = calendar.in_week(self._today, 2, weekday)
        return self._given(match, found, other=calendar.coming(self._today, weekday, after_today=True) + calendar.WEEK)

    def _of_week(self, match: re.Match[str]) -> Parsed | None:
        """ "Saturday next week", "next week on Saturday"; next week alone is no day."""
        weeks = 0 if part(match, "r") == "6" else 1
        weekday = self._value(match, "w") if part(match, "w") else self._value(match, "w2")
        if weekday is None:
            return self._vague(match, calendar.in_week(self._today, weeks, 0), calendar.in_week(self._today, weeks, 6))
        return self._given(match, calendar.in_week(self._today, weeks, weekday))

    # -- so far away

    def _ahead(self, match: re.Match[str]) -> Parsed | None:
        """ "in two weeks", "3 days from now", "in two weeks on Saturday"."""
        count = self._value(match, "n")
        if count is None or count > 400:
            return None
        weekday = self._value(match, "w") if part(match, "w") else self._value(match, "w2")
        if part(match, "u") == "m":
            year, month = self._today.year, self._today.month
            for _ in range(count):
                year, month = calendar.next_month(year, month)
            return self._vague(match, date(year, month, 1), end_of(year, month))
        if weekday is not None:
            return self._given(match, calendar.in_week(self._today, count if part(match, "u") == "w" else 0, weekday))
        return self._given(match, self._today + timedelta(days=count * (7 if part(match, "u") == "w" else 1)))

    def _so_many_weekdays(self, match: re.Match[str]) -> Parsed | None:
        count, weekday = self._value(match, "n"), self._value(match, "w")
        if count is None or weekday is None or not 1 <= count <= 60:
            return None
        first = calendar.coming(self._today, weekday, after_today=True)
        return self._given(match, first + (count - 1) * calendar.WEEK)

    def _wished(self, match: re.Match[str]) -> bool:
        """Whether a day that is over may be meant for the party: of "yesterday" people tell what was."""
        return self._asked or self._letters[match.start() - 1 : match.start()] == "u"

    def _from_today(self, match: re.Match[str]) -> Parsed | None:
        offset = self._value(match, "n")
        assert offset is not None
        if offset < 0 and not self._wished(match):
            return Parsed(match.start(), match.end())
        return self._dated(match, self._today + timedelta(days=offset), self._value(match, "w"), yearless=False)

    def _from_anchor(self, match: re.Match[str]) -> Parsed | None:
        """ "the week after", "the following Saturday": from a date spoken of before."""
        if self._anchor is None:
            return None
        count = self._value(match, "n") or 1
        unit = next(name for name in ("u", "u2", "u3") if part(match, name))
        return self._moved(match, self._anchor, unit, -count if part(match, "o") == "b" else count)

    def _from_date(self, match: re.Match[str]) -> Parsed | None:
        """ "two weeks from Friday", "the day after Thanksgiving", "the Saturday before Christmas"."""
        if part(match, "o") == "f" and not part(match, "n"):
            return None
        base = self._inside(match.end())
        if base is None or not base.dates:
            return None
        count = self._value(match, "n") or 1
        moved = self._moved(match, base.dates[0], "u", -count if part(match, "o") == "b" else count)
        return replace(moved, end=base.end)

    def _moved(self, match: re.Match[str], day: date, name: str, count: int) -> Parsed:
        """So many of the named unit after a day (before it where negative)."""
        unit = part(match, name)
        if unit in "dw":
            return self._given(match, day + timedelta(days=count * (7 if unit == "w" else 1)))
        weekday = calendar.SATURDAY if unit == "e" else self._value(match, name)
        assert weekday is not None
        first = calendar.coming(day, weekday, after_today=True) if count > 0 else calendar.before(day, weekday)
        found = first + (count - 1 if count > 0 else count + 1) * calendar.WEEK
        return self._given(match, *((found, found + calendar.DAY) if unit == "e" else (found,)))
