"""The calendar of campaigns: for any year the window in which a season's texts go out, and the day that it is for. By rule, pure.

A day is written as `07-04` or as `second sunday of may` (profile, `messages.campaigns.seasons`). A window may lie in the year before its
day: New Year's is in December.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from business.profile.growth import Season
from business.profile.schemas import Profile

OTHERS = ("birthday", "win_back")
"""What a campaign may be for that stands in no calendar."""
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_MONTHS = [name.lower() for name in calendar.month_name]
_NO_DAY_BUT_OPEN = timedelta(days=13)
"""How long a window stands open that names no end and is for no day."""


@dataclass(frozen=True, slots=True)
class Window:
    """One season in one year: texts go out from `opens` to `closes`, both included. `day`: what it is for, None where it is no day."""

    season: Season
    opens: date
    closes: date
    day: date | None

    @property
    def key(self) -> str:
        return self.season.key

    @property
    def ends(self) -> date:
        """The day that it is for; where it is for none, when it closes. Until then a text speaks of this one."""
        return max(self.closes, self.day or self.closes)

    def holds(self, day: date) -> bool:
        return self.opens <= day <= self.closes


def day_of(rule: str, year: int) -> date:
    """The day of a rule in that year. Rules are checked where the profile is read."""
    if " " not in rule:
        return _dated(rule, year)
    ordinal, weekday, _, month = rule.split()
    weeks = calendar.Calendar().monthdatescalendar(year, _MONTHS.index(month))
    days = [week[_WEEKDAYS.index(weekday)] for week in weeks]
    return [day for day in days if day.month == _MONTHS.index(month)][_ORDINALS[ordinal]]


def window(season: Season, year: int) -> Window:
    """The one that opens in that year. Without an end it stands open until the day before its day."""
    opens = _dated(season.opens, year)
    day = _day_after(season, opens)
    if season.closes is not None:
        closes = _dated(season.closes, year)
        if closes < opens:
            closes = _dated(season.closes, year + 1)
    else:
        closes = day - timedelta(days=1) if day is not None else opens + _NO_DAY_BUT_OPEN
    return Window(season, opens, closes, day)


def windows(profile: Profile, first: int, last: int) -> tuple[Window, ...]:
    """Those that open in the years from `first` to `last`, in order."""
    found = [window(season, year) for year in range(first, last + 1) for season in profile.messages.campaigns.seasons]
    return tuple(sorted(found, key=lambda one: (one.opens, one.closes, one.key)))


def current(profile: Profile, key: str, today: date) -> Window | None:
    """The window of a season that is open today, or whose day is still to come, or the next one. None where the profile knows no such
    season."""
    season = next((one for one in profile.messages.campaigns.seasons if one.key == key), None)
    if season is None:
        return None
    found = (window(season, year) for year in (today.year - 1, today.year, today.year + 1))
    return next(one for one in found if one.ends >= today)


def known(profile: Profile, key: str) -> bool:
    """Whether a campaign may be for it."""
    return key in OTHERS or any(season.key == key for season in profile.messages.campaigns.seasons)


def _day_after(season: Season, opens: date) -> date | None:
    """The first day of its rule from the opening on."""
    if season.day is None:
        return None
    day = day_of(season.day, opens.year)
    return day if day >= opens else day_of(season.day, opens.year + 1)


def _dated(month_day: str, year: int) -> date:
    """February 29 is the 28th where there is none."""
    month, day = map(int, month_day.split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
