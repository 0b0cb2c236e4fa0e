"""Understanding: a conversation comes in, what the customer wants to know and has told goes out. Rules only, no model."""

from dataclasses import dataclass

from agents.ensemble.model import ModelMessage, ModelRequest
from agents.understanding.facts import Facts, merge, read_party, read_where
from agents.understanding.listening import Ear, Named
from agents.understanding.picks import read_picks
from agents.understanding.text import fold, language, with_digits
from business.profile.schemas import Profile

# With one of these in the same message, a number of guests is no wish for a price.
ABOUT_GUESTS = frozenset("duration space headcount minimum multi_chef drinks bring corporate discount indoor person".split())
# A longer text is read up to here: the rules look at every stretch of it.
READ = 2_000
REMEMBER = 12


@dataclass(frozen=True, slots=True)
class Heard:
    """`topics` in the order of the text, each once. `fresh`: told by what waits for an answer; `facts`: by all so far.

    `tells`: guests, place or picks were told for a price's sake.
    """

    language: str
    topics: tuple[str, ...]
    dishes: tuple[str, ...]
    allergens: tuple[str, ...]
    diets: tuple[str, ...]
    ask_a_person: tuple[str, ...]
    fresh: Facts
    facts: Facts
    tells: bool


class Hearing:
    """Reads conversations. Compiled once; holds nothing of any conversation."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ear = Ear(profile)

    def hear(self, request: ModelRequest) -> Heard:
        past, waiting = _split(request.messages)
        facts = Facts()
        for text in past[-REMEMBER:]:
            facts = merge(facts, self._facts(_comparable(text), facts))
        folded = _comparable("\n".join(waiting))
        fresh = self._facts(folded, facts)
        ear = self._ear
        return Heard(
            language=language([*past[-REMEMBER:], *waiting], request.locale),
            topics=_keys(ear.topics.find(folded)),
            dishes=_keys(ear.dishes.find(folded)),
            allergens=_keys(ear.allergens.find(folded)),
            diets=_keys(ear.diets.find(folded)),
            ask_a_person=_keys(ear.ask_a_person.find(folded)),
            fresh=fresh,
            facts=merge(facts, fresh),
            tells=any(self._tells(_comparable(text), facts) for text in waiting),
        )

    def _tells(self, folded: str, before: Facts) -> bool:
        told = self._facts(folded, before)
        about = ABOUT_GUESTS & set(_keys(self._ear.topics.find(folded)))
        return (told.has_party or told.has_picks or told.where is not None) and not about

    def _facts(self, folded: str, before: Facts) -> Facts:
        told = read_party(self._profile, folded)
        party = merge(before, told)
        eaters = party.party().eaters if party.has_party else None
        picks = read_picks(self._profile, folded, self._ear.dishes.find(folded), eaters)
        return Facts(
            told.adults,
            told.children,
            told.under_six,
            told.people,
            read_where(self._profile, folded),
            picks.upgrades,
            picks.add_ons,
            picks.premium_extras,
        )


def _comparable(text: str) -> str:
    return with_digits(fold(text[:READ]))


def _split(messages: tuple[ModelMessage, ...]) -> tuple[list[str], list[str]]:
    """The customer's texts: those that were answered, and those after the last answer."""
    past: list[str] = []
    waiting: list[str] = []
    for message in messages:
        if message.role == "user":
            waiting.append(message.content)
        elif message.role == "assistant":
            past.extend(waiting)
            waiting = []
    return (past, waiting) if waiting else (past[:-1], past[-1:])


def _keys(named: list[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.key for item in named))
