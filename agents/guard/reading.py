"""Reads one figure where it begins: what kind it is, what it may mean, where it ends. Pure; English and Spanish."""

from dataclasses import dataclass

from agents.guard.dates import Day, day_at, key_of, time_at
from agents.guard.figures import ANY, Kind, plain
from agents.guard.lexing import Lexeme
from agents.guard.numbers import Number, begins_number, number_at
from agents.guard.reaching import address_at, email_at, link_at, phone_at
from agents.guard.said import UNREADABLE, Said
from agents.guard.view import View
from agents.guard.words import (
    ARTICLES,
    BETWEEN,
    CENTS,
    CLOCKS,
    COUNTED,
    CURRENCY,
    DOLLARS,
    DOZENS,
    HUNDREDS,
    MILES,
    MONTHS,
    ORDINAL_ENDS,
    ORDINALS,
    OTHER_MONEY,
    PERCENT,
    RANGES,
    SCALES,
    SCHEMES,
    SPANS,
    WEEKDAYS,
)

# Written right behind a number without making it another.
_SUFFIXES = frozenset("x k ft in s cm m lb lbs oz mi am pm a p h hr hrs min mins st nd rd th usd o ish".split())
# Words for a number of things up to this, with nothing named that is counted, are no figure: "three ways".
SMALL_WORDS = 10
# "a few hundred": no figure that anybody could vouch for.
_VAGUE = frozenset("few couple several some of unos unas varios varias".split())
_MANY = frozenset({*HUNDREDS, *SCALES, *DOZENS})
_YEARS = frozenset("year years yr yrs yo ano anos".split())
_NO_UNIT = frozenset(["-", "—", "to", "a", "al", "&", "through", "hasta", "thru", "until"])


_GROUPS = [[who, of] for who in ("party", "parties", "group", "groups") for of in ("of",)] + [
    ["grupo", "de"],
    ["grupos", "de"],
    ["fiesta", "de"],
]
_AGES = {
    **dict.fromkeys("over older up above mas mayor mayores".split(), frozenset({"from"})),
    **dict.fromkeys("under younger below less menos menor menores".split(), frozenset({"to"})),
}


@dataclass(frozen=True, slots=True)
class Unit:
    kind: Kind
    end: int
    factor: int = 1
    nouns: frozenset[str] = ANY


def read(view: View, at: int, language: str, last: tuple[Said, int] | None, *, loose: bool = False) -> Said | None:
    """The figure that begins at this lexeme, or None. `last`: the one before, with its first lexeme. `loose`: as customers write."""
    lexeme = view.at(at)
    if lexeme.kind == "m":
        if lexeme.text in CURRENCY:
            return _behind_sign(view, at)
        return email_at(view, at) if lexeme.text == "@" else None
    link = link_at(view, at)
    if link is not None:
        return link
    if lexeme.kind == "w" and lexeme.text in DOLLARS | CENTS | OTHER_MONEY:
        return _one_dollar(view, at)
    if lexeme.kind == "n" and (phone := phone_at(view, at)):
        return phone
    day = day_at(view, at, language)
    if day is not None:
        return _said_day(day, at, view, last)
    moment = time_at(view, at)
    if moment is not None and not (lexeme.text in ARTICLES and view.at(moment.end).text == "of"):
        return Said("time", moment.values, moment.end)
    number = number_at(view, at)
    if number is None:
        return None
    return _counted(view, at, number, language, last, loose=loose)


