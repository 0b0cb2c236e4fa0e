"""How sure a lead's facts were heard, from 0 to 1: a phone number is what it is, a city is no address, "around 20 people" are no adults
yet. Pure. What people ought to ask again stands low."""

from typing import Any

from agents.understanding.facts import Facts
from agents.understanding.reading import Heard

SURE, TOLD, LIKELY, LOOSE = 1.0, 0.9, 0.7, 0.5
GUESTS = ("adults", "children", "under_six")


def confidence(facts: Facts, heard: Heard, given: dict[str, Any]) -> dict[str, float]:
    """For each of `given`, the arguments that are kept."""
    found = {name: _of(name, facts) for name in given}
    for unclear in heard.unclear:
        if unclear.kind in ("about", "at_least", "ages"):
            of = GUESTS if unclear.fact in ("guests", "people") or unclear.kind == "ages" else (unclear.fact,)
            found |= {name: min(found[name], LIKELY) for name in of if name in found}
    return found


def _of(name: str, facts: Facts) -> float:
    match name:
        case "adults":
            return SURE if facts.adults is not None else LOOSE  # people whose ages nobody told
        case "date":
            return SURE if len(facts.dates) == 1 else LOOSE  # one of several that would do
        case "place":
            return _of_place(facts)
        case "name" | "preferred_contact" | "budget_cents" | "occasion":
            return TOLD
    return SURE


def _of_place(facts: Facts) -> float:
    where = facts.where
    if where is None:
        return LOOSE
    if where.address is not None and where.place is not None:
        return SURE
    return LIKELY if where.place is not None or where.address is not None else LOOSE
