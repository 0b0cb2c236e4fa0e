"""The words of words.toml, and which language a text is in, word by word, as it comes."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from agents.understanding.text import fold

_FILE = tomllib.loads((Path(__file__).with_name("words.toml")).read_text(encoding="utf-8"))

LANGUAGES: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _FILE["languages"].items()}
INTERJECTIONS = frozenset(_FILE["interjections"]["words"].split())
BAD_NEWS = frozenset(_FILE["bad_news"]["words"].split())
QUESTIONS = frozenset(_FILE["questions"]["words"].split())
SHORTENED = frozenset(_FILE["shortened"]["words"].split())
TOPICS = {name: frozenset(words.split()) for name, words in _FILE["topics"].items()}
RUDE = frozenset(tuple(phrase.split("_")) for phrase in _FILE["rude"]["phrases"].split())
RUDE_BEGINNINGS = frozenset(phrase[:length] for phrase in RUDE for length in range(1, len(phrase)))

# Letters of no language that is written as ours are.
OTHER = "other"
_OF: dict[str, frozenset[str]] = {
    word: frozenset(name for name, words in LANGUAGES.items() if word in words) for words in LANGUAGES.values() for word in words
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LATIN = 0x24F
# Words after which a text that shows no language is let go.
UNDECIDED = 8


def heard(word: str) -> str:
    """A word as the lists have it."""
    return fold(word).replace("’", "'")


def languages_of(word: str) -> frozenset[str]:
    """Of a word as `heard` gives it; empty where it tells nothing."""
    if word and ord(word[0]) > _LATIN and word[0].isalpha():
        return frozenset({OTHER})
    return _OF.get(word, frozenset())


def written_in(text: str) -> str | None:
    """The language that a customer's text shows; None where it shows none."""
    counts: dict[str, int] = {}
    for word in _WORD.findall(text):
        for language in languages_of(heard(word)):
            counts[language] = counts.get(language, 0) + 1
    best = sorted(counts.items(), key=lambda item: -item[1])[:2]
    if not best or best[0][1] < 2 or (len(best) > 1 and best[0][1] == best[1][1]):
        return None
    return best[0][0]


class Ear:
    """Listens to a reply. `right`: it is in a wanted language, or shows none; None while that is open. `wrong`: it is in another."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = frozenset(wanted)
        self.right: bool | None = None
        self.wrong = False
        self._for = self._against = self._words = 0

    def word(self, word: str) -> None:
        """The next one, whole, as `heard` gives it."""
        known = languages_of(word)
        self._words += 1
        if known & self._wanted:
            self._for += len(known) == 1 or known <= self._wanted
        elif known:
            self._against += 2 if OTHER in known else 1
        if self._against >= self._for + 3:
            self.wrong = True
        elif self.right is None and (self._for > self._against or self._words >= UNDECIDED):
            self.right = True

    def begun(self, word: str) -> None:
        """The beginning of one: enough where it is one of ours and no other language has a word that begins so."""
        if self.right is None and not self._against and languages_of(word) and languages_of(word) <= self._wanted:
            others = (words for name, words in LANGUAGES.items() if name not in self._wanted)
            self.right = not any(other.startswith(word) for words in others for other in words) or None

    def sentence(self) -> None:
        """One has ended: what it showed stands, and the next one is heard anew. One word alone may be a name: it shows nothing yet."""
        if self.right is None and self._against > self._for:
            self.wrong = self._against > 1
        elif self._words:
            self.right = True
            self._for = self._against = 0

    def end(self) -> None:
        """No more comes."""
        self.wrong = self.wrong or (self.right is None and self._against > self._for)
        self.right = self.right or not self.wrong
