"""Where the party is: miles, ZIP codes, cities, street addresses."""

import re
from decimal import Decimal

from agents.understanding.facts import Where
from business.profile.schemas import Profile
from business.travel.places import cities, zip_place

_MILES = re.compile(r"(?<![$\d.])\b(\d{1,4}(?:\.\d{1,2})?)\s*(?:miles?|mi|millas?)\b")
_ZIP = re.compile(r"(?<![$\d.,#-])\b(\d{5})(?:-\d{4})?\b(?![.,]?\d)")
_CITY = re.compile(r"\b(?:in|to|at|near|from|around|en|hasta|hacia|cerca de|desde)\s+((?:[a-z.'-]+\s?){1,4})")
_CITY_STATE = re.compile(r"\b((?:[a-z'-]+ ){0,3}[a-z'-]+),? ([a-z]{2})\b")
_STATES = frozenset("ca nv or az wa id ut".split())


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
