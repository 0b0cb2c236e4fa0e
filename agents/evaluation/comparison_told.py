"""A comparison in lines for a terminal, and as a page: one table, then every conversation in which candidates differ, side by side."""

from collections.abc import Iterator
from html import escape

from agents.evaluation.comparison import Comparison
from agents.evaluation.page import header, turn_shown, whole, wide
from agents.evaluation.table import table


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """The table, and whose conversations were won and lost."""
    yield from table(["", *comparison.names], [[name, *cells] for name, cells in comparison.rows()])
    for entry in comparison.entries[1:]:
        for how, names in (("won", comparison.won(entry)), ("lost", comparison.lost(entry))):
            if names:
                yield f"{entry.contestant.name} {how} against {comparison.names[0]}: {', '.join(names)}"


def comparison_page(comparison: Comparison) -> str:
    """The whole file."""
    return whole(f"Comparison of {', '.join(comparison.names)}", _body(comparison))


def _body(comparison: Comparison) -> Iterator[str]:
    first = comparison.entries[0].report
    yield f"<p>{len(first.results)} conversations each, one candidate after the other, each in a database of its own. Won and lost are"
    yield f"against {escape(comparison.names[0])}. {first.began:%Y-%m-%d %H:%M} UTC, profile {escape(first.profile)}.</p>"
    yield "<h2>Side by side</h2>"
    yield wide("Side by side")
    yield header(comparison.names)
    for name, cells in comparison.rows():
        shown = "".join(f"<td{' class=below' if '(below)' in cell else ''}>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{escape(name)}</th>{shown}</tr>'
    yield "</tbody>\n</table>\n</div>"
    differing = list(comparison.differing())
    yield f"<h2>Where they differ ({len(differing)})</h2>"
    if not differing:
        yield '<p class="good">Nowhere.</p>'
    for name, results in differing:
        how = ", ".join(
            f"{called}: {'passed' if result.passed else 'failed'}" for called, result in zip(comparison.names, results, strict=True)
        )
        yield f"<details>\n<summary>{escape(name)} <small>{escape(results[0].conversation.about)} {escape(how)}.</small></summary>"
        for called, result in zip(comparison.names, results, strict=True):
            yield f'<h3>{escape(called)}</h3>\n<div class="turns">'
            if result.error is not None:
                yield f"<ul><li><b>broke down</b> with {escape(result.error)}</li></ul>"
            for turn in result.turns:
                yield from turn_shown(turn)
            yield "</div>"
        yield "</details>"
