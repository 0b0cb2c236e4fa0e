"""The calendar: weekdays of a month, next occurrences, holidays by their rule. Pure; weekdays are Monday 0 to Sunday 6."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def day_of(year: int, month: int, day: int) -> date | None:
    """The date, None where the month has no such day."""
    if not (1 <= month <= 12 and 1 <= year <= 9998 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def next_day_of_month(today: date, day: int) -> date | None:
    """The next month's day with this number, today included: "the 31st" skips shorter months."""
    year, month = today.year, today.month
    for _ in range(12):
        found = day_of(year, month, day)
        if found is not None and found >= today:
            return found
        year, month = next_month(year, month)
    return None


def next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def coming(today: date, weekday: int, *, after_today: bool = False) -> date:
    """The next such weekday, today included unless `after_today`."""
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead or (7 if after_today else 0))


def before(day: date, weekday: int) -> date:
    """The last such weekday before a day."""
    return day - timedelta(days=(day.weekday() - weekday) % 7 or 7)


def in_week(today: date, weeks: int, weekday: int) -> date:
    """That weekday of the week so many weeks after today's; weeks begin on Monday."""
    return today - timedelta(days=today.weekday()) + timedelta(days=7 * weeks + weekday)


def nearest(day: date, weekday: int) -> date:
    """The closest such weekday, the later one never being more than three days away."""
    ahead = (weekday - day.weekday()) % 7
    return day + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def nth(year: int, month: int, n: int, weekday: int) -> date | None:
    """The n-th such weekday of a month (-1: the last), None where there is none."""
    first, last = date(year, month, 1), monthrange(year, month)[1]
    days = list(range(1 + (weekday - first.weekday()) % 7, last + 1, 7))
    if n == -1:
        return date(year, month, days[-1])
    return date(year, month, days[n - 1]) if 1 <= n <= len(days) else None


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    j, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * j - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(month: int, n: int, weekday: int, plus: int = 0) -> Callable[[int], date]:
    def rule(year: int) -> date:
        found = nth(year, month, n, weekday)
        assert found is not None  # every month has four of each
        return found + plus * DAY

    return rule


# Holidays of the United States, by the names under which the word lists know them.
HOLIDAYS: dict[str, Callable[[int], date]] = {
    "new_years_day": _fixed(1, 1),
    "martin_luther_king": _nth(1, 3, 0),
    "valentines": _fixed(2, 14),
    "presidents": _nth(2, 3, 0),
    "st_patricks": _fixed(3, 17),
    "good_friday": lambda year: easter(year) - 2 * DAY,
    "easter": easter,
    "easter_monday": lambda year: easter(year) + DAY,
    "mothers": _nth(5, 2, SUNDAY),
    "memorial": _nth(5, -1, 0),
    "juneteenth": _fixed(6, 19),
    "fathers": _nth(6, 3, SUNDAY),
    "independence": _fixed(7, 4),
    "labor": _nth(9, 1, 0),
    "columbus": _nth(10, 2, 0),
    "halloween": _fixed(10, 31),
    "day_of_the_dead": _fixed(11, 2),
    "veterans": _fixed(11, 11),
    "thanksgiving": _nth(11, 4, 3),
    "black_friday": _nth(11, 4, 3, plus=1),
    "christmas_eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "new_years_eve": _fixed(12, 31),
}


def holiday(key: str, today: date, year: int | None = None) -> date:
    """The holiday of that year, else the next one, today included."""
    rule = HOLIDAYS[key]
    if year is not None:
        return rule(year)
    return next(found for ahead in range(2) if (found := rule(today.year + ahead)) >= today)


def weekend_of(day: date) -> tuple[date, ...]:
    """The weekend that a day belongs to, Saturday first: with the Monday or the Friday that the day itself makes long."""
    saturday = nearest(day, SATURDAY)
    if day.weekday() == 6:
        saturday = day - DAY
    days = [saturday, saturday + DAY]
    if day.weekday() == 0:
        days = [day - 2 * DAY, day - DAY, day]
    elif day.weekday() == 4:
        days = [saturday, saturday + DAY, day]
    return tuple(days)
