"""What is said, sentence by sentence: each agent's `words/` and what all share, filled with the profile's figures and the answer's own.

A phone shows less than a chat: a sentence that stands in `[topics_sms]`, too, is said from there by text.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from business.profile.figures import figures
from business.profile.schemas import Profile
from kernel.placeholders import fill

FOLDER = Path(__file__).with_name("wording")
AGENTS = Path(__file__).parents[1]
LANGUAGES = ("en", "es")


class Wording:
    """One language's sentences by section and name. `by_text`: as they are said in a text message."""

    def __init__(self, profile: Profile, language: str, sections: Mapping[str, Any], *, by_text: bool = False) -> None:
        self.language = language
        self._sections = sections
        self._by_text = by_text
        self._figures = figures(profile, language)

    def say(self, section: str, name: str, **values: str) -> str:
        """The sentence, filled. KeyError for one that the file does not have."""
        short = self._sections.get(f"{section}_sms", {}) if self._by_text else {}
        return fill(short.get(name) or self._sections[section][name], {**self._figures, **values})

    def has(self, section: str, name: str) -> bool:
        return name in self._sections[section]

    def count(self, noun: str, n: int) -> str:
        """`1 adult`, `2 adults`."""
        one, many = self._sections["count"][noun]
        return fill(one if n == 1 else many, {"n": f"{n:,}"})


def files(language: str) -> list[Path]:
    """Where a language's sentences stand: what all agents share first, then each agent's own."""
    own = [agent.parent / "words" / f"{language}.toml" for agent in sorted(AGENTS.glob("*/agent.py"))]
    return [FOLDER / f"{language}.toml", *(path for path in own if path.exists())]


def load_wording(profile: Profile, *, by_text: bool = False) -> dict[str, Wording]:
    """Every language's wording. ValueError where two files say the same thing twice."""
    found = {}
    for language in LANGUAGES:
        sections: dict[str, dict[str, Any]] = {}
        for path in files(language):
            for section, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items():
                known = sections.setdefault(section, {})
                if twice := known.keys() & sentences.keys():
                    raise ValueError(f"{path.parent.parent.name}: {section}.{min(twice)} is said twice")
                known.update(sentences)
        found[language] = Wording(profile, language, sections, by_text=by_text)
    return found