def _counted(view: View, at: int, number: Number, language: str, last: tuple[Said, int] | None, *, loose: bool) -> Said | None:
    """A number with its unit, by what follows or by what it is a range with."""
    lexeme = view.at(at)
    of_many = lexeme.text in ARTICLES and view.at(number.end).text in ("of", "de")
    unit = None if of_many else _unit(view, number.end)
    if lexeme.kind == "w" and not begins_number(lexeme, language) and len(number.groups) == 1 and number.end == at + 1 and unit is None:
        return None
    vague = lexeme.kind == "w" and at > 0 and view.lexemes[at - 1].text in _VAGUE and lexeme.text in _MANY
    if vague:
        return Said("number", (UNREADABLE,), number.end, bare=True)
    if number.value is None:
        return Said("number", (UNREADABLE,), number.end, bare=True)
    after = view.at(number.end)
    if lexeme.kind == "n" and after.kind == "w" and after.glued and after.text not in _SUFFIXES and unit is None:
        return Said("number", (UNREADABLE,), number.end, bare=True)
    if unit is None and [one.text for one in view.lexemes[max(0, at - 2) : at]] in _GROUPS:
        unit = Unit("count", number.end, 1, frozenset({"guest"}))
    if unit is None:
        unit = _of_range(view, number.end) or _of_last(view, at, last)
    if unit is not None:
        return Said(unit.kind, _values(number, unit), max(unit.end, number.end), unit.nouns)
    if lexeme.kind == "n" and (address := address_at(view, at, number, loose=loose)):
        return address
    if len(number.groups) >= 6:
        return Said("phone", (number.digits,), number.end)
    end = number.end + 1 if after.text in ORDINAL_ENDS and after.glued else number.end
    if lexeme.kind == "n" and after.text == ":" and after.glued and view.at(end + 1).kind == "n" and view.at(end + 1).glued:
        return Said("number", (UNREADABLE,), end, bare=True)
    if after.text == "x" and view.at(end + 1).text in CURRENCY:
        return Said("count", (plain(number.value),), end)
    nouns = _age(view, at, end)
    if nouns:
        return Said("number", (plain(number.value),), end, nouns, bare=True)
    small = number.worded and number.end == at + 1 and number.value <= SMALL_WORDS
    return Said("number", (plain(number.value),), end, bare=True, small=small)


def _age(view: View, at: int, end: int) -> frozenset[str]:
    """What an age is: `13+`, `13 or older` are where something begins; `5 and under` is where it ends, `under 6` below which it ends."""
    if view.at(end).text in _YEARS:
        end += 1
    if view.at(end).text == "+":
        return frozenset({"from"})
    if view.at(end).text in ("and", "or", "y", "o"):
        return _AGES.get(view.at(end + 1).text, ANY)
    before = [one.text for one in view.lexemes[max(0, at - 2) : at]]
    if before[-1:] == ["under"] or before in (["younger", "than"], ["menores", "de"], ["menos", "de"]):
        return frozenset({"below"})
    return ANY


def _values(number: Number, unit: Unit) -> tuple[str, ...]:
    assert number.value is not None
    amount = number.value * unit.factor
    if unit.kind == "money" and unit.nouns:
        return (f"{next(iter(unit.nouns))}{plain(amount)}",)
    return (plain(amount),)


def _unit(view: View, at: int) -> Unit | None:
    """The unit that follows a number: `dollars`, `%`, `miles`, `hours`, `guests`; a hyphen or `more` may stand between."""
    lexeme = view.at(at)
    if lexeme.text == "%":
        return Unit("percent", at + 1)
    if lexeme.text in CURRENCY:
        return _currency(lexeme.text, at + 1)
    if lexeme.text == "-" and lexeme.glued and view.at(at + 1).glued and view.at(at + 1).kind == "w":
        at += 1
        lexeme = view.at(at)
    for _ in range(3):
        found = _unit_word(view, at, lexeme)
        if found is not None or lexeme.text not in BETWEEN:
            return found
        at += 1
        lexeme = view.at(at)
    return None


def _unit_word(view: View, at: int, lexeme: Lexeme) -> Unit | None:
    text = lexeme.text
    if lexeme.kind != "w":
        return None
    if text in DOLLARS:
        return Unit("money", at + 1, 100)
    if text == "us" and view.at(at + 1).text in DOLLARS:
        return Unit("money", at + 2, 100)
    if text in CENTS:
        return Unit("money", at + 1)
    if text in OTHER_MONEY:
        return Unit("money", at + 1, 100, frozenset({f"{text[:3]} "}))
    if text in PERCENT or (text in ("per", "por") and view.at(at + 1).text in ("cent", "ciento")):
        return Unit("percent", at + 1 if text in PERCENT else at + 2)
    if text in MILES:
        return Unit("miles", at + 1)
    if text in SPANS:
        return Unit("minutes", at + 1, SPANS[text])
    if text in COUNTED:
        return Unit("count", at + 1, 1, frozenset({COUNTED[text]}))
    return None


def _currency(sign: str, end: int) -> Unit:
    code = CURRENCY[sign]
    if code == "cent":
        return Unit("money", end)
    return Unit("money", end, 100, frozenset({code}) if code else ANY)


