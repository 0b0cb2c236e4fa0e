"""Reads a profile from its TOML file."""

from pathlib import Path

from business.profile.faults import Fault, check_text
from business.profile.schemas import Profile

SHIPPED = Path(__file__).with_name("my-hibachi.toml")


class ProfileError(Exception):
    """What was read is not a profile. The text says from where, where in it, and what is wrong; it is for the operator."""


def load_profile(path: Path | None = None) -> Profile:
    """The profile at `path`, or the shipped one. Raises `ProfileError`."""
    source = path or SHIPPED
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProfileError(f"{source}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{source}: cannot be read: {error}") from error
    checked = check_text(text)
    if checked.profile is None:
        raise ProfileError("\n".join([f"{source}: {len(checked.faults)} value(s) are wrong", *map(in_words, checked.faults)]))
    return checked.profile


def in_words(fault: Fault) -> str:
    """A fault on a line of its own, for a terminal."""
    place = f"line {fault.line}" if fault.line else ""
    where = ", ".join(part for part in (fault.path, place) if part) or "the profile as a whole"
    return f"  {where}: {fault.what}: {fault.why}. {fault.todo}."
