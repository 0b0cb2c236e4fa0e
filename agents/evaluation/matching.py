"""Whether a reply says a fact, and whether a call has an argument: by what is meant, never by how it is phrased. Pure."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from agents.understanding.text import fold
from business.profile.spoken import exact

_MONTHS = {
    "en": ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}
_NOON = time(12)
# Arguments that are free text: what is expected must stand somewhere in them.
_WITHIN = frozenset({"place", "address"})


def plain(text: str) -> str:
    """For comparing: case, accents, bold, kinds of spaces and of quotes aside."""
    return fold(text.replace("**", "").replace("×", "x").replace("\u00a0", " ").replace("\u202f", " "))


def says(text: str, wanted: str) -> bool:
    """Whether the reply contains `wanted`; figures as a whole: "$59" is not said by "$590", nor "30" by "$30" or "30.1"."""
    wanted = plain(wanted)
    before = r"(?<![\d:$])(?<!\d[.,])" if wanted[:1].isdigit() else ""
    after = r"(?!\d|[.,:]\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, plain(text)) is not None


def date_forms(day: date) -> tuple[str, ...]:
    """Every way in which a reply may name a day, in both languages; the year is not needed."""
    english, spanish = _MONTHS["en"][day.month - 1], _MONTHS["es"][day.month - 1]
    forms = [f"{name} {day.day}" for name in (english, english[:3], f"{english[:3]}.")]
    forms += [f"{day.day} {name}" for name in (english, english[:3], spanish, spanish[:3])]
    forms += [f"{day.day} de {spanish}", f"{day.month}/{day.day}", day.isoformat()]
    if day.day == 1:
        forms += [f"1º de {spanish}", f"primero de {spanish}"]
    return tuple(forms)


def time_forms(moment: time) -> tuple[str, ...]:
    """Every way in which a reply may name a time of the day."""
    long = exact(moment).lower()
    forms = [long, long.replace(" ", ""), f"{moment:%H:%M}"]
    if moment.minute == 0:
        forms += [long.replace(":00", ""), long.replace(":00 ", "")]
    forms += [form.replace("am", "a.m.").replace("pm", "p.m.") for form in forms if form.endswith("m")]
    if moment == _NOON:
        forms += ["noon", "mediodia"]
    return tuple(forms)


def money(cents: int) -> str:
    """As customers read it: `$1,100`, `$0.20`."""
    dollars, rest = divmod(cents, 100)
    return f"${dollars:,}.{rest:02d}" if rest else f"${dollars:,}"


def args_match(expected: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether every expected argument is there; nothing and zero are the same."""
    return all(_matches(key, value, given.get(key)) for key, value in expected.items())


def _matches(key: str, expected: Any, given: Any) -> bool:
    match expected:
        case dict():
            return args_match(expected, given if isinstance(given, Mapping) else {})
        case list() if isinstance(given, list | tuple):
            return all(any(_matches(key, one, other) for other in given) for one in expected)
        case list():
            return any(_matches(key, one, given) for one in expected)
        case bool():
            return given is expected
        case int():
            return not isinstance(given, bool) and (given or 0) == expected
        case str() if given is None:
            return False
        case str() if key in _WITHIN:
            return says(str(given), expected)
        case str() if key == "time":
            return str(given)[:5] == expected
    return plain(str(given)) == plain(str(expected))
