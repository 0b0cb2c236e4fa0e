"""Reads a profile from its TOML file; the file is the truth."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from business.profile.schemas import Profile

SHIPPED = Path(__file__).with_name("my-hibachi.toml")


class ProfileError(Exception):
    """The file is not a profile. The text says which file, where in it, and what is wrong; it is for the operator."""


def load_profile(path: Path | None = None) -> Profile:
    """The profile at `path`, or the shipped one. Raises `ProfileError`."""
    source = path or SHIPPED
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProfileError(f"{source}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{source}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{source}: is not TOML: {error}") from error
    try:
        return Profile.model_validate(content)
    except ValidationError as error:
        lines = [f"  {_place(item['loc'])}: {item['msg']}" for item in error.errors(include_url=False)]
        raise ProfileError("\n".join([f"{source}: {len(lines)} value(s) are wrong", *lines])) from error


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "(the profile as a whole)"
