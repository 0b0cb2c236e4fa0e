"""Where a ZIP code or a city is: looked up in the table that the `zipcodes` package carries; no network."""

from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Any

import zipcodes


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of a ZIP code's area, or of a city's."""

    name: str
    state: str
    latitude: float
    longitude: float


def zip_place(code: str) -> Place | None:
    """The place of a five-digit ZIP code, None where there is none."""
    if len(code) != 5 or not (code.isascii() and code.isdecimal()):  # other digits make the table's code panic
        return None
    rows = zipcodes.matching(code)  # type: ignore[no-untyped-call]
    return _place(rows[0]["city"], rows) if rows else None


@lru_cache(maxsize=8)
def cities(state: str) -> dict[str, Place]:
    """Every city of a state by its lower-case name; some 15 ms for a large state, then kept."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in zipcodes.filter_by(state=state):  # type: ignore[no-untyped-call]
        by_name.setdefault(row["city"].casefold(), []).append(row)
    found = {name: _place(rows[0]["city"], rows) for name, rows in by_name.items()}
    return {name: place for name, place in found.items() if place is not None}


def _place(name: str, rows: list[dict[str, Any]]) -> Place | None:
    """The middle of the areas where people live; PO boxes only where there is nothing else."""
    located = [row for row in rows if row["lat"] and row["long"]]
    lived_in = [row for row in located if row["zip_code_type"] == "STANDARD"] or located
    if not lived_in:
        return None
    latitude = fmean(float(row["lat"]) for row in lived_in)
    return Place(name, lived_in[0]["state"], latitude, fmean(float(row["long"]) for row in lived_in))
