"""What a customer has said about the party: guests by age, the place, picks; gathered over the conversation, newest wins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.travel.places import Place, cities, zip_place

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
_MILES = re.compile(r"(?<![$\d.])\b(\d{1,4}(?:\.\d{1,2})?)\s*(?:miles?|mi|millas?)\b")
_ZIP = re.compile(r"(?<![$\d.,#-])\b(\d{5})(?:-\d{4})?\b(?![.,]?\d)")
_CITY = re.compile(r"\b(?:in|to|at|near|from|around|en|hasta|hacia|cerca de|desde)\s+((?:[a-z.'-]+\s?){1,4})")
_CITY_STATE = re.compile(r"\b((?:[a-z'-]+ ){0,3}[a-z'-]+),? ([a-z]{2})\b")
_STATES = frozenset("ca nv or az wa id ut".split())


@dataclass(frozen=True, slots=True)
class Where:
    """The place of the party, as said: miles outright, a ZIP code, or a city. `place` is None for a ZIP that does not exist."""

    said: str
    miles: Decimal | None = None
    place: Place | None = None

    @property
    def unknown(self) -> bool:
        return self.miles is None and self.place is None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. `people`: guests whose ages were not told. Counts per menu key."""

    adults: int | None = None
    children: int | None = None
    under_six: int | None = None
    people: int | None = None
    where: Where | None = None
    upgrades: Mapping[str, int] = field(default_factory=dict)
    add_ons: Mapping[str, int] = field(default_factory=dict)
    premium_extras: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_party(self) -> bool:
        return any(n is not None for n in (self.adults, self.children, self.under_six, self.people))

    @property
    def has_picks(self) -> bool:
        return bool(self.upgrades or self.add_ons or self.premium_extras)

    def party(self) -> Party:
        """People of unknown age count as adults, less those children that were named."""
        children, under_six = self.children or 0, self.under_six or 0
        adults = self.adults
        if adults is None:
            adults = max((self.people or 0) - children - under_six, 0)
        return Party(adults, children, under_six)


def merge(older: Facts, newer: Facts) -> Facts:
    """`newer` said after `older`. A new head count replaces the old one's ages; a new place replaces the old place."""
    if newer.people is not None:
        older = replace(older, adults=None, children=None, under_six=None)
    elif newer.adults is not None:
        older = replace(older, people=None)
    return Facts(
        adults=_newest(older.adults, newer.adults),
        children=_newest(older.children, newer.children),
        under_six=_newest(older.under_six, newer.under_six),
        people=_newest(older.people, newer.people),
        where=newer.where or older.where,
        upgrades={**older.upgrades, **newer.upgrades},
        add_ons={**older.add_ons, **newer.add_ons},
        premium_extras={**older.premium_extras, **newer.premium_extras},
    )


def _newest(older: int | None, newer: int | None) -> int | None:
    return older if newer is None else newer


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


def read_where(profile: Profile, text: str) -> Where | None:
    """The place in a folded text: miles before a ZIP code, a ZIP code before a city."""
    for match in _MILES.finditer(text):
        return Where(f"{match[1]} mi", miles=Decimal(match[1]))
    codes = [match[1] for match in _ZIP.finditer(text)]
    for code in codes:
        place = zip_place(code)
        if place is not None:
            return Where(code, place=place)
    if codes:
        return Where(codes[0])
    return _read_city(profile, text)


def _read_city(profile: Profile, text: str) -> Where | None:
    for match in _CITY_STATE.finditer(text):
        if match[2] in _STATES and (found := _longest_city(match[1], match[2].upper(), anywhere=True)):
            return found
    home = profile.business.state
    for match in _CITY.finditer(text):
        if found := _longest_city(match[1], home, anywhere=False):
            return found
    # Without a preposition only a name of several words, or a message that is nothing but the name.
    plain = re.sub(r"[^a-z' ]+", " ", text).strip()
    place = cities(home).get(plain)
    if place is not None:
        return Where(place.name, place=place)
    words = plain.split()
    for size in (4, 3, 2):
        for at in range(len(words) - size + 1):
            place = cities(home).get(" ".join(words[at : at + size]))
            if place is not None:
                return Where(place.name, place=place)
    return None


def _longest_city(words: str, state: str, *, anywhere: bool) -> Where | None:
    """The longest run of these words that is a city: from the first word on, or up to the last (`anywhere`)."""
    names = cities(state)
    parts = words.replace(".", "").split()
    for size in range(len(parts), 0, -1):
        candidate = parts[-size:] if anywhere else parts[:size]
        place = names.get(" ".join(candidate))
        if place is not None:
            return Where(place.name, place=place)
    return None
