"""What a reply states, for two of them to be compared: amounts as they are written, dates as the days that are meant. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from agents.guard.dates import keys_of_date
from agents.guard.licence import readings
from agents.guard.said import UNREADABLE, Said
from business.profile.figures import money

# As far ahead as anybody books, and a little back: "last Friday".
_BACK, _AHEAD = 7, 500
_MONTH = re.compile(r"--\d\d|\d{4}-\d\d")  # of any year, or of one


@dataclass(frozen=True, slots=True)
class Stated:
    """`amounts` like `$660`; `dates` ISO, or as far as they were said (`--12`: some December)."""

    amounts: frozenset[str]
    dates: frozenset[str]


def stated(text: str, language: str, today: date) -> Stated:
    """What stands in a text; `today` at the venue. What cannot be read is nothing that could be compared."""
    said = readings(text, language)
    return Stated(
        amounts=frozenset(amount for one in said if one.kind == "money" for amount in _amounts(one)),
        dates=frozenset(_day(value, today) for one in said if one.kind in ("date", "weekday") for value in one.values),
    )


def _amounts(said: Said) -> Iterator[str]:
    for value in said.values:
        # Another currency stands before its number: `eur 2000` are 20.
        currency, _, cents = value.rpartition(" ")
        if cents.isdecimal():
            amount = money(int(cents))
            yield f"{currency} {amount[1:]}" if currency else amount
        elif value != UNREADABLE:
            yield value


def _day(value: str, today: date) -> str:
    """The nearest day that is meant: from today on, else in the days before. As it was said where no day is."""
    days = [today + timedelta(days=ahead) for ahead in (*range(_AHEAD), *range(-1, -_BACK - 1, -1))]
    if value.isdecimal():
        return next(day for day in days if day.weekday() == int(value)).isoformat()
    if _MONTH.fullmatch(value):
        return value
    return next((day.isoformat() for day in days if value in keys_of_date(day)), value)
