"""Diets and allergies as told of guests, with counts where told; a question about the menu is not one of them."""

import re
from bisect import bisect
from dataclasses import dataclass

from agents.understanding.listening import Mentions, Named
from business.menu.rules import find_dish
from business.profile.offer import Dish
from business.profile.schemas import Profile

# That a person of the party is spoken of, not the menu.
_OF_SOMEBODY = re.compile(
    r"\b(?:i'?m|i am|i have|we have|we'?ve|we are|we're|i can'?t|we can'?t|my|our|one of|some of|a few"
    r"|guests?|is allergic|are allergic|has an?|have an?|"
    r"allergic to|has|can'?t (?:have|eat)|cannot (?:have|eat)|do(?:es)?n'?t eat|do not eat|i'?ll need|we'?ll need"
    r"|we need|we eat|i eat|she|he|they|"
    r"soy|somos|tengo|tenemos|tiene|tienen alergia|mi|mis|nuestr[oa]s?|es alergic|son alergic|alergic[oa]s? al?|alergia al?|uno de|una de|"
    r"alguien|no puede|no pueden|no come|no comen|no comemos|son|es vegan|es vegetarian)\b"
)
_ASKS = re.compile(
    r"^[\s~]*(?:and |so |pero |y )?(?:is|are|do|does|can|could|what|which|how|any|tienen|hay|es|son|pueden|ofrecen|sirven|que|cuales)\b"
)
_CANNOT = re.compile(r"\b(?:can'?t|cannot|can not|must not|no puede[n]?|no debe[n]?) (?:have|eat|comer)\b")
_SENTENCE_END = re.compile(r"[.!?;\n](?!\d)")
_COUNT = re.compile(
    r"(?<![\w$.,/])(\d{1,3}|one|an?|una?)\s+(?:of (?:us|them|the guests|our guests|those)\s+|(?:more |are "
    r"|is |am |will be |guests?\s+|people\s+|persons?\s+|adults?\s+|kids?\s+|"
    r"personas?\s+|invitados\s+|who\s+|que\s+|son\s+|es\s+|de (?:nosotros|ellos)\s+|strict\s+|with\s+an?\s+"
    r"|with\s+|has\s+an?\s+|con\s+)){0,4}$"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """Keys of the profile."""

    diets: tuple[str, ...] = ()
    diet_counts: tuple[tuple[str, int], ...] = ()
    allergens: tuple[str, ...] = ()


def read_needs(profile: Profile, text: str, named: Mentions, asked: str | None, *, none: bool) -> Needs:
    """Told in a folded text with digits. Where it may be a question or a need, a need of a named person counts.

    A dish that is named in the sentence of an allergy stands for its allergens. `none`: that there are no allergies was said.
    """
    diets, allergens, dishes = named.diets, [*named.allergens, *named.ask_a_person], named.dishes
    allergic = "allergy" in {item.key for item in named.topics}
    if not (diets or allergens or (allergic and dishes)):
        return Needs()
    of_somebody = _OF_SOMEBODY.search(text) is not None
    asks = _ASKS.search(text) is not None
    counts = {item.key: count for item in diets if (count := _count(text, item)) is not None}
    told = asked == "allergies" or of_somebody or (not asks and "?" not in text)
    kept = tuple(dict.fromkeys(item.key for item in diets if told or item.key in counts))
    found = [item.key for item in allergens] if told else []
    if told and not none and (allergic or asked == "allergies"):
        for dish in dishes if asked == "allergies" else _beside(text, dishes, named.topics):
            entry = find_dish(profile, dish.key)
            if entry is not None and isinstance(entry.dish, Dish):
                found += entry.dish.allergens
    return Needs(kept, tuple(counts.items()), tuple(dict.fromkeys(found)))


def _beside(text: str, dishes: list[Named], topics: list[Named]) -> list[Named]:
    """The dishes that share a sentence with an allergy."""
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]
    allergic = {bisect(ends, item.start) for item in topics if item.key == "allergy"}
    allergic |= {bisect(ends, match.start()) for match in _CANNOT.finditer(text)}
    return [dish for dish in dishes if bisect(ends, dish.start) in allergic]


def _count(text: str, named: Named) -> int | None:
    match = _COUNT.search(text[: named.start])
    if match is None:
        return None
    return int(match[1]) if match[1].isdigit() else 1
