"""A profile as text: TOML in the order of the schema, which reads back as the same profile. Comments are nobody's data and are not kept."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from business.profile.schemas import Profile

WIDTH = 120


def to_toml(profile: Profile) -> str:
    """The whole profile; money in cents, times as 18:00:00."""
    content = profile.model_dump(mode="python", exclude_none=True)
    return "\n".join(line for name, part in content.items() for line in _table(name, part)).lstrip("\n") + "\n"


def _table(name: str, part: Mapping[str, Any]) -> Iterator[str]:
    """A section: its own values first, then what is a section below it."""
    below = {key: value for key, value in part.items() if _is_large(value)}
    yield f"\n[{name}]"
    for key, value in part.items():
        if key not in below:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below.items():
        if isinstance(value, Mapping):
            yield from _table(f"{name}.{_key(key)}", value)
        else:
            for one in value:
                yield f"\n[[{name}.{_key(key)}]]"
                yield from (f"{_key(k)} = {_value(v)}" for k, v in one.items())


def _is_large(value: Any) -> bool:
    """A group too wide for a line, or a list of groups that are."""
    if isinstance(value, Mapping):
        return len(_value(value)) > WIDTH and not set(value) <= {"en", "es"}
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) and "note" in one for one in value)


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            # JSON's strings are TOML's basic strings, but for DEL, which no profile holds.
            return json.dumps(value, ensure_ascii=False)
        case time():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case Mapping():
            # What a thing is called by comes first, wherever its schema inherited it.
            ordered = sorted(value.items(), key=lambda item: item[0] != "key")
            return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in ordered) + " }" if value else "{}"
        case list() | tuple():
            if value and isinstance(value[0], Mapping):
                return "[\n" + "".join(f"    {_value(one)},\n" for one in value) + "]"
            return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"a profile holds no {type(value).__name__}")
