"""Reads one message: what it asks about, what it tells, how it answers what we asked. Pure: text, facts and `now` in, values out."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from agents.understanding.facts import Facts, merge
from agents.understanding.listening import Ear, Named
from agents.understanding.party import read_party
from agents.understanding.picks import read_picks
from agents.understanding.places import read_where
from agents.understanding.text import fold, language, with_digits
from agents.understanding.when import When
from business.profile.schemas import Profile

# Which fact our last message asked for.
Asked = Literal[
    "guests", "adults", "children", "date", "time", "place", "address", "proteins", "allergies", "name", "phone", "email", "confirm"
]
# How a message answers: `skip` ("rather not say"), `unknown` ("don't know yet"), `either` ("doesn't matter").
Answer = Literal["yes", "no", "skip", "unknown", "either"]
Severity = Literal["minor", "moderate", "severe"]
# With one of these in the same message, a number of guests is no wish for a price.
ABOUT_GUESTS = frozenset("duration space headcount minimum multi_chef drinks bring corporate discount indoor person".split())
# A longer text is read up to here: the rules look at every stretch of it.
READ = 2_000


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something told in a way that cannot be taken as it stands.

    `range`: "10-12 adults", nothing was taken. `at_least` ("25+") and `about` ("around 20"): the number was taken, and may be asked about.
    `not_valid`: a phone or an e-mail address that cannot be one.
    """

    fact: str
    said: str
    kind: Literal["range", "at_least", "about", "not_valid"]


@dataclass(frozen=True, slots=True)
class Payment:
    """A notice that money was sent. `method`: a key of the profile's methods. `amount_cents` where it was told."""

    method: str | None
    amount_cents: int | None


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, read. `topics` in the order of the text, each once. `fresh`: told by this text; `facts`: by all so far.

    `tells`: guests, place or picks were told for a price's sake. `changed`: facts that were known before and are others now.
    `marks`: signs of an attempt to give us instructions, to be recorded only.
    """

    language: str
    topics: tuple[str, ...] = ()
    dishes: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    ask_a_person: tuple[str, ...] = ()
    fresh: Facts = field(default_factory=Facts)
    facts: Facts = field(default_factory=Facts)
    tells: bool = False
    when: When = field(default_factory=When)
    answer: Answer | None = None
    unclear: tuple[Unclear, ...] = ()
    changed: tuple[str, ...] = ()
    severity: Severity | None = None
    payment: Payment | None = None
    marks: tuple[str, ...] = ()


class Reader:
    """Reads messages. Compiled once; holds nothing of any conversation."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ear = Ear(profile)

    def read(self, text: str, *, facts: Facts, asked: Asked | None = None, now: datetime, locale: str = "en") -> Heard:
        """`facts`: known before. `asked`: what our last message asked for. `now`: aware."""
        folded = with_digits(fold(text[:READ]))
        ear = self._ear
        dishes = ear.dishes.find(folded)
        fresh = self._facts(folded, dishes, facts)
        topics = keys(ear.topics.find(folded))
        told = fresh.has_party or fresh.has_picks or fresh.where is not None
        return Heard(
            language=language([text], locale),
            topics=topics,
            dishes=keys(dishes),
            allergens=keys(ear.allergens.find(folded)),
            diets=keys(ear.diets.find(folded)),
            ask_a_person=keys(ear.ask_a_person.find(folded)),
            fresh=fresh,
            facts=merge(facts, fresh, self._profile),
            tells=told and not ABOUT_GUESTS & set(topics),
        )

    def _facts(self, folded: str, dishes: list[Named], before: Facts) -> Facts:
        told = read_party(self._profile, folded)
        party = merge(before, told)
        picks = read_picks(self._profile, folded, dishes, party.party().eaters if party.has_party else None)
        return replace(
            picks,
            adults=told.adults,
            children=told.children,
            under_six=told.under_six,
            people=told.people,
            where=read_where(self._profile, folded),
        )


def keys(named: list[Named]) -> tuple[str, ...]:
    """The keys of what was found, in the order of the text, each once."""
    return tuple(dict.fromkeys(item.key for item in named))
