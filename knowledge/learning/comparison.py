"""Two answers to one turn, compared: how near their words are, and whether they say the same amounts and dates, ask for the same tools
and call a person. Pure: what is in a text is read by whoever knows how, and passed in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

HANDOFF = "a person was called"


@dataclass(frozen=True, slots=True)
class Facts:
    """What one answer states and does, each as it is shown: amounts (`$660`), dates (ISO), calls of tools (`quote {"adults":12}`)."""

    amounts: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    handoff: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """`found` is JSON: for `amounts`, `dates`, `tools` and `handoff` whether they `agree`, and what only one of the two has."""

    agrees: bool
    found: dict[str, dict[str, Any]]


def compare(primary: Facts, candidate: Facts) -> Agreement:
    """Whether both say the same. What one says twice and the other once is the same."""
    found = {
        "amounts": _sides(primary.amounts, candidate.amounts),
        "dates": _sides(primary.dates, candidate.dates),
        "tools": _sides(primary.tools, candidate.tools),
        "handoff": _sides({HANDOFF} if primary.handoff else (), {HANDOFF} if candidate.handoff else ()),
    }
    return Agreement(all(side["agrees"] for side in found.values()), found)


def similarity(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two vectors of length one, from -1 to 1; rounding may not lead beyond."""
    return max(-1.0, min(1.0, float(sum(a * b for a, b in zip(one, other, strict=True)))))


def _sides(primary: Collection[str], candidate: Collection[str]) -> dict[str, Any]:
    mine, theirs = set(primary), set(candidate)
    return {"agrees": mine == theirs, "only_primary": sorted(mine - theirs), "only_candidate": sorted(theirs - mine)}
