"""What else customers call a thing: a question is searched by these words as well, which count less than its own."""

import re
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
WORDS_AT_MOST = 40
_WORD = re.compile(r"[^\W_]+")


def others(question: str, language: str) -> str:
    """Words of the groups that the question names, those that it says itself among them; empty for a language without groups."""
    asked = f" {_plain(question)} "
    found: dict[str, None] = {}
    for names, words in _groups(language):
        if any(f" {name} " in asked for name in names):
            found.update(dict.fromkeys(words))
    return " ".join(list(found)[:WORDS_AT_MOST])


@cache
def _groups(language: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Each as its names without accents, and as words to search by."""
    file = FOLDER / f"{language}.txt"
    if not language.isalpha() or not file.is_file():
        return ()
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#"))
    groups = ([name.strip() for name in line.split(",")] for line in lines)
    return tuple((tuple(map(_plain, names)), tuple(word for name in names for word in name.split())) for names in groups)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(sign for sign in decomposed if not unicodedata.combining(sign))))
