"""Words of dates and times as classes: one letter a word, so that the grammar of both languages is one of letters."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.understanding.text import fold, with_digits

WORDS = Path(__file__).with_name("words")
# The letters: M month, W weekday, O ordinal, D day from today, H holiday, v part of the day, K time by name, N number, Y year,
# S numeric date, C clock ("6:30", "18h"), I "6ish", p am or pm, comma, full stop for all other signs, x for all other words.
SMALL = {
    "this": "t", "coming": "c", "next": "n", "last": "L", "following": "G", "week": "w", "day": "d", "month": "m", "year": "y",
    "weekend": "e", "after": "a", "before": "b", "from": "f", "now": "F", "in": "i", "of": "o", "the": "h", "and": "A", "or": "R",
    "to": "T", "on": "u", "one": "g", "at": "@", "about": "B", "between": "E", "half_past": "q", "quarter_past": "Q",
    "quarter_to": "Z", "oclock": "k", "half": "1", "quarter": "2", "less_quarter": "3", "any": "V", "part": "X", "not": "!",
    "change": "~", "people": "P", "no_day": "P", "next_year": "4", "next_week": "5", "this_week": "6", "occasion": "7",
}  # fmt: skip
GROUPS = {"months": "M", "weekdays": "W", "ordinals": "O", "days": "D", "holidays": "H", "dayparts": "v", "clock": "K"}
YEARS = range(2020, 2100)
_TOKEN = re.compile(
    r"(?P<S>\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?(?![\d/])|\b\d{1,2}([.-])\d{1,2}\2(?:\d{4}|\d{2})\b)"
    r"|(?P<C>\b\d{1,2}:\d{2}(?!\d)|\b\d{1,2}h\d{2}\b|\b\d{1,2}h\b)"
    r"|(?P<I>\b\d{1,2}(?::\d{2})?\s?-?ish\b)"
    r"|(?P<O>\b\d{1,2}(?:st|nd|rd|th|ro|do|er|to|o)\b)"
    r"|(?P<p>(?:(?<=\d)|(?<=\d )|\b)[ap]\.?\s?m\b\.?|(?<=\d)[ap]\b)"
    r"|(?P<N>\d+(?:[.,]\d+)*)"
    r"|(?P<w>[^\W\d_]+(?:'[^\W\d_]+)*'?)"
    r"|(?P<sign>[^\s\w])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or phrase: its letter, what it stands for, where it is in the text."""

    letter: str
    value: int | str
    text: str
    start: int
    end: int


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str, int | str]]]:
    """By first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, int | str]]] = {}
    for language in ("en", "es"):
        sections = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))
        for letter, value, phrase in _listed(sections):
            words = tuple(match[0] for match in _TOKEN.finditer(with_digits(fold(phrase))))
            found.setdefault(words[0], []).append((words, letter, value))
    for same in found.values():
        same.sort(key=lambda item: -len(item[0]))
    return found


def _listed(sections: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, int | str, str]]:
    for group, letter in GROUPS.items():
        for key, phrases in sections.get(group, {}).items():
            value = int(key) if group in ("months", "weekdays", "ordinals", "days") else key
            yield from ((letter, value, phrase) for phrase in phrases)
    for key, phrases in sections["small"].items():
        yield from ((SMALL[key], key, phrase) for phrase in phrases)


def lex(text: str) -> tuple[list[Token], str]:
    """The tokens of a folded text with digits, and their letters as one string: position i is token i."""
    matches = list(_TOKEN.finditer(text))
    plain = [match[0] for match in matches]
    table = _phrases()
    tokens: list[Token] = []
    at = 0
    while at < len(matches):
        size, made = 1, list[Token]()
        for words, letter, value in table.get(plain[at], ()):
            if made and len(words) < size:
                break
            if plain[at : at + len(words)] == list(words):
                # "tonight" is a day and a part of the day: both stand, one after the other.
                size = len(words)
                start, end = matches[at].start(), matches[at + size - 1].end()
                if all(token.letter != letter for token in made):
                    made.append(Token(letter, value, text[start:end], start, end))
        tokens += made or [_other(matches[at])]
        at += size
    return tokens, "".join(token.letter for token in tokens)


def _other(match: re.Match[str]) -> Token:
    kind, text = match.lastgroup or "", match[0]
    value: int | str = text
    letter = kind
    if kind == "O":
        value = int(re.match(r"\d+", text)[0])  # type: ignore[index]
    elif kind == "p":
        value = text[0]
    elif kind == "N":
        plain = text.isdecimal()
        value = int(text) if plain and len(text) <= 6 else text
        letter = "Y" if plain and len(text) == 4 and int(text) in YEARS else ("N" if plain and len(text) <= 4 else "x")
    elif kind == "w":
        letter = "x"
    elif kind == "sign":
        letter = {",": ",", "-": "T", "–": "T", "—": "T", "&": "A", "@": "@"}.get(text, ".")
    return Token(letter, value, text, match.start(), match.end())
