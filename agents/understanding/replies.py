"""How a message answers the question before it: yes, no, rather not, not known yet, all the same; that nobody has allergies."""

import re
import tomllib
from pathlib import Path
from typing import Literal

from agents.understanding.text import fold, with_digits

REPLIES = Path(__file__).with_name("words") / "replies.toml"
# How a message answers: `skip` ("rather not say"), `unknown` ("don't know yet"), `either` ("doesn't matter").
Answer = Literal["yes", "no", "skip", "unknown", "either"]
# A longer message says such things of something else.
WORDS_AT_MOST = 12
# "Sii", "yesss", "okk": a letter that is drawn out.
_DRAWN_OUT = re.compile(r"([a-z])\1+")
_START = r"^[\s~,.!¡¿-]*(?:(?:oh|um|uh|well|hmm|pues|bueno|hi|hello|hola)\b[\s,.!]*)?"


class Replies:
    """Compiled once."""

    def __init__(self) -> None:
        lists = tomllib.loads(REPLIES.read_text(encoding="utf-8"))
        after_no = "|".join(re.escape(fold(word)) for word in lists["no"]["after_no"])
        self._no = re.compile(rf"{_START}(?:{_listed(lists['no']['whole'])}|no(?=\s*(?:[^\s\w]|$)|\s+(?:{after_no})(?!\w)))(?!\w)")
        self._yes = re.compile(rf"{_START}(?:{_listed(lists['yes']['whole'])})(?!\w)")
        self._anywhere: tuple[tuple[Answer, re.Pattern[str]], ...] = (
            ("unknown", re.compile(rf"(?<!\w)(?:{_listed(lists['unknown']['anywhere'])})(?!\w)")),
            ("either", re.compile(rf"(?<!\w)(?:{_listed(lists['either']['anywhere'])})(?!\w)")),
            ("skip", re.compile(rf"(?<!\w)(?:{_listed(lists['skip']['anywhere'])})(?!\w)")),
        )
        self._none = re.compile(rf"(?<!\w)(?:{_listed(lists['no_allergies']['anywhere'])})(?!\w)")

    def answer(self, folded: str) -> Answer | None:
        """What stands at the beginning; the rest only in a short message."""
        if len(folded.split()) <= WORDS_AT_MOST and "?" not in folded:
            for answer, pattern in self._anywhere:
                if pattern.search(folded):
                    return answer
        short = _DRAWN_OUT.sub(r"\1", folded)
        if self._no.search(folded) or self._no.search(short):
            return "no"
        return "yes" if (self._yes.search(folded) or self._yes.search(short)) and not folded.rstrip().endswith("right?") else None

    def no_allergies(self, folded: str, answer: Answer | None, asked: str | None) -> bool:
        """ "no allergies"; a bare no where they were asked for."""
        if self._none.search(folded):
            return True
        return asked == "allergies" and (
            answer == "no" or re.search(rf"{_START}(?:none|nothing|ninguna|nada|nadie|nobody)\b", folded) is not None
        )


def _listed(phrases: list[str]) -> str:
    return "|".join(re.escape(with_digits(fold(phrase))) for phrase in sorted(phrases, key=len, reverse=True))
