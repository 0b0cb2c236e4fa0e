"""What only the team wants to know of a party: what it may cost and what it is for, where a customer says so unasked. Pure; the newest word
counts."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.understanding.text import fold

OCCASIONS = Path(__file__).with_name("occasions.toml")
READ = 2_000
# In cents; what is less buys no party, what is more was no amount of dollars.
LEAST, MOST = 100_00, 100_000_00
# Amounts are written the same way first: `#120000` in cents where it is money by its own words, `~120000` where only the sentence says so.
_AMOUNT = re.compile(
    r"(?:(us\$|\$) ?)?\b(\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.\d\d)?( ?(?:k|grand|mil)\b)?( ?-?(?:dollars?|bucks|usd|dolares)\b)?"
)
_LINK = (
    r"(?: (?:is|of|was|around|about|roughly|like|up to|max|maximum|at most|to|es|seria|de|hasta|como|unos|alrededor|maximo|total))*[ :]*"
)
_MODEST = r"(?: (?:up to|about|around|at most|no more than|hasta|unos|como))? "
_BUDGET = re.compile(
    rf"\b(?:budget|presupuesto){_LINK}[#~](\d+)"
    r"|[#~](\d+) (?:is (?:our|my|the) )?budget\b"
    rf"|\b(?:can|could|want to|like to|willing to|plan to|looking to|will) (?:spend|pay){_MODEST}#(\d+)"
    rf"|\b(?:podemos|puedo|quiero|queremos|pensamos) (?:gastar|pagar){_MODEST}#(\d+)"
    r"|\b(?:keep it|stay|be) (?:under|below|within) #(\d+)"
)
_EACH = re.compile(r" ?(?:/ ?)?(?:per|an?|each|every|por|cada) ?(?:person|people|head|guest|adult|plate|persona|invitado|adulto|pp)?\b")
_NOT = re.compile(r"\b(?:not|isn't|no|never|sin|instead of|rather than) (?:a |an |for a |our |es |un |una |my )*$")


@dataclass(frozen=True, slots=True)
class Told:
    """None: not said. `occasion`: a key of occasions.toml."""

    budget_cents: int | None = None
    occasion: str | None = None


def listen(texts: Iterable[str]) -> Told:
    """Of what a customer wrote, the oldest first."""
    budget, occasion = None, None
    for text in texts:
        plain = fold(text[:READ])
        budget, occasion = _budget(plain) or budget, _occasion(plain) or occasion
    return Told(budget, occasion)


def _budget(plain: str) -> int | None:
    """The last amount that is said to be all there is, in cents; one for each guest is none."""
    found, even = None, _AMOUNT.sub(_in_cents, plain)
    for match in _BUDGET.finditer(even):
        cents = int(match[match.lastindex or 0])
        if LEAST <= cents <= MOST and not _EACH.match(even[match.end() :]):
            found = cents
    return found


def _in_cents(match: re.Match[str]) -> str:
    sign, figure, thousands, unit = match.groups()
    cents = int(figure.replace(",", "")) * (1000 if thousands else 1) * 100
    return f"{'#' if sign or unit else '~'}{cents}"


def _occasion(plain: str) -> str | None:
    for key, words in _occasions().items():
        match = words.search(plain)
        if match is not None and not _NOT.search(plain[: match.start()]):
            return key
    return None


@cache
def _occasions() -> dict[str, re.Pattern[str]]:
    listed: dict[str, list[str]] = tomllib.loads(OCCASIONS.read_text(encoding="utf-8"))
    return {
        key: re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?:'?s)?\b")
        for key, words in listed.items()
    }
