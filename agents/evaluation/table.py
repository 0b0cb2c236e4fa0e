"""The scores as lines for a terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping

from agents.evaluation.floor import Floor
from agents.evaluation.results import NOBODY, Report, Result, Score
from agents.evaluation.scoring import KINDS, Kind


def lines(report: Report, floor: Floor | None) -> Iterator[str]:
    """Scores per agent and language, who took whose messages, and every failure."""
    header = ["", *KINDS]
    rows = [[name, *_cells(scores)] for name, scores in report.by_agent().items()]
    rows += [[name, *_cells(scores)] for name, scores in report.by_language().items()]
    rows.append(["all", *_cells(report.scores())])
    if floor is not None:
        rows.append(["floor", *(f"{100 * floor.of(kind):.1f} %" for kind in KINDS)])
    yield from table(header, rows)
    yield ""
    yield from _confusion(report.confusion())
    yield ""
    for result in report.results:
        yield from failure_lines(result)
    yield f"{report.candidate}: {report.conversations.passed} of {report.conversations.of} conversations without a failure"
    yield f"in {report.seconds:.0f} s, profile {report.profile}"


def failure_lines(result: Result) -> Iterator[str]:
    """What failed in one conversation, with what was expected and what came."""
    if result.error is not None:
        yield f"{result.name}: broke down with {result.error}"
    for number, turn in enumerate(result.turns, 1):
        for failure in turn.failures if turn.answer is not None else ():
            yield f"{result.name}, turn {number}: {turn.turn.say}"
            yield f"    {failure.kind}: expected {failure.expected}"
            yield f"    came: {' '.join(failure.came.split())}"


def verdict(report: Report, floor: Floor) -> list[str]:
    """What is below the floor, a line for each kind; none where it holds."""
    scores = report.scores()
    return [f"{kind}: {scores[kind]} is below the floor of {100 * wanted:.1f} %" for kind, wanted in floor.below(scores).items()]


def _cells(scores: Mapping[Kind, Score]) -> list[str]:
    return [str(scores[kind]) for kind in KINDS]


def _confusion(rows: Mapping[str, Counter[str]]) -> Iterator[str]:
    columns = [*rows, *sorted({name for row in rows.values() for name in row} - set(rows) - {NOBODY}), NOBODY]
    yield "who should have it (rows) and who had it"
    yield from table(["", *columns], [[name, *(str(row[column] or "") for column in columns)] for name, row in rows.items()])


def table(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Columns as wide as what stands in them."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
