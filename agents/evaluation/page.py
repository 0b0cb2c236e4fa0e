"""The report as one HTML file: nothing is loaded, no script runs, light and dark as the reader's system has it."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

from agents.evaluation.floor import Floor
from agents.evaluation.results import NOBODY, Report, Result, Score, TurnResult
from agents.evaluation.scoring import KINDS, Kind

STYLE = Path(__file__).with_name("page.css")


def page(report: Report, floor: Floor | None) -> str:
    """The whole file."""
    return whole(f"Evaluation of {report.candidate}", _body(report, floor))


def whole(title: str, body: Iterable[str]) -> str:
    """A page of its own around what it says."""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>",
        f"<h1>{escape(title)}</h1>",
    )
    return "\n".join([*head, *body, "</main>\n</body>\n</html>\n"])


def _body(report: Report, floor: Floor | None) -> Iterator[str]:
    went = report.conversations
    yield f"<p>{went.passed} of {went.of} conversations went without a failure. {report.began:%Y-%m-%d %H:%M} UTC,"
    yield f"{report.seconds:.0f} s, profile {escape(report.profile)}.</p>"
    yield "<h2>Scores</h2>"
    yield "<p>The share of checks that passed. A turn that several agents must take counts for each of them.</p>"
    yield from _scores(report, floor)
    yield "<h2>Who took whose messages</h2>"
    yield "<p>A row is an agent that should have had a message, a column one that had it without leave, or the agent itself.</p>"
    yield from _confusion(report)
    failed = [result for result in report.results if not result.passed]
    yield f"<h2>Failures ({len(failed)})</h2>"
    if not failed:
        yield '<p class="good">None.</p>'
    for result in failed:
        yield from _failure(result)


def _scores(report: Report, floor: Floor | None) -> Iterator[str]:
    yield wide("Scores")
    yield header(KINDS)
    for name, scores in (*report.by_agent().items(), *report.by_language().items()):
        yield _row(name, scores, None)
    yield _row("all", report.scores(), floor, "sum")
    if floor is not None:
        cells = "".join(f"<td>{100 * floor.of(kind):.1f} %</td>" for kind in KINDS)
        yield f'<tr><th scope="row">floor</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>"


def wide(label: str) -> str:
    """A table that is pushed sideways on a small screen, with keys too."""
    return f'<div class="wide" role="region" aria-label="{label}" tabindex="0">\n<table>'


def header(columns: Iterable[str]) -> str:
    """The head of such a table; its first column has no name."""
    cells = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return f"<thead><tr><td></td>{cells}</tr></thead>\n<tbody>"


def _row(name: str, scores: Mapping[Kind, Score], floor: Floor | None, kind_of_row: str = "") -> str:
    below = floor.below(scores) if floor is not None else {}
    cells = "".join(
        f'<td{" class=below" if kind in below else ""} title="{scores[kind].passed} of {scores[kind].of}">{scores[kind]}'
        f"{' (below)' if kind in below else ''}</td>"
        for kind in KINDS
    )
    return f'<tr{f" class={kind_of_row}" if kind_of_row else ""}><th scope="row">{escape(name)}</th>{cells}</tr>'


def _confusion(report: Report) -> Iterator[str]:
    rows = report.confusion()
    columns = [*rows, *sorted({name for row in rows.values() for name in row} - set(rows) - {NOBODY}), NOBODY]
    yield wide("Who took whose messages")
    yield header(columns)
    for name, row in rows.items():
        cells = []
        for column in columns:
            shade = "" if not row[column] else " class=right" if column == name else " class=wrong"
            cells.append(f"<td{shade}>{row[column] or ''}</td>")
        yield f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _failure(result: Result) -> Iterator[str]:
    count = sum(len(turn.failures) for turn in result.turns)
    yield f"<details>\n<summary>{escape(result.name)} <small>{escape(result.conversation.about)}"
    yield f"{count} {'check' if count == 1 else 'checks'} failed.</small></summary>"
    yield '<div class="turns">'
    if result.error is not None:
        yield f"<ul><li><b>broke down</b> with {escape(result.error)}</li></ul>"
    for turn in result.turns:
        yield from turn_shown(turn)
    yield "</div>\n</details>"


def turn_shown(turn: TurnResult) -> Iterator[str]:
    """What was said, what came, and which checks failed."""
    yield f'<div class="said">{escape(turn.turn.say)}</div>'
    if turn.answer is not None:
        yield f'<div class="came">{escape(turn.answer.text)}</div>'
        if turn.answer.sources:
            yield f"<p><small>cited: {escape('; '.join(turn.answer.sources))}</small></p>"
    if turn.failures:
        yield "<ul>"
        for failure in turn.failures:
            # Where the whole reply came, it stands just above.
            came = "the reply above" if turn.answer is not None and failure.came == turn.answer.text else failure.came
            yield f"<li><b>{failure.kind}</b>: expected {escape(failure.expected)}; came: {escape(came)}</li>"
        yield "</ul>"
