"""The step that a reply ends with, and whether a model has given it in its own words."""

import re
from functools import lru_cache

from agents.manner.hearing import LANGUAGES, TOPICS, heard

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_COMMON = frozenset(word for name in ("en", "es") for word in LANGUAGES[name])
_STEM = 5  # letters by which two words are the same one
_SHARE = 0.5


class Step:
    """`text`: the house's, Markdown; empty where the reply may end as it likes. Parts are given one by one, in any order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = _needed(text)
        self._given: set[str] = set()

    @property
    def owed(self) -> bool:
        """Whether any of it is missing still."""
        return len(self._given) < len(self._parts)

    @property
    def missing(self) -> str:
        """What of it nobody has said; all of it where that is the question."""
        left = [part for part in self._parts if part not in self._given]
        return self.text if len(left) == len(self._parts) else " ".join(left)

    def hear(self, sentence: str) -> bool:
        """Whether a sentence gives a part of it."""
        for part in self._parts:
            if part not in self._given and same(part, sentence):
                self._given.add(part)
                return True
        return False


def _needed(text: str) -> tuple[str, ...]:
    """The sentences that have to be said: the question and what stands before it; what follows it explains it. Of what is read back at
    length the question alone."""
    sentences = [found.strip() for found in _SENTENCE.findall(text.strip()) if found.strip()]
    asked = [place for place, sentence in enumerate(sentences) if "?" in sentence]
    if "\n" in text.strip() or len(sentences) > 3:
        return (sentences[asked[-1]],) if asked else tuple(sentences[-1:])
    return tuple(sentences[: asked[-1] + 1] if asked else sentences)


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """(stems of the words that say something, what is asked for)."""
    words = [heard(word) for word in _WORD.findall(text)]
    stems = frozenset(word[:_STEM] for word in words if (word not in _COMMON or _topics(word)) and (len(word) > 2 or word.isdecimal()))
    return stems, frozenset(topic for word in words for topic in _topics(word))


@lru_cache(maxsize=4096)
def _topics(word: str) -> tuple[str, ...]:
    return tuple(topic for topic, words in TOPICS.items() if word in words)


def same(step: str, sentence: str) -> bool:
    """Whether a sentence says a step: a question asks for what it asks for, or has half of its words; a statement has half of its words."""
    if ("?" in step) != ("?" in sentence):
        return False
    (stems, topics), (said, named) = _read(step), _read(sentence)
    shares = bool(stems) and len(stems & said) >= _SHARE * len(stems)
    if "?" not in step:
        return shares
    # A question that asks for nothing particular is any other one that asks for nothing particular.
    return topics <= named or (bool(topics & named) and shares) if topics else not named
