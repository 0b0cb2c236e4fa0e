"""Which topics and which things of the menu a text names: whole phrases, the longest first, each stretch of text used once."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agents.understanding.text import fold, with_digits
from business.menu.rules import sections
from business.profile.fields import Word
from business.profile.schemas import Profile

# The key of phrases that sound like a topic and are none: they use their words up.
NOTHING = ""
HEARING = Path(__file__).with_name("hearing")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Named:
    """A phrase found: what it stands for and where it was."""

    key: str
    start: int
    end: int


Words = list[tuple[str, int, int]]


def words_of(folded: str) -> Words:
    """The words of a folded text with their places, for `Phrases.find`, which many lists of phrases share."""
    return [(match[0], match.start(), match.end()) for match in _WORD.finditer(folded)]


class Phrases:
    """Finds phrases by their first word; time grows with the text and not with the number of phrases."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._by_first: dict[str, list[_Phrase]] = {}
        self._beginnings: dict[str, _Phrase] = {}
        for key, texts in phrases.items():
            for text in texts:
                phrase = _phrase(key, text)
                if phrase.open_end and len(phrase.words) == 1:
                    self._beginnings.setdefault(phrase.words[0], phrase)
                else:
                    self._by_first.setdefault(phrase.words[0], []).append(phrase)
        for same in self._by_first.values():
            # "change the date" is not about dates.
            same.sort(key=lambda phrase: -len(phrase.words))
        self._sizes = sorted({len(beginning) for beginning in self._beginnings}, reverse=True)

    def find(self, folded: str, words: Words | None = None) -> list[Named]:
        """Every phrase, in the order of the text, the longest first where they start together, without overlaps. `words`: `words_of`."""
        if words is None:
            words = words_of(folded)
        plain = [word for word, _, _ in words]
        found: list[Named] = []
        at = 0
        while at < len(words):
            phrase = self._at(plain, at)
            if phrase is None:
                at += 1
                continue
            last = at + len(phrase.words)
            found.append(Named(phrase.key, words[at][1], words[last - 1][2]))
            at = last
        return found

    def _at(self, words: list[str], at: int) -> "_Phrase | None":
        """The longest phrase that starts here; a whole word before a beginning of one."""
        word = words[at]
        for phrase in self._by_first.get(word, ()):
            if phrase.matches(words, at):
                return phrase
        for size in self._sizes:
            if size <= len(word) and (begun := self._beginnings.get(word[:size])) is not None:
                return begun
        return None


@dataclass(frozen=True, slots=True)
class _Phrase:
    """`open_end`: the last word is a beginning."""

    key: str
    words: tuple[str, ...]
    open_end: bool

    def matches(self, words: list[str], at: int) -> bool:
        here = words[at : at + len(self.words)]
        if len(here) < len(self.words) or here[:-1] != list(self.words[:-1]):
            return False
        return here[-1].startswith(self.words[-1]) if self.open_end else here[-1] == self.words[-1]


def _phrase(key: str, text: str) -> _Phrase:
    """Hyphens part words, so that "add-on" and "add on" are the same."""
    words = tuple(_WORD.findall(with_digits(fold(text.rstrip("*")))))
    if not words:
        raise ValueError(f"{key}: a phrase without words: {text!r}")
    return _Phrase(key, words, text.endswith("*"))


@dataclass(frozen=True, slots=True)
class Mentions:
    """What one text names, each list in the order of the text."""

    topics: list[Named]
    dishes: list[Named]
    allergens: list[Named]
    diets: list[Named]
    ask_a_person: list[Named]


class Ear:
    """Everything that the house can recognise, compiled once from the hearing files and the profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(HEARING.glob("*.toml"))]
        topics: dict[str, list[str]] = {NOTHING: []}
        self._whole = {tuple(_WORD.findall(fold(said))): topic for file in files for topic, all in file["whole"].items() for said in all}
        for file in files:
            for topic, phrases in (*file["topics"].items(), *file["wishes"].items()):
                topics.setdefault(topic, []).extend(phrases)
            topics[NOTHING] += file["nothing"]["phrases"]
            topics[NOTHING] += [f"{no} {wish}" for no in file["nothing"]["not_a_person"] for wish in profile.escalation.wants_person]
        escalation = profile.escalation
        urgent: dict[str, Sequence[str]] = {
            "severe": escalation.severe,
            "complaint": escalation.complaint,
            "refund": escalation.refund,
            "person": escalation.wants_person,
        }
        for topic, phrases in topics.items():
            urgent[topic] = [*urgent.get(topic, ()), *phrases]
        self.topics = Phrases(urgent)
        allergies = profile.allergies
        self.allergens = Phrases(_words(allergies.allergens))
        self.diets = Phrases(_words(allergies.diets))
        self.ask_a_person = Phrases(_words(allergies.ask_a_person))

    def listen(self, folded: str, words: Words) -> "Mentions":
        """Everything at once. What means something only where it is all that was said means nothing else."""
        if words and (topic := self._whole.get(tuple(word for word, _, _ in words))) is not None:
            return Mentions([Named(topic, words[0][1], words[-1][2])], [], [], [], [])
        parts = (self.topics, self.dishes, self.allergens, self.diets, self.ask_a_person)
        return Mentions(*(phrases.find(folded, words) for phrases in parts))

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the menu, of diets and of allergens."""
        allergies = self._profile.allergies
        menu = [word for _, words in sections(self._profile) for word in words]
        return tuple(text for word in (*menu, *allergies.allergens, *allergies.diets, *allergies.ask_a_person) for text in word.words)

    @cached_property
    def dishes(self) -> Phrases:
        return Phrases({word.key: word.words for _, words in sections(self._profile) for word in words})


def _words(words: Iterable[Word]) -> dict[str, tuple[str, ...]]:
    return {word.key: word.words for word in words}
