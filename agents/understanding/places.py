"""Where the party is: miles, ZIP codes, cities, street addresses."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from agents.understanding.facts import Where
from agents.understanding.lexing import lex
from agents.understanding.text import fold
from business.profile.schemas import Profile
from business.travel.places import Place, cities, zip_place

STREETS = Path(__file__).with_name("words") / "streets.toml"
_MILES = re.compile(r"(?<![$\d.])\b(\d{1,4}(?:\.\d{1,2})?)\s*(?:miles?|mi|millas?)\b")
_ZIP = re.compile(r"(?<![$\d.,#-])\b(\d{5})(?:-\d{4})?\b(?![.,]?\d)")
_CITY = re.compile(
    r"\b(?:in|to|at|near|from|around|en|hasta|hacia|cerca de|desde|(?:vienen|van|llegan|viajan|ir|cocinan"
    r"|venir) a|serve|serving|cover|visit|reach|sirven|cubren|city is|ciudad es)\s+((?:[a-z.'-]+\s?){1,4})"
)
_CITY_STATE = re.compile(r"\b((?:[a-z'-]+ ){0,3}[a-z'-]+),? ([a-z]{2})\b")
_STATES = {"ca": "CA", "california": "CA", "calif": "CA", "cali": "CA", "nv": "NV", "nevada": "NV", "or": "OR", "oregon": "OR"}
_MORE_STATES = {**_STATES, "wa": "WA", "az": "AZ", "id": "ID", "ut": "UT"}
# Letters of words of which no street's name is made (see `lexing`): counts, times, prepositions.
_NO_STREET = frozenset("PpkCSIDEuiafRTAbB~wdmyN!$Kve@t")
_WORD = r"(?:[^\W\d_][\w'.-]*|\d+(?:st|nd|rd|th)\b)"


# The table is asked for the same few places again and again.
_zip_place = lru_cache(maxsize=4096)(zip_place)


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the text as written, and from where to where it stands there."""

    where: Where
    start: int
    end: int


