"""Which topics and which things of the menu a text names: whole phrases, the longest first, each stretch of text used once."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agents.house.text import fold
from business.menu.rules import sections
from business.profile.fields import Word
from business.profile.schemas import Profile

HEARING = Path(__file__).with_name("hearing")


@dataclass(frozen=True, slots=True)
class Named:
    """A phrase found: what it stands for and where it was."""

    key: str
    start: int
    end: int


class Phrases:
    """Finds phrases. One alternation per language would be faster; one pattern of all is fast enough (some 0.2 ms)."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        keys: dict[str, str] = {}
        for key, words in phrases.items():
            for word in words:
                keys.setdefault(_pattern(word), key)
        # The longest alternative first: "change the date" is not about dates.
        ordered = sorted(keys, key=lambda pattern: -len(pattern))
        self._keys = [keys[pattern] for pattern in ordered]
        self._pattern = re.compile("|".join(rf"({pattern})" for pattern in ordered) or r"(?!)")

    def find(self, folded: str) -> list[Named]:
        """Every phrase, in the order of the text, without overlaps."""
        found: list[Named] = []
        for match in self._pattern.finditer(folded):
            index = match.lastindex
            if index is not None:
                found.append(Named(self._keys[index - 1], *match.span()))
        return found


def _pattern(phrase: str) -> str:
    words = fold(phrase)
    open_end = words.endswith("*")
    body = re.escape(words.rstrip("*")).replace(r"\ ", r"\s+")
    return rf"\b{body}{'[a-z]*' if open_end else ''}\b"


class Ear:
    """Everything that the house can recognise, compiled once from the hearing files and the profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(HEARING.glob("*.toml"))]
        topics: dict[str, list[str]] = {}
        for file in files:
            for topic, phrases in file["topics"].items():
                topics.setdefault(topic, []).extend(phrases)
        escalation = profile.escalation
        urgent = {
            "severe": escalation.severe,
            "complaint": escalation.complaint,
            "refund": escalation.refund,
            "person": escalation.wants_person,
        }
        self.topics = Phrases({**urgent, **topics})
        allergies = profile.allergies
        self.allergens = Phrases(_words(allergies.allergens))
        self.diets = Phrases(_words(allergies.diets))
        self.ask_a_person = Phrases(_words(allergies.ask_a_person))

    @cached_property
    def dishes(self) -> Phrases:
        return Phrases({word.key: word.words for _, words in sections(self._profile) for word in words})


def _words(words: Iterable[Word]) -> dict[str, tuple[str, ...]]:
    return {word.key: word.words for word in words}
