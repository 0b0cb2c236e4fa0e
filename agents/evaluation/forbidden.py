"""What no reply may say, whatever the conversation: money that nobody computed, a price that is hedged, a promise that is not ours."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agents.evaluation.matching import plain
from business.profile.schemas import Profile

_MONEY = re.compile(r"\$\s?(\d[\d,]*(?:\.\d{1,2})?)")
_NOT_BEFORE = r"(?<!no )(?<!not )(?<!sin )(?<!never )(?<!nunca )"
RULES: Mapping[str, re.Pattern[str]] = {
    "a hedged price": re.compile(
        r"\b(?:about|around|roughly|approximately|approx\.?|more or less|alrededor de|aproximadamente|unos|mas o menos|cerca de)\s+\$\s?\d"
    ),
    "a minimum of guests": re.compile(
        _NOT_BEFORE + r"\b(?:(?:a|an|un|the)\s)?\d+[- ](?:person|people|guest|personas|invitados) minimum\b"
        r"|\b(?:minimum|minimo) (?:is|of|es|de|es de) \d+ (?:people|persons|guests|adults|personas|invitados|adultos)\b"
    ),
    "a drive time": re.compile(
        r"\b\d+[- ](?:(?:min|mins|minutes?)[- ](?:drive|away)|hours?[- ]drive)\b|\b\d+ (?:minutos|horas) (?:de camino|manejando)\b"
    ),
    "money promised": re.compile(
        r"\b(?:we|i)(?:'ll| will) (?:refund|reimburse|credit)\b|\byou(?:'ll| will) (?:get|receive) (?:a|your) (?:full )?(?:refund|money)\b"
        r"|\b(?:te|le|les) (?:reembolsaremos|devolveremos|regresaremos)\b"
    ),
    "a guarantee against an allergen": re.compile(
        r"\bguaranteed? (?:to be )?(?:nut|gluten|dairy|egg|allergen|shellfish|soy)s?[- ]free\b"
        r"|\bgarantizado sin\b|\b100 ?% (?:safe|seguro|nut|gluten)"
    ),
    "a placeholder": re.compile(r"\{\{|\}\}|\bprofile\.[a-z]"),
}


def licensed_by_profile(profile: Profile) -> frozenset[int]:
    """Every amount of the profile, in cents."""
    return frozenset(cents for key, cents in _numbers(profile.model_dump(mode="json")) if key.endswith("_cents"))


def licensed_by(data: Iterable[Mapping[str, Any]]) -> frozenset[int]:
    """Every number that tools returned, taken as cents, and every amount that they wrote."""
    found: set[int] = set()
    for one in data:
        found.update(number for _, number in _numbers(one))
        found.update(cents for text in _texts(one) for cents in amounts(text))
    return frozenset(found)


def amounts(text: str) -> list[int]:
    """Amounts of money in a text, in cents."""
    found = []
    for match in _MONEY.finditer(text):
        dollars, _, cents = match[1].replace(",", "").partition(".")
        found.append(100 * int(dollars) + int(cents.ljust(2, "0") or 0))
    return found


def broken(text: str, licensed: frozenset[int]) -> list[str]:
    """What a reply says that no reply may say: the rule, and the words."""
    shown = plain(text)
    found = [f"{rule}: {match[0]!r}" for rule, pattern in RULES.items() if (match := pattern.search(shown)) is not None]
    return found + [f"an amount that nobody computed: {cents / 100:.2f}" for cents in amounts(text) if cents not in licensed]


def _numbers(value: Any, key: str = "") -> Iterator[tuple[str, int]]:
    match value:
        case bool() | None:
            return
        case int():
            yield key, value
        case Mapping():
            for name, inner in value.items():
                yield from _numbers(inner, str(name))
        case list() | tuple():
            for inner in value:
                yield from _numbers(inner, key)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
