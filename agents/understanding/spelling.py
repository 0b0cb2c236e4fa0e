"""Corrects typos of the words that matter here, and of no others: a closed list, a small distance, no word that is one already."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from agents.understanding.text import fold

SPELLING = Path(__file__).with_name("words") / "spelling.toml"
SHORTEST = 5
# From so many letters on two slips are forgiven.
LONG = 8
_WORD = re.compile(r"(?<![^\W_])(?<!@)[a-z]{5,20}(?![^\W_]|@|\.[a-z])")


class Spelling:
    """Corrects folded texts. `words`: right beside those of the file, such as the menu's."""

    def __init__(self, words: Iterable[str]) -> None:
        file = tomllib.loads(SPELLING.read_text(encoding="utf-8"))
        targets = {part for word in (*file["targets"]["words"], *words) for part in fold(word).split() if len(part) >= SHORTEST}
        self._right = targets | {fold(word) for word in file["false_friends"]["words"]}
        typed = file["typed"]
        self._typed = re.compile(
            "|".join(rf"(?P<t{at}>\b(?:{pattern}))" + ("" if pattern[-1] in ") " else r"\b") for at, pattern in enumerate(typed))
        )
        self._meant = list(typed.values())
        self._by_first: dict[str, list[tuple[str, int]]] = {}
        for target in sorted(targets):
            self._by_first.setdefault(target[0], []).append((target, _letters(target)))

    def correct(self, folded: str) -> str:
        plain = self._typed.sub(lambda match: self._meant[int(str(match.lastgroup)[1:])], folded)
        return _WORD.sub(lambda match: self.word(match[0]), plain)

    def word(self, word: str) -> str:
        """The word that was meant; the word itself where it is one, or where nothing or too much is near."""
        if word in self._right:
            return word
        best, least = word, _forgiven(word) + 1
        letters = _letters(word)
        for target, others in self._by_first.get(word[0], ()):
            allowed = min(least - 1, _forgiven(target))
            # One slip changes the length by one and the set of letters by two at most: few words need a closer look.
            if abs(len(word) - len(target)) > allowed or (letters ^ others).bit_count() > 2 * allowed:
                continue
            distance = _distance(word, target)
            # Two slips, and another ending: that is another form of the word, or another word ("descuentan" is no "descuento").
            if distance <= allowed and (distance < 2 or word[-1] == target[-1]):
                best, least = target, distance
        return best


def _letters(word: str) -> int:
    """The set of a word's letters, one bit each."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 31)
    return found


def _forgiven(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _distance(one: str, other: str) -> int:
    """Letters put in, left out, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
