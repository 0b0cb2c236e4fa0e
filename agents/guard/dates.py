"""Dates, weekdays and times as they are written and said. A date that was said in part is looked up by that part."""

from dataclasses import dataclass
from datetime import date

from agents.guard.numbers import number_at
from agents.guard.view import View
from agents.guard.words import AM_PM, CLOCKS, DAY_PARTS, DOUBTFUL, MONTHS, ORDINAL_ENDS, ORDINALS, UNITS, WEEKDAYS

_BEFORE_MONTH = frozenset("in of this next last late early mid during en".split())
_BEFORE_DAY = frozenset("on this next every el este".split())
_AFTER_DAY = frozenset("at is works for and or in with we would will from to it y o es a las".split())


@dataclass(frozen=True, slots=True)
class Day:
    """Parts of a date; None where one was not said. Weekday: Monday is 0."""

    month: int | None
    day: int | None
    year: int | None
    end: int
    weekday: int | None = None


def keys_of_date(day: date) -> tuple[str, ...]:
    """Everything by which a date may be said: whole or in part, with its weekday or without."""
    parts = (day.isoformat(), f"--{day:%m-%d}", f"---{day:%d}", f"--{day:%m}", f"{day:%Y-%m}")
    return (*parts, *(f"{part}/{day.weekday()}" for part in parts))


def key_of(day: Day) -> str:
    """The key by which `keys_of_date` finds a date that was said."""
    if day.day is None:
        key = f"--{day.month:02d}" if day.year is None else f"{day.year:04d}-{day.month:02d}"
    elif day.month is None:
        key = f"---{day.day:02d}"
    elif day.year is None:
        key = f"--{day.month:02d}-{day.day:02d}"
    else:
        key = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    return key if day.weekday is None else f"{key}/{day.weekday}"


def day_at(view: View, at: int, language: str) -> Day | None:
    """The date that begins there, or the weekday (`month` and `day` None) with the date that follows it."""
    lexeme = view.at(at)
    if lexeme.kind == "w" and lexeme.text in WEEKDAYS:
        return _weekday(view, at, language)
    return _date(view, at, language)


def _weekday(view: View, at: int, language: str) -> Day | None:
    lexeme = view.at(at)
    weekday, here = WEEKDAYS[lexeme.text], at + 1
    if lexeme.text in DOUBTFUL and view.at(here).text == ".":
        here += 1
    alone = here
    while view.at(here).text in (",", "the", "el", "dia", "(") and here - alone < 3:
        here += 1
    follows = view.at(here)
    if follows.kind in ("n", "w"):
        day = _date(view, here, language) or _bare_day(view, here)
        if day is not None:
            return Day(day.month, day.day, day.year, day.end, weekday)
    if lexeme.text in DOUBTFUL:
        before = view.lexemes[at - 1].text if at else ""
        if not (lexeme.capital and before in _BEFORE_DAY) and not (before and view.at(at + 1).text in ("at", "-", "to", "a")):
            return None
    return Day(None, None, None, alone, weekday)


def _bare_day(view: View, at: int) -> Day | None:
    """`the 5th`, `el sabado 5`: a day of a month that was not said."""
    number = number_at(view, at)
    if number is None or number.whole is None or not 1 <= number.whole <= 31 or number.worded:
        return None
    after = view.at(number.end)
    if after.text in ORDINAL_ENDS and after.glued:
        return Day(None, number.whole, None, number.end + 1)
    if after.text in (":", "am", "pm", "a", "p", "people", "guests", "adults", "adultos", "personas", "invitados", "-", "/"):
        return None
    return Day(None, number.whole, None, number.end)


def _date(view: View, at: int, language: str) -> Day | None:
    lexeme = view.at(at)
    if lexeme.kind == "n":
        return _numeric(view, at, language) or _day_month(view, at)
    if lexeme.kind != "w":
        return None
    if lexeme.text in MONTHS:
        return _month(view, at)
    if lexeme.text in ORDINALS or lexeme.text in UNITS or number_at(view, at) is not None:
        return _day_month(view, at)
    return None


