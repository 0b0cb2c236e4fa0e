"""Every fault of a profile that somebody wrote: where, what, why, what to do. Content or TOML in, profile or faults out. Pure."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from business.profile.consistency import Contradiction, Inconsistent, inconsistencies
from business.profile.fields import Part, Wrong
from business.profile.places import Path, line_of, lines
from business.profile.schemas import Profile

TEXT_AT_MOST = 4_000
ITEMS_AT_MOST = 500
DEPTH_AT_MOST = 12
_BAD_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that cannot stay. `path` is dotted, empty for the whole; `line` counts from 1 and is known of a text only."""

    path: str
    what: str
    why: str
    todo: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A profile, or what keeps it from being one; never both."""

    profile: Profile | None
    faults: tuple[Fault, ...] = ()


def check_text(text: str) -> Checked:
    """A profile written as TOML; faults know their line."""
    try:
        content = tomllib.loads(text)
        places = lines(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        what = str(error).partition(" (at ")[0]
        todo = "Look at this line and the one before: a quote, a bracket or an equals sign may be missing"
        line = int(found[1]) if found else text.count("\n") + 1
        return Checked(None, (Fault("", what, "so this is not TOML", todo, line),))
    except (ValueError, RecursionError):
        why = "a number or a nesting of brackets is beyond all measure"
        return Checked(None, (Fault("", "This cannot be read", why, "Start again from an earlier version", 1),))
    return check(content, places)


def check(content: Mapping[str, Any], places: Mapping[Path, int] | None = None) -> Checked:
    """A profile as nested values. All faults at once, in the order of the profile."""
    unbearable = tuple(_unbearable((), content, 0))
    if unbearable:
        return Checked(None, tuple(_fault(*found, places) for found in unbearable))
    try:
        return Checked(Profile.model_validate(content))
    except ValidationError as error:
        errors = _without_echoes(error.errors(include_url=False))
    found: list[Fault] = []
    for item in errors:
        cause = (item.get("ctx") or {}).get("error")
        if isinstance(cause, Inconsistent):
            found += [_of_contradiction(one, places) for one in cause.found]
        else:
            found.append(_fault(item["loc"], *_words(item), places))
    wrong = {item["loc"][0] for item in errors if item["loc"]}
    if wrong:
        found += [_of_contradiction(one, places) for one in inconsistencies(_sound_parts(content, wrong))]
    return Checked(None, tuple(found))


def _without_echoes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """A list whose only entry is wrong is called empty besides; one of the two says it."""
    places = {item["loc"][:depth] for item in errors for depth in range(len(item["loc"]))}
    return [item for item in errors if item["type"] != "too_short" or item["loc"] not in places]


def _sound_parts(content: Mapping[str, Any], wrong: set[Any]) -> dict[str, Part]:
    """The parts without a fault of their own: what they say against each other is told too, not only when the rest is mended."""
    parts: dict[str, Part] = {}
    for name, field in Profile.model_fields.items():
        if name not in wrong and isinstance(field.annotation, type) and issubclass(field.annotation, Part):
            parts[name] = field.annotation.model_validate(content[name])
    return parts


def _of_contradiction(one: Contradiction, places: Mapping[Path, int] | None) -> Fault:
    return _fault(one.path, one.what, one.why, one.todo, places)


def _fault(path: Path, what: str, why: str, todo: str, places: Mapping[Path, int] | None) -> Fault:
    return Fault(".".join(map(str, path)), what, why, todo, None if places is None else line_of(places, path))


def _unbearable(path: Path, value: Any, depth: int) -> Iterator[tuple[Path, str, str, str]]:
    """What would harm whoever stores or reads it, whatever the value is for."""
    if depth > DEPTH_AT_MOST:
        yield path, "This is nested too deep", f"nothing here is deeper than {DEPTH_AT_MOST}", "Take brackets away"
    elif isinstance(value, str):
        if len(value) > TEXT_AT_MOST:
            yield path, "This text is too long", f"a text has at most {TEXT_AT_MOST:,} characters", "Shorten it"
        elif _BAD_CHARACTERS.search(value):
            yield path, "There are invisible characters in this text", "they cannot be shown or stored", "Type it again"
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _unbearable((*path, str(key)), below, depth + 1)
            yield from _unbearable((*path, str(key)), str(key), depth + 1)
    elif isinstance(value, list | tuple):
        if len(value) > ITEMS_AT_MOST:
            yield path, "This list is too long", f"a list has at most {ITEMS_AT_MOST} entries", "Shorten it"
        for at, below in enumerate(value[:ITEMS_AT_MOST]):
            yield from _unbearable((*path, at), below, depth + 1)


def _words(item: ErrorDetails) -> tuple[str, str, str]:
    """What, why, what to do: of one error that the schema found."""
    kind, context = item["type"], item.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, Wrong):
        return cause.what, cause.why, cause.todo
    name = str(item["loc"][-1]) if item["loc"] else ""
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, _names(Profile), n=1)
        todo = f"Did you mean {near[0]}?" if near else "Remove it"
        return f"{name!r} is no name that the profile knows", "what is misspelt would change nothing, in silence", todo
    if kind == "missing":
        return "This is missing", "every profile needs it", "Add it"
    money = name.endswith("_cents") or name == "cents"
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        return _out_of_range(kind, context, money)
    if kind.startswith("int"):
        example = "Write cents: 5550 for $55.50" if money else "Write a whole number, like 12"
        return "This is not a whole number", "money is counted in cents" if money else "nothing is counted in parts here", example
    if kind == "string_pattern_mismatch":
        why, todo = _SHAPES.get(name, ("it has a fixed form", "Write it like the others"))
        return "This does not look right", why, todo
    for start, words in _PLAIN.items():
        if kind.startswith(start):
            return words
    if kind == "literal_error":
        return "This is none of the allowed values", f"allowed are {context.get('expected')}", "Choose one of them"
    return "This is not right here", item["msg"].rstrip("."), "Compare it with an earlier version"


def _out_of_range(kind: str, context: Mapping[str, Any], money: bool) -> tuple[str, str, str]:
    limit = next((context[name] for name in ("ge", "gt", "le", "lt") if name in context), "")
    shown = f"{limit} cents (${int(limit) // 100:,})" if money and limit else str(limit)
    if kind.startswith("greater"):
        return "This is too small", f"the least is {shown}" if kind.endswith("equal") else f"it must be above {shown}", "Write more"
    return "This is too large", f"the most is {shown}", "Write less"


_PLAIN: Mapping[str, tuple[str, str, str]] = {
    "string_too_short": ("This is empty", "somebody reads it", "Write something"),
    "string": ("This is not a text", "somebody reads it", 'Put it between quotes: "like this"'),
    "too_short": ("This list is empty", "there must be one entry at least", "Add one"),
    "bool": ("This is neither true nor false", "it is switched on or off", "Write true or false"),
    "time": ("This is not a time of day", "it is hours and minutes", "Write it like 18:00:00"),
    "date": ("This is not a date", "it is year, month and day", "Write it like 2026-12-24"),
    "tuple": ("This is not a list", "there may be several", 'Put them between brackets: ["a", "b"]'),
    "float": ("This is not a number", "it is measured", "Write it like 37.5176"),
    "dict": ("This is not a group of values", "it has names of its own", 'Write it like { name = "value" }'),
    "model": ("This is not a group of values", "it has names of its own", 'Write it like { name = "value" }'),
}
_SHAPES: Mapping[str, tuple[str, str]] = {
    "zip": ("a ZIP code has five digits", "Write it like 94539"),
    "state": ("a state has two capital letters", "Write it like CA"),
    "key": ("a key has small letters, digits and _, and begins with a letter", "Write it like new_york_strip"),
}


def _names(part: type[Part]) -> set[str]:
    """Every name in a part and below it."""
    found: set[str] = set()
    for name, field in part.model_fields.items():
        found.add(name)
        for below in _parts_in(field.annotation):
            found |= _names(below)
    return found


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _parts_in(argument)
