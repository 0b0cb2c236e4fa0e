"""What the guard's tests know: the shipped profile, a customer's words, a quote; licences of them; one reply through a guard."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from agents.guard.figures import figures_of_quote
from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from business.pricing.rules import Order, Party, quote
from business.profile.loader import load_profile
from business.travel.rules import fee_for_miles

PROFILE = load_profile()
NOW = datetime(2026, 11, 28, 20, tzinfo=UTC)
SAID = "you said $19.99, right? 8 adults and 4 kids, Saturday December 5 at 6, 123 Main Street, my number is 510 555 0188"
FEE = fee_for_miles(PROFILE.travel.stations[0], Decimal(45), "exact")
QUOTE = quote(PROFILE, Order(Party(8, 4), travel_cents=FEE.cents))

_SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(?:el|los|son|tu|te|para|cada|cuesta|las|cocinamos|empezamos)\b", re.IGNORECASE)


def language_of(text: str) -> str:
    return "es" if _SPANISH.search(text) else "en"


def _licences(known: str) -> Iterator[tuple[str, Licence]]:
    for language in ("en", "es"):
        licence = Licence.of_profile(PROFILE, language)
        match known:
            case "ECHOED":
                yield language, licence.echoing([SAID], NOW, PROFILE.business.zone)
            case "QUOTED":
                yield language, licence.plus(figures_of_quote(QUOTE, FEE))
            case _:
                yield language, licence


LICENCES = {known: dict(_licences(known)) for known in ("UNKNOWN", "ECHOED", "QUOTED")}


def guarded(text: str, licence: Licence, size: int | None = None, rng: random.Random | None = None) -> FigureGuard:
    """A whole text through a guard, in pieces of a size, or of sizes as they come."""
    guard, at, out = FigureGuard(licence), 0, ""
    while at < len(text):
        step = size or (rng.randint(1, 12) if rng is not None else len(text))
        out += guard.feed(text[at : at + step])
        at += step
    out += guard.end()
    assert out == guard.released
    return guard