def _numeric(view: View, at: int, language: str) -> Day | None:
    """`2026-12-05`, `12/5`, `12/05/26`."""
    mark = view.at(at + 1)
    if mark.text not in ("/", "-", ".") or not mark.glued:
        return None
    second = view.at(at + 2)
    if second.kind != "n" or not second.glued:
        return None
    first, end = view.at(at).text, at + 3
    third = view.at(at + 4) if view.at(at + 3).text == mark.text and view.at(at + 3).glued else None
    year = None
    if third is not None and third.kind == "n" and third.glued:
        end = at + 5
        if len(first) == 4:
            return _checked(int(second.text), int(third.text), int(first), end)
        if len(third.text) not in (2, 4):
            return None
        year = int(third.text) + (2000 if len(third.text) == 2 else 0)
    elif mark.text != "/":
        return None
    if len(first) > 2 or len(second.text) > 2:
        return None
    month, day = (int(second.text), int(first)) if language == "es" else (int(first), int(second.text))
    return _checked(month, day, year, end)


def _checked(month: int, day: int, year: int | None, end: int) -> Day | None:
    return Day(month, day, year, end) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _month(view: View, at: int) -> Day | None:
    """`December 5`, `Dec. 5th, 2026`, `December fifth`, `December`."""
    lexeme = view.at(at)
    month, here = MONTHS[lexeme.text], at + 1
    if view.at(here).text == "." and lexeme.text in DOUBTFUL and view.at(here + 1).kind == "n":
        here += 1
    if view.at(here).text == "the":
        here += 1
    found = _ordinal(view, here)
    if found is not None and found[0] <= 31:
        day, end = found
        year, end = _year(view, end)
        return Day(month, day, year, end)
    year, end = _year(view, at + 1)
    before = view.lexemes[at - 1].text if at else ""
    if year is None and lexeme.text in DOUBTFUL:
        said = before in _BEFORE_MONTH and (lexeme.capital or lexeme.text == "mayo")
        if not said:
            return None
    return Day(month, None, year, end)


def _day_month(view: View, at: int) -> Day | None:
    """`5 December`, `5th of December`, `5 de diciembre de 2026`, `the fifth of May`, `the 5th`."""
    found = _ordinal(view, at)
    if found is None:
        return None
    day, end = found
    here = end + 1 if view.at(end).text in ("of", "de") else end
    month = view.at(here)
    if month.kind == "w" and month.text in MONTHS and not (here == end and month.text in ("may", "march", "sun", "sat", "mar", "sep")):
        year, end = _year(view, here + 1)
        return Day(MONTHS[month.text], day, year, end)
    text = view.at(at).text
    before = view.lexemes[at - 1].text if at else ""
    ordinal = view.at(end - 1).text in ORDINAL_ENDS or (text in ORDINALS and text not in ("first", "second", "third", "primero"))
    after = view.at(end)
    if ordinal and before in ("the", "el") and (after.kind != "w" or after.text in _AFTER_DAY):
        return Day(None, day, None, end)
    return None


def _ordinal(view: View, at: int) -> tuple[int, int] | None:
    """(day, lexeme behind it): `5`, `5th`, `fifth`, `twenty-first`, `cinco`."""
    lexeme = view.at(at)
    if lexeme.kind == "w" and lexeme.text in ORDINALS:
        return ORDINALS[lexeme.text], at + 1
    if lexeme.kind == "n" and len(lexeme.text) <= 2:
        day, end = int(lexeme.text), at + 1
        if view.at(end).text in ORDINAL_ENDS and view.at(end).glued:
            end += 1
        return (day, end) if 1 <= day <= 31 else None
    if lexeme.kind != "w":
        return None
    number = number_at(view, at)
    if number is None or number.whole is None:
        return None
    day, end = number.whole, number.end
    if day in (20, 30):
        here = end + 1 if view.at(end).text == "-" else end
        more = ORDINALS.get(view.at(here).text, 99)
        if more < 10:
            return day + more, here + 1
    return (day, end) if 1 <= day <= 31 else None


