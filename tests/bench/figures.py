"""What a bench found: figures with their goals, and the arithmetic that makes them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.bench.plots import Plot

Verdict = Literal["pass", "FAIL", ""]


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that at least this share of all values does not exceed. NaN of nothing."""
    if not 0 < share <= 1:
        raise ValueError("a share is more than 0 and at most 1")
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit that a figure must keep; `at_most` False: that it must reach."""

    value: float
    at_most: bool = True

    def met_by(self, value: float) -> bool:
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report, with what is drawn of it. NaN: it could not be measured, and `note` says why."""

    name: str
    value: float
    unit: str
    goal: Goal | None = None
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, Plot] = field(default_factory=dict)  # by the last part of their files' names

    @property
    def verdict(self) -> Verdict:
        if self.goal is None:
            return ""
        return "pass" if self.goal.met_by(self.value) else "FAIL"

    @property
    def shown(self) -> str:
        """The value with three digits that mean something."""
        if math.isnan(self.value):
            return "not measured"
        if self.value >= 100 or self.value == int(self.value):
            return f"{self.value:,.0f}"
        return f"{self.value:.3g}"


def spread(values: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the worst, rounded for a report."""
    return {
        "n": len(values),
        "p50": round(percentile(values, 0.5), 2),
        "p99": round(percentile(values, 0.99), 2),
        "max": round(max(values, default=math.nan), 2),
    }
