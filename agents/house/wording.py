"""The house model's sentences: from the wording files, filled with the profile's figures and the answer's own values."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from business.profile.figures import figures, fill
from business.profile.schemas import Profile

FOLDER = Path(__file__).with_name("wording")
LANGUAGES = ("en", "es")


class Wording:
    """One language's sentences by section and name."""

    def __init__(self, profile: Profile, language: str, sections: Mapping[str, Any]) -> None:
        self.language = language
        self._sections = sections
        self._figures = figures(profile, language)

    def say(self, section: str, name: str, **values: str) -> str:
        """The sentence, filled. KeyError for one that the file does not have."""
        return fill(self._sections[section][name], {**self._figures, **values})

    def has(self, section: str, name: str) -> bool:
        return name in self._sections[section]

    def count(self, noun: str, n: int) -> str:
        """`1 adult`, `2 adults`."""
        one, many = self._sections["count"][noun]
        return fill(one if n == 1 else many, {"n": f"{n:,}"})


def load_wording(profile: Profile) -> dict[str, Wording]:
    """Every language's wording."""
    found = {}
    for language in LANGUAGES:
        sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
        found[language] = Wording(profile, language, sections)
    return found