def _year(view: View, at: int) -> tuple[int | None, int]:
    here = at + 1 if view.at(at).text in (",", "de", "del") else at
    lexeme = view.at(here)
    if lexeme.kind == "n" and len(lexeme.text) == 4 and lexeme.text.startswith("20"):
        return int(lexeme.text), here + 1
    return None, at


@dataclass(frozen=True, slots=True)
class Moment:
    """What a time may mean, HH:MM; two where the half of the day was not said."""

    values: tuple[str, ...]
    end: int


def time_at(view: View, at: int) -> Moment | None:
    """`6:00 PM`, `6pm`, `18:30`, `noon`, `six o'clock`, `a las seis y media`, `at 6`. None: no time."""
    lexeme = view.at(at)
    if lexeme.text in CLOCKS:
        return Moment((CLOCKS[lexeme.text],), at + 1)
    number = number_at(view, at)
    if number is None or number.value is None:
        return None
    before = [one.text for one in view.lexemes[max(0, at - 3) : at]]
    hour, minute, end = number.whole, 0, number.end
    if len(number.groups) == 2 and number.groups[1] in (15, 30, 45):
        hour, minute = number.groups
    if hour is None or hour > 24 or (lexeme.kind == "n" and len(lexeme.text) > 2):
        return None
    clock = False
    if lexeme.kind == "n" and view.at(end).text == ":" and view.at(end).glued and end == at + 1:
        minutes = view.at(end + 1)
        if minutes.kind == "n" and minutes.glued and len(minutes.text) == 2 and int(minutes.text) < 60:
            minute, end, clock = int(minutes.text), end + 2, True
    if before[-1:] == ["past"] and before[-2:-1] in (["half"], ["quarter"]):
        minute, clock = (30 if before[-2] == "half" else 15), True
    if view.at(end).text == "y" and view.at(end + 1).text in ("media", "cuarto"):
        minute, end, clock = (30 if view.at(end + 1).text == "media" else 15), end + 2, True
    half, end = _half(view, end)
    if half is None and not clock and not _asked_for(view, before, end, lexeme.kind == "n"):
        return None
    return _moment(hour, minute, half, end)


def _moment(hour: int, minute: int, half: int | None, end: int) -> Moment | None:
    if half is not None:
        if not 1 <= hour <= 12:
            return Moment((f"{hour}:{minute:02d}?",), end)
        return Moment((f"{hour % 12 + half:02d}:{minute:02d}",), end)
    hours = (hour,) if hour > 12 or hour == 0 else (hour % 12, hour % 12 + 12)
    return Moment(tuple(f"{one % 24:02d}:{minute:02d}" for one in hours), end)


def _half(view: View, at: int) -> tuple[int | None, int]:
    """0 for the morning, 12 for the afternoon, None where it was not said; and the lexeme behind it."""
    lexeme = view.at(at)
    text = lexeme.text
    if text in ("am", "pm"):
        return AM_PM[text], at + 1
    if text in ("a", "p") and view.at(at + 1).text == "." and view.at(at + 2).text == "m":
        return AM_PM[text], at + (4 if view.at(at + 3).text == "." and view.at(at + 3).glued else 3)
    if text in ("in", "de") and view.at(at + 1).text in ("the", "la") and (part := view.at(at + 2).text) in DAY_PARTS:
        return DAY_PARTS[part], at + 3
    if text == "o'clock":
        return None, at + 1
    return None, at


def _asked_for(view: View, before: list[str], end: int, digits: bool) -> bool:
    """Whether a bare number is a time by the words around it."""
    if view.at(end - 1).text == "o'clock":
        return True
    after = view.at(end)
    if before[-2:] in (["a", "las"], ["a", "la"], ["hasta", "las"], ["desde", "las"], ["de", "las"]):
        return True
    if before[-1:] not in (["at"], ["until"], ["till"]):
        return False
    ends = after.kind in ("end", "l") or after.text in _AFTER_HOURS
    return ends or (digits and after.kind != "m" and after.text not in _NOT_HOURS)


_AFTER_HOURS = frozenset(". , ! ? ; ) on and or for works".split())
_NOT_HOURS = frozenset(
    "people guests adults kids children miles dollars hours minutes days percent per of each bucks chefs proteins years "
    "hour week weeks x".split()
)
