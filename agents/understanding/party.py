"""Guests by age."""

import re

from agents.understanding.facts import Facts
from business.profile.schemas import Profile

_ADULT = r"(?:adults?|grown[- ]?ups?|adultos?|adultas?|mayores(?! de 21))"
_CHILD = r"(?:kids?|children|child|childs|ninos?|ninas?|chicos|chiquitos|peques)"
_BABY = r"(?:toddlers?|bab(?:y|ies)|infants?|bebes?)"
_PEOPLE = r"(?:people|persons?|guests?|of us|pax|ppl|heads|personas|invitados|comensales|gentes?)"
_N = r"(?<![\d,.$])(\d{1,4}|an?|una?)"

_ADULTS = re.compile(rf"\b{_N}\s+(?:more\s+)?{_ADULT}\b")
_CHILDREN = re.compile(rf"\b{_N}\s+(?:more\s+|little\s+|small\s+|young\s+)?{_CHILD}\b")
_BABIES = re.compile(rf"\b{_N}\s+(?:little\s+)?{_BABY}\b")
_GUESTS = re.compile(
    rf"(?<![\d,.$])\b(\d{{1,4}})\s+(?:total\s+)?{_PEOPLE}\b|\b(?:party|group|grupo|fiesta|table)\s+(?:of|de)\s+(\d{{1,4}})\b"
    r"|\b(?:there are|we are|we're|we will be|somos|seremos|for|para)\s+(\d{1,4})"
    r"(?=\s*(?:$|[?!.,;]|and\b|y\b|in\b|en\b|on\b|el\b))"
    rf"(?!\s*[.:,]\d)"
)
_UNDER = re.compile(r"^\s*(?:,|\()?\s*(?:kids?\s+)?(?:under|younger than|below|menores de|menos de)\s+(\d{1,2})\b")
_AGES = re.compile(r"^\s*(?:,|\()?\s*(?:ages?|aged|de|edades)\s+(\d{1,2}(?:\s*(?:,|and|&|y|to|-|a)\s*\d{1,2})*)\b")
_YEARS_OLD = re.compile(r"\b(?:(\d{1,3}|an?|un)\s+)?(\d{1,2})[- ]years?[- ]olds?\b")
# Nothing but figures, in answer to "how many adults and children?"
_BARE = re.compile(r"(\d{1,3})(?:\s*(?:and|y|,|&|/|\+)\s*(\d{1,3}))?[.!]?")


def read_party(profile: Profile, text: str) -> Facts:
    """Guests by age in a folded text with digits."""
    bare = _BARE.fullmatch(text)
    if bare is not None:
        return Facts(adults=int(bare[1]), children=int(bare[2])) if bare[2] else Facts(people=int(bare[1]))
    ages = _Ages(profile)
    for pattern, kind in ((_ADULTS, "adults"), (_CHILDREN, "children"), (_BABIES, "under_six")):
        for match in pattern.finditer(text):
            ages.add(_count(match[1]), kind, text[match.end() :])
    for match in _YEARS_OLD.finditer(text):
        ages.add_age(_count(match[1]) if match[1] else 1, int(match[2]))
    people = None
    for match in _GUESTS.finditer(text):
        people = int(next(group for group in match.groups() if group))
    if people is not None and ages.found.get("adults"):
        people = None
    return Facts(ages.found.get("adults"), ages.found.get("children"), ages.found.get("under_six"), people)


def _count(word: str) -> int:
    return int(word) if word.isdigit() else 1


class _Ages:
    """Adds up guests, moving children to where their stated ages put them."""

    def __init__(self, profile: Profile) -> None:
        self._adult_from = profile.prices.adult_from_age
        self._child_from = profile.prices.child_from_age
        self.found: dict[str, int] = {}

    def add(self, count: int, kind: str, after: str) -> None:
        if kind == "children":
            under, listed = _UNDER.match(after), _AGES.match(after)
            if under is not None and int(under[1]) <= self._child_from:
                kind = "under_six"
            elif listed is not None:
                ages = [int(age) for age in re.findall(r"\d+", listed[1])]
                kinds = {self._kind(age) for age in ages}
                if len(kinds) == 1:
                    kind = kinds.pop()
                elif len(ages) == count:
                    for age in ages:
                        self.add_age(1, age)
                    return
        self.found[kind] = self.found.get(kind, 0) + count

    def add_age(self, count: int, age: int) -> None:
        kind = self._kind(age)
        self.found[kind] = self.found.get(kind, 0) + count

    def _kind(self, age: int) -> str:
        if age >= self._adult_from:
            return "adults"
        return "children" if age >= self._child_from else "under_six"
