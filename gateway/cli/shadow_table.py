"""What a candidate's answers come to, as lines for a terminal."""

from collections.abc import Sequence

from knowledge.learning.figures import Figures, SideFigures

_MILLION = 1_000_000
NONE = "-"


def table(all_of_it: Figures | None, intents: Sequence[Figures]) -> list[str]:
    """One column for everything, one for each intent."""
    if all_of_it is None:
        return ["no pairs"]
    columns = [all_of_it, *intents]
    rows = [("", ["all", *(one.intent or NONE for one in intents)]), *_rows(columns)]
    wide = max(len(label) for label, _ in rows)
    widths = [max(len(cells[place]) for _, cells in rows) for place in range(len(columns))]
    return ["  ".join([label.ljust(wide), *map(str.rjust, cells, widths)]).rstrip() for label, cells in rows]


def _rows(columns: Sequence[Figures]) -> list[tuple[str, list[str]]]:
    rows = [
        ("pairs", [f"{one.pairs}" for one in columns]),
        ("failed / skipped / waiting", [f"{one.failed} / {one.skipped} / {one.waiting}" for one in columns]),
        ("similarity, mean / p10", [f"{_part(one.similarity_mean)} / {_part(one.similarity_p10)}" for one in columns]),
    ]
    for kind in ("amounts", "dates", "tools", "handoff", "all"):
        rows.append((f"agrees in {kind}", [_share(getattr(one.agreement, kind)) for one in columns]))
    for name, side in (("candidate", "shadow"), ("customer's", "primary")):
        of: list[SideFigures] = [getattr(one, side) for one in columns]
        rows.append((f"first token of {name}, p50 / p95", [f"{_ms(s.first_token_p50_ms)} / {_ms(s.first_token_p95_ms)}" for s in of]))
        rows.append((f"whole answer of {name}, p50 / p95", [f"{_ms(s.duration_p50_ms)} / {_ms(s.duration_p95_ms)}" for s in of]))
        rows.append((f"cost of one answer of {name}", [_dollars(s.cost_each_microdollars) for s in of]))
    votes = [one.critic for one in columns]
    if any((vote.primary, vote.candidate, vote.tie) != (0, 0, 0) for vote in votes):
        rows.append(("critic: candidate / tie / customer's", [f"{vote.candidate} / {vote.tie} / {vote.primary}" for vote in votes]))
    return [*rows, ("cost of all", [_dollars(one.cost_microdollars) for one in columns])]


def _part(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def _ms(value: int | None) -> str:
    return NONE if value is None else f"{value} ms"


def _dollars(microdollars: int | None) -> str:
    return NONE if microdollars is None else f"${microdollars / _MILLION:.4f}"
