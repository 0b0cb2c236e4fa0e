"""What differs between two profiles, value by value: what a history shows and a second saver must see. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from business.profile.schemas import Profile


@dataclass(frozen=True, slots=True)
class Change:
    """One value. `path` is dotted, list entries by their key where they have one. None: was, or is, not there."""

    path: str
    before: Any
    after: Any


def changes(before: Profile, after: Profile) -> tuple[Change, ...]:
    """In the order of the schema."""
    old, new = (profile.model_dump(mode="json", exclude_none=True) for profile in (before, after))
    return tuple(_differences("", old, new))


def _differences(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in (*before, *(name for name in after if name not in before)):
            yield from _differences(f"{path}.{name}" if path else name, before.get(name), after.get(name))
        return
    old, new = _by_key(before), _by_key(after)
    if old is None or new is None:
        yield Change(path, before, after)
    elif old.keys() == new.keys() and list(old) != list(new):
        yield Change(path, list(old), list(new))
        yield from _differences(path, old, {key: new[key] for key in old})
    else:
        yield from _differences(path, old, new)


def _by_key(value: Any) -> dict[str, Any] | None:
    """A list of things with keys of their own as a mapping; None where it is no such list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    keys = [one.get("key") or one.get("date") if isinstance(one, Mapping) else None for one in value]
    if any(key is None for key in keys) or len(set(keys)) != len(keys):
        return None
    return {str(key): one for key, one in zip(keys, value, strict=True)}
