"""A figure as somebody said it."""

from dataclasses import dataclass

from agents.guard.figures import ANY, Kind

# Never licensed: what no figure can be.
UNREADABLE = "?"


@dataclass(frozen=True, slots=True)
class Said:
    """A figure as said: any of `values` may be meant. `nouns`: labels by the noun that it counts. `bare`: no unit was said."""

    kind: Kind
    values: tuple[str, ...]
    end: int
    nouns: frozenset[str] = ANY
    bare: bool = False
    small: bool = False
