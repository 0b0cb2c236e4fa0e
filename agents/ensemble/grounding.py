"""How far an answer is grounded in what was known, without a model: the share of its figures, dates and names that stand there. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?:\n]|\*\*|-)\s*$")


@dataclass(frozen=True, slots=True)
class Grounding:
    """`share`: of what it states, 1 where it states nothing; `covered`: how many of the true answer's figures and names it states."""

    share: float
    covered: int


def grounding(answer: str, known: Iterable[str], true: str) -> Grounding:
    """`known`: the texts that an answer may rest on, in any language; `true`: an answer that is known to be true."""
    stated = _claims(answer)
    there = _all(true).union(*map(_all, known))
    share = len(stated & there) / len(stated) if stated else 1.0
    return Grounding(share, len(stated & _claims(true)))


def _claims(text: str) -> frozenset[str]:
    """Numbers, and words with a capital letter where no sentence begins: names, months, weekdays."""
    words = (found for found in _WORD.finditer(text) if found[0][0].isupper() and len(found[0]) > 1)
    return _numbers(text) | {found[0].casefold() for found in words if not _SENTENCE.search(text, 0, found.start())}


def _all(text: str) -> frozenset[str]:
    return _numbers(text) | {word.casefold() for word in _WORD.findall(text)}


def _numbers(text: str) -> frozenset[str]:
    """`1,250.00` and `1250` are one number."""
    return frozenset(re.sub(r"\.0+$", "", number.replace(",", "")) for number in _NUMBER.findall(text))
