"""What HTTP offers of reports, as values (see operations.py)."""

from typing import Annotated, Any

from pydantic import Field

from business.reports.report import Kind
from gateway.http.operations import Edge, Operation

Value = str | int | float | bool | None


class ReportColumn(Edge):
    """A column as this role sees it. `money` is in cents, `dollars` in micro-dollars, days and moments are ISO 8601 at the venue, a
    `link` is the id of a conversation."""

    name: str
    title: str
    kind: Kind


class ReportTable(Edge):
    """A report as it came out, fifty rows at most. `counted`: how, in words made from what really ran; `total`: how many rows there are;
    `parameters`: those that were given, for a file of the same."""

    report: str
    title: str
    counted: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: int
    parameters: dict[str, Any]


class ReportOffer(Edge):
    """A report that this role may ask for. `parameters` is a JSON Schema."""

    name: str
    title: str
    answers: str
    columns: tuple[ReportColumn, ...]
    parameters: dict[str, Any]


class ReportsAnswer(Edge):
    """All of them."""

    items: tuple[ReportOffer, ...]


class ReportBody(Edge):
    """Which report, with its parameters; days like `2027-05-31`."""

    report: Annotated[str, Field(min_length=1, max_length=40)]
    parameters: Annotated[dict[str, Any], Field(default_factory=dict, max_length=20)]


REPORTS: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/reports", "reports", "What may be asked of the data, by role", (ReportsAnswer,)),
    Operation("POST", "/api/admin/reports/run", "report_run", "Ask a report; it only reads", (ReportTable,), ReportBody, errors=(404, 429)),
    Operation(
        "POST",
        "/api/admin/reports/export",
        "report_export",
        "All rows of a report as CSV: RFC 4180, UTF-8 with a byte order mark, formulas disarmed",
        (),
        ReportBody,
        errors=(404, 429),
        gives="text/csv; charset=utf-8",
    ),
)
