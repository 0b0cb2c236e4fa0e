"""What a measurement of the search says: lines for a terminal, a part of the report, and whether the floor holds."""

import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.evaluation.files import SetError
from agents.evaluation.retrieval import BYS, FIRST, Asked, Measured, Retrieval
from agents.evaluation.table import table

COLUMNS = ("searched by", "questions", f"recall@{FIRST[0]}", f"recall@{FIRST[1]}", "MRR", "told apart")
NAMES = {"both": "both halves", "vectors": "vectors alone", "words": "words alone"}


class RetrievalFloor(BaseModel):
    """What both halves together must reach over all questions; from 0 to 1. A number in it may only rise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recall_1: float = Field(ge=0, le=1)
    recall_5: float = Field(ge=0, le=1)
    mrr: float = Field(ge=0, le=1)

    def reached(self, measured: Measured) -> dict[str, float]:
        return {"recall_1": measured.first.share or 0.0, "recall_5": measured.among_five.share or 0.0, "mrr": measured.mrr}

    def below(self, measured: Measured) -> list[str]:
        """A line for each figure that is under it."""
        wanted = self.model_dump()
        return [
            f"{name}: {value:.3f} is below the floor of {wanted[name]:.3f}"
            for name, value in self.reached(measured).items()
            if value < wanted[name]
        ]


def load_retrieval_floor(path: Path) -> RetrievalFloor:
    """Raises `SetError`."""
    try:
        return RetrievalFloor.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SetError(f"{path}: is no floor: {error}") from error


def verdict_of(retrieval: Retrieval, floor: RetrievalFloor) -> list[str]:
    """What is below the floor, and a half that does as well alone; none where all is well."""
    whole = retrieval.measured("both")
    faults = floor.below(whole)
    for by in BYS[1:]:
        half = retrieval.measured(by)
        if (half.among_five.share or 0) >= (whole.among_five.share or 0) or half.mrr >= whole.mrr:
            faults.append(f"{NAMES[by]} do as well as both: recall@5 {half.among_five}, MRR {half.mrr:.3f}")
    return faults


def retrieval_lines(retrieval: Retrieval) -> Iterator[str]:
    """Scores by language and way of searching, then every question whose answer is not among the first five."""
    for name, rows in _rows(retrieval):
        yield name
        yield from table(list(COLUMNS), rows)
        yield ""
    for one in retrieval.failures():
        yield f"{one.question.language}: {one.question.ask}"
        yield f"    expected {' or '.join(one.question.pieces)}; place {one.place or 'none'}"
        yield f"    came: {'; '.join(one.found[:3]) or 'nothing'}"


def retrieval_section(retrieval: Retrieval) -> Iterator[str]:
    """The same as a part of the page."""
    yield "<h2>Documents that are found</h2>"
    yield "<p>The share of questions for which a piece that answers stands first, or among the first five; the mean of 1 / its place."
    yield "<i>Told apart</i>: how well a question that nothing answers is known by the likeness of the nearest piece.</p>"
    for name, rows in _rows(retrieval):
        yield f'<div class="wide" role="region" aria-label="Documents that are found: {escape(name)}" tabindex="0">\n<table>'
        heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in (name, *COLUMNS[1:]))
        yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
        for row in rows:
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            yield f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'
        yield "</tbody>\n</table>\n</div>"
    failed = list(retrieval.failures())
    yield f"<details>\n<summary>Questions whose answer is not among the first five ({len(failed)})</summary>\n<ul>"
    yield from map(_item, failed)
    yield "</ul>\n</details>"


def _item(one: Asked) -> str:
    came = escape("; ".join(one.found[:3]) or "nothing")
    return f"<li><b>{escape(one.question.ask)}</b>: expected {escape(' or '.join(one.question.pieces))}; came: {came}</li>"


def _rows(retrieval: Retrieval) -> Iterator[tuple[str, list[list[str]]]]:
    for name, where in retrieval.groups():
        yield name, [[NAMES[by], *_cells(retrieval.measured(by, where))] for by in BYS]


def _cells(measured: Measured) -> list[str]:
    apart = "-" if measured.apart is None else f"{measured.apart:.3f}"
    return [str(measured.first.of), str(measured.first), str(measured.among_five), f"{measured.mrr:.3f}", apart]