def _of_range(view: View, at: int) -> Unit | None:
    """The unit behind the other end of a range: `20-35 %`, `5 to 10 minutes`; `and` and `or` only where no counts are meant."""
    joint = view.at(at)
    if joint.text not in RANGES:
        return None
    here = at + 1
    if view.at(here).text in ("the", "el", "a"):
        here += 1
    if view.at(here).text in CURRENCY:
        return _end_at(_currency(view.at(here).text, at), at)
    if view.at(here).kind != "n" and not (view.at(here).kind == "w" and number_at(view, here)):
        return None
    other = number_at(view, here)
    unit = _unit(view, other.end) if other is not None else None
    if unit is None or (unit.kind in ("count", "number") and joint.text not in _NO_UNIT):
        return None
    return _end_at(unit, at)


def _end_at(unit: Unit, end: int) -> Unit:
    return Unit(unit.kind, end, unit.factor, unit.nouns)


def _of_last(view: View, at: int, last: tuple[Said, int] | None) -> Unit | None:
    """The unit of the figure that this one is a range with: `$50-60`."""
    if last is None or last[0].kind not in ("money", "percent"):
        return None
    said = last[0]
    between = [lexeme.text for lexeme in view.lexemes[said.end : at]]
    if len(between) != 1 or between[0] not in RANGES:
        return None
    return Unit(said.kind, at, 100 if said.kind == "money" else 1)


def _behind_sign(view: View, at: int) -> Said | None:
    """`$590`, `$ 5 90`, `$1.1k`, `$fifty`."""
    unit = _currency(view.at(at).text, at)
    after = view.at(at + 1)
    number = number_at(view, at + 1, spaced=True) if after.kind in ("n", "w") else None
    if number is None:
        return Said("money", (UNREADABLE,), at + 1) if after.glued and after.kind == "w" else None
    glued = view.at(number.end)
    if number.value is None or (glued.kind == "w" and glued.glued and glued.text not in ("k", "usd", "ish", "per")):
        return Said("money", (UNREADABLE,), number.end)
    end = number.end
    if view.at(end).text in DOLLARS:
        end += 1
    return Said("money", _values(number, unit), end)


def _one_dollar(view: View, at: int) -> Said | None:
    """`USD 55`; `a dollar a mile`; else the word alone is no figure."""
    text = view.at(at).text
    if text == "usd" or text in ("eur", "gbp", "mxn"):
        number = number_at(view, at + 1, spaced=True) if view.at(at + 1).kind in ("n", "w") else None
        if number is not None and number.value is not None:
            prefix = "" if text == "usd" else f"{text} "
            return Said("money", (f"{prefix}{plain(number.value * 100)}",), number.end)
        return None
    before = view.lexemes[at - 1].text if at else ""
    if before in ("a", "per", "un", "few", "couple", "several", "some", "unos", "of", "cuantos") and text not in ("us",):
        after = view.at(at + 1).text
        if before in ("few", "couple", "several", "unos") or after in (
            "a",
            "per",
            "each",
            "for",
            "por",
            "cada",
            "off",
            "extra",
            "more",
            "mas",
        ):
            return Said("money", ("100" if before in ("a", "un") and text in DOLLARS else UNREADABLE,), at + 1)
    return None


def _said_day(day: Day, at: int, view: View, last: tuple[Said, int] | None) -> Said:
    if day.month is None and day.day is None:
        assert day.weekday is not None
        paired = _weekday_of_last(view, at, day.weekday, last)
        return Said("date", paired, day.end) if paired else Said("weekday", (str(day.weekday),), day.end)
    return Said("date", (key_of(day),), day.end)


def _weekday_of_last(view: View, at: int, weekday: int, last: tuple[Said, int] | None) -> tuple[str, ...]:
    """`December 5 is a Saturday`: the date before with its weekday, which must agree."""
    if last is None or last[0].kind != "date" or "/" in last[0].values[0]:
        return ()
    between = [lexeme.text for lexeme in view.lexemes[last[0].end : at]]
    if len(between) > 4 or not set(between) <= {
        ",",
        "(",
        "a",
        "an",
        "is",
        "on",
        "falls",
        "it's",
        "es",
        "un",
        "cae",
        "en",
        "which",
        "-",
        "que",
    }:
        return ()
    return (f"{last[0].values[0]}/{weekday}",)


FIGURE_WORDS = frozenset(
    {*MONTHS, *WEEKDAYS, *CLOCKS, *SCHEMES, *DOLLARS, *CENTS, *OTHER_MONEY, *ORDINALS}
)  # fmt: skip
