"""Reads what is said of a booking that stands: terms taken, how it stands, another date, off, rain, more guests. Pure."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from agents.understanding.listening import Phrases
from agents.understanding.text import fold, with_digits

PHRASES = Path(__file__).with_name("words") / "standing.toml"
# Keys by which nothing but a booking can be meant, whoever says it.
PLAIN = frozenset({"status", "cancel", "mine"})
FEW_WORDS = 4
_GUESTS = r"(?:people|persons|guests?|adults?|kids?|children|of us|personas?|invitados?|adultos?|ninos?)"
_WE = "we are|we're|we will be|we'll be|there are|there will be|somos|seremos"
# "3 extra chicken" are no guests.
_ALONE = rf"(?=\s*(?:$|[.,;!?])|\s+(?:{_GUESTS}|than|now|coming|instead|total|de lo|en total)\b)"
_MORE = re.compile(
    rf"\b(\d{{1,3}})\s+(?:more|extra|additional)\s+{_GUESTS}"
    rf"|\b(?:{_WE}|plus|add|adding|with|bringing)\s+(\d{{1,3}})\s+(?:more|mas){_ALONE}"
    rf"|\b(\d{{1,3}})\s+{_GUESTS}\s+(?:mas|adicionales|extra)\b(?!\s*\d)"
)
_FEWER = re.compile(
    rf"\b(\d{{1,3}})\s+(?:less|fewer)\s+{_GUESTS}"
    rf"|\b(?:{_WE})\s+(\d{{1,3}})\s+(?:less|fewer|menos){_ALONE}"
    rf"|\b(\d{{1,3}})\s+{_GUESTS}\s+menos\b"
)
# An hour or a day is no count.
_NO_COUNT = r"(?!\s*(?::|am\b|pm\b|o'clock|de la|st\b|nd\b|rd\b|th\b))"
_TOTAL = re.compile(
    r"\b(?:we'll be|we will be|it'll be|it will be|we are going to be|we're going to be|now we are|we are now|make it|change (?:it )?to|"
    rf"go up to|down to|up to|seremos|vamos a ser|somos ahora|ahora somos|cambia(?:r|lo|la)? a)\s+(\d{{1,3}})\b{_NO_COUNT}"
)

_TAKE = r"(?:accept|agree|acept\w+|estoy de acuerdo|estamos de acuerdo)\b"
# Who will not, would on a condition, or asks what it means has agreed to nothing.
_REFUSED = re.compile(rf"\b(?:don't|dont|do not|can't|cant|cannot|can not|won't|wont|will not|never|not|no)\s+(?:\w+\s+){{0,2}}{_TAKE}")
_UNSURE = re.compile(
    rf"\b(?:do i|do we|should i|should we|must i|if i|if we|have to|need to|before i|before we|when i|to|tengo que|tenemos que|debo|si)"
    rf"\s+(?:\w+\s+){{0,2}}{_TAKE}|\b{_TAKE}[^.!?]*\b(?:if|unless|but|only|as long as|provided|si|pero|solo|siempre que)\b"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Keys of the phrases that were heard, and the guests: `more` (negative: fewer) or `total`, where either was said."""

    keys: frozenset[str] = frozenset()
    more: int | None = None
    total: int | None = None


class StandingEar:
    """Compiled once."""

    def __init__(self) -> None:
        self._phrases = Phrases(tomllib.loads(PHRASES.read_text(encoding="utf-8")))

    def listen(self, text: str) -> Standing:
        """What one text, as it was written, says of a booking."""
        folded = with_digits(fold(text))
        keys = frozenset(named.key for named in self._phrases.find(folded) if named.key)
        if "accept" in keys and (_REFUSED.search(folded) or _UNSURE.search(folded)):
            keys = keys - {"accept"} | {"refuse" if _REFUSED.search(folded) else "unsure"}
        if len(folded.split()) > FEW_WORDS:
            keys -= {"agrees"}  # a longer message is fine with something else
        if (more := _MORE.search(folded)) is not None:
            return Standing(keys, more=_number(more))
        if (fewer := _FEWER.search(folded)) is not None:
            return Standing(keys, more=-_number(fewer))
        total = _TOTAL.search(folded)
        return Standing(keys, total=_number(total) if total is not None else None)


def _number(match: re.Match[str]) -> int:
    return int(next(group for group in match.groups() if group is not None))