class Addresses:
    """Finds street addresses: a house number, a street, and city, state and ZIP code as far as told."""

    def __init__(self, profile: Profile, is_word: Callable[[str], bool]) -> None:
        """`is_word`: whether a folded word means something else here (a dish, a topic)."""
        self._is_word = is_word
        self._home = profile.business.state
        kinds = tomllib.loads(STREETS.read_text(encoding="utf-8"))["streets"]
        after, before, units, directions = ("|".join(map(re.escape, kinds[name])) for name in ("after", "before", "units", "directions"))
        number = r"(?<![\w$.,/:+#-])(?P<number>\d{1,6}[a-z]?(?:\s?1/2)?)"
        unit = rf"(?:,?\s*(?:(?:{units})\b\.?\s*#?\s*|#\s*)[\w-]{{1,6}}\b)?"
        to, words = rf"(?:(?:{directions})\b\.?)", rf"(?P<words>{_WORD}(?:\s+{_WORD}){{0,3}}?)"
        ends = r"(?=\s*(?:[,.;\n?!]|$|\sin\s|\sen\s))"
        named = rf"{number}\s+(?P<words>(?:{_WORD}\s+){{1,4}}?)(?:{after})\b\.?(?:\s+{to})?{unit}"
        kind_first = rf"{number}\s+(?:{to}\s+)?(?:{before})\b\.?\s+{words}(?:\s+\d{{1,4}}[a-z]?\b)?{unit}{ends}"
        spanish = rf"(?<!\w)(?:{before})\s+{words}\s+#?(?P<number>\d{{1,6}}[a-z]?)\b{unit}{ends}"
        loose = rf"{number}\s+{words}{unit}(?=\s*(?:[,\n]|$))"
        self._sure = [re.compile(pattern, re.IGNORECASE) for pattern in (named, kind_first, spanish)]
        self._to = re.compile(rf"^(?:{directions})\.?\s+", re.IGNORECASE)
        self._loose = re.compile(loose, re.IGNORECASE)

    def find(self, text: str, asked: str | None) -> Found | None:
        """The first address of a text as written. `asked`: the fact asked for, "place" and "address" make a bare street one."""
        if not any(map(str.isdigit, text)):
            return None
        for pattern in self._sure:
            for match in _overlapping(pattern, text):
                if self._is_street(match["words"], match["number"]):
                    return self._whole(text, match)
        for match in _overlapping(self._loose, text):
            if self._is_street(match["words"], match["number"]) and not self._else(match["words"]):
                found = self._whole(text, match)
                if found.where.place is not None or (asked in ("place", "address") and re.search(r"[^\W\d_]{3}", match["words"])):
                    return found
        return None

    def _is_street(self, words: str, number: str) -> bool:
        words = self._to.sub("", words)
        return int(re.sub(r"\D.*", "", number)) > 0 and not _NO_STREET & set(lex(fold(words))[1])

    def _else(self, words: str) -> bool:
        """Whether the words are rather a dish or a date: "6 chicken, San Jose", "20 Dec, Oakland"."""
        plain = fold(words)
        return not set(lex(plain)[1]) - set("MWO.,") or any(self._is_word(word) for word in plain.split())

    def _whole(self, text: str, match: re.Match[str]) -> Found:
        """The street with what follows it: city, state, ZIP code."""
        end, place, said = match.end(), None, None
        tail = re.compile(r"[\s,.]*(?:(?:in|en)\s+)?(?P<words>(?:[^\W\d_][\w'.-]*[,]?\s*){0,5})(?P<zip>\d{5}(?:-\d{4})?\b)?").match(
            text, end
        )
        if tail is not None and (tail["words"] or tail["zip"]):
            city, used = self._city(tail["words"])
            whole = used == len(tail["words"].split())
            if city is not None:
                place, said, end = city, city.name, tail.start("words") + _length(tail["words"], used)
            if tail["zip"] and (whole or not tail["words"].strip()):
                code = tail["zip"][:5]
                by_zip = _zip_place(code)
                place, end = (by_zip or city), tail.end("zip")
                said = code if by_zip is not None or city is None else city.name
        address = re.sub(r"\s+", " ", text[match.start() : end]).strip(" ,.")
        return Found(Where(said or address, place=place, address=address), match.start(), end)

    def _city(self, words: str) -> tuple[Place | None, int]:
        """The city that these words begin with, and how many of them it and its state take."""
        plain = [fold(word).strip(",.") for word in words.split()]
        for size in range(min(len(plain), 4), 0, -1):
            state = _MORE_STATES.get(plain[size]) if size < len(plain) else None
            place = cities(state or self._home).get(" ".join(plain[:size]))
            if place is not None:
                return place, size + (state is not None)
        if plain and plain[0] in _MORE_STATES:
            return None, 1
        return None, 0


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Every match, also those that begin within another: "12 adults at 55 Oak Ave"."""
    match = pattern.search(text)
    while match is not None:
        yield match
        match = pattern.search(text, match.start() + 1)


def _length(words: str, count: int) -> int:
    """Where the so-many-th word ends."""
    ends = [match.end() for match in re.finditer(r"\S+", words)]
    return ends[count - 1] if count else 0


def read_where(profile: Profile, text: str, asked: str | None = None) -> Where | None:
    """The place in a folded text: miles before a ZIP code, a ZIP code before a city."""
    for match in _MILES.finditer(text):
        return Where(f"{match[1]} mi", miles=Decimal(match[1]))
    codes = [match[1] for match in _ZIP.finditer(text)]
    for code in codes:
        place = _zip_place(code)
        if place is not None:
            return Where(code, place=place)
    if codes:
        return Where(codes[0])
    return _read_city(profile, text)


def _read_city(profile: Profile, text: str) -> Where | None:
    for match in _CITY_STATE.finditer(text):
        state = _MORE_STATES.get(match[2])
        if state is not None and (found := _longest_city(match[1], state, anywhere=True)):
            return found
    home = profile.business.state
    for match in _overlapping(_CITY, text):
        if found := _longest_city(match[1], home, anywhere=False):
            return found
    # Without a preposition only a name of several words, or a message that is nothing but the name.
    plain = re.sub(r"[^a-z' ]+", " ", text).strip()
    place = cities(home).get(re.sub(r" (?:ca|california)$", "", plain))
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
