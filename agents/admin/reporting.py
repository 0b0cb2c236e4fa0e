"""The tool that answers by a report: for models by name and parameters, for the house as its rules hear it."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from agents.guard.figures import Figure, count_figure, date_figures, money_figure, time_figures
from agents.tools.context import ToolContext
from agents.tools.results import ToolError, ToolResult
from agents.tools.tool import STAFF, Tool, ToolArgs
from business.reports import running
from business.reports.catalogue import CATALOGUE
from business.reports.report import Asking, Kind, Report
from business.reports.running import Table
from kernel.errors import BadRequest, NotAllowed, NotFound, Unavailable

NAME = "report"
_COUNTS = frozenset({"number", "minutes"})


class ReportArgs(ToolArgs):
    report: Annotated[str, Field(max_length=40, description="its name")]
    parameters: Annotated[dict[str, Any], Field(default_factory=dict, description="what it takes; days like 2027-05-31")]


class ReportTool(Tool[ReportArgs]):
    """Counts and lists over the business's data, in a transaction that can only read."""

    name = NAME
    agents = frozenset({"admin"})
    roles = STAFF
    args = ReportArgs

    def __init__(self) -> None:
        told = "; ".join(map(_offer, CATALOGUE.values()))
        self.description = f"Lists and counts over the data, with how they were counted. first and last are days. Reports: {told}."

    async def run(self, context: ToolContext, args: ReportArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("There is no database here.")
        asking = Asking(context.profile, context.now, context.chief)
        try:
            report = running.chosen(args.report, context.chief)
            table = await running.run(context.database, report, running.parsed(report, args.parameters), asking)
        except (BadRequest, NotAllowed, NotFound) as error:
            raise ToolError(f"{args.report[:40]}: {error.message}") from None
        return ToolResult(table_data(table, asking), tuple(_figures(table, asking)))


def table_data(table: Table, asking: Asking) -> dict[str, Any]:
    """As JSON; moments at the venue."""
    return {
        "report": table.report,
        "title": table.title,
        "counted": table.words,
        "columns": [{"name": column.name, "title": column.title, "kind": column.kind} for column in table.columns],
        "rows": [[_value(cell, asking) for cell in row] for row in table.rows],
        "total": table.total,
        "parameters": dict(table.parameters),
    }


def _offer(report: Report) -> str:
    takes = ", ".join(report.parameters.model_fields)
    return f"{report.name}({takes}): {report.answers}{' For owners and admins.' if report.chiefs else ''}"


def _value(cell: Any, asking: Asking) -> Any:
    match cell:
        case dt.datetime():
            return cell.astimezone(asking.zone).strftime("%Y-%m-%dT%H:%M")
        case dt.date():
            return cell.isoformat()
        case int() | float() | None:
            return cell
    return str(cell)


def _figures(table: Table, asking: Asking) -> Iterable[Figure]:
    """What an answer may state of it: our counts, days and amounts. Names, topics and addresses license nothing."""
    yield Figure("number", str(table.total))
    yield from _days_of(table)
    for at, column in enumerate(table.columns):
        for row in table.rows:
            yield from _of_cell(row[at], column.kind, asking)
            if column.name == "guests":
                yield count_figure(row[at], "guest")


def _days_of(table: Table) -> Iterable[Figure]:
    for value in table.parameters.values():
        if isinstance(value, str) and value[:2] == "20" and len(value) == 10:
            yield from date_figures(dt.date.fromisoformat(value))


def _of_cell(cell: Any, kind: Kind, asking: Asking) -> Iterable[Figure]:
    if cell is None:
        return
    if kind in _COUNTS:
        yield Figure("number", str(cell))
    elif kind == "money":
        yield money_figure(cell)
    elif kind in ("day", "month"):
        yield from date_figures(cell)
    elif kind == "moment":
        local = cell.astimezone(asking.zone)
        yield from date_figures(local.date())
        yield from time_figures(local.time())
