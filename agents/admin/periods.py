"""Days as colleagues say them: "this weekend", "last month", "the next 14 days", "in October". What the grammar of dates reads (one day,
some days) counts where none of these is said. Pure."""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.understanding.text import fold

DAY = dt.timedelta(days=1)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_WHICH = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
_SAID = "|".join(_WHICH)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: dt.date
    last: dt.date


def period(question: str, today: dt.date, dates: Sequence[dt.date] = (), *, backwards: bool = False) -> Period | None:
    """What a question says of days, else the `dates` that the grammar read. `backwards`: a bare month is the one that was, not the next."""
    folded = fold(question)
    for pattern, of in _PATTERNS:
        if match := pattern.search(folded):
            return of(match, today)
    if match := _MONTH.search(folded):
        return _named_month(match, today, backwards)
    return Period(min(dates), max(dates)) if dates else None


def _weekend(match: re.Match[str], today: dt.date) -> Period:
    """Friday to Sunday: parties are on Fridays too."""
    friday = _monday(today) + dt.timedelta(days=4 + 7 * _WHICH[match["which"]])
    return Period(friday, friday + 2 * DAY)


def _week(match: re.Match[str], today: dt.date) -> Period:
    monday = _monday(today) + dt.timedelta(days=7 * _WHICH[match["which"]])
    return Period(monday, monday + 6 * DAY)


def _month(match: re.Match[str], today: dt.date) -> Period:
    months = today.year * 12 + today.month - 1 + _WHICH[match["which"]]
    return _whole_month(months // 12, months % 12 + 1)


def _year(match: re.Match[str], today: dt.date) -> Period:
    year = today.year + _WHICH[match["which"]]
    return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _so_many(match: re.Match[str], today: dt.date) -> Period:
    """ "The next 14 days" begin today; "the last 14 days" end today."""
    days = dt.timedelta(days=min(int(match["n"]) * {"day": 1, "week": 7, "month": 30}[match["unit"]], 732))
    return Period(today, today + days) if _WHICH[match["which"]] > 0 else Period(today - days, today)


def _named_month(match: re.Match[str], today: dt.date, backwards: bool) -> Period:
    month = _MONTHS[match["month"]]
    if match["year"]:
        return _whole_month(int(match["year"]), month)
    turned = month > today.month if backwards else month < today.month
    return _whole_month(today.year + (turned and (-1 if backwards else 1)), month)


def _whole_month(year: int, month: int) -> Period:
    return Period(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], Period]], ...] = (
    (re.compile(rf"\b(?P<which>{_SAID})\s+(?P<n>\d{{1,3}})\s+(?P<unit>day|week|month)s?\b"), _so_many),
    (re.compile(rf"\b(?P<which>{_SAID})\s+week-?\s?end\b"), _weekend),
    (re.compile(rf"\b(?P<which>{_SAID})\s+week\b"), _week),
    (re.compile(rf"\b(?P<which>{_SAID})\s+month\b"), _month),
    (re.compile(rf"\b(?P<which>{_SAID})\s+year\b"), _year),
    (re.compile(r"\bday after tomorrow\b"), lambda match, today: Period(today + 2 * DAY, today + 2 * DAY)),
    (re.compile(r"\btomorrow\b"), lambda match, today: Period(today + DAY, today + DAY)),
    (re.compile(r"\byesterday\b"), lambda match, today: Period(today - DAY, today - DAY)),
    (re.compile(r"\b(?:today|tonight)\b"), lambda match, today: Period(today, today)),
)
_MONTH = re.compile(
    rf"\b(?:in|of|for|during|since)\s+(?:the month of\s+)?(?P<month>{'|'.join(_MONTHS)})(?:\s+(?P<year>20\d\d))?\b(?!\s*\d)"
)
