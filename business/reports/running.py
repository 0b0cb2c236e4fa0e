"""Runs a report: in a transaction that can only read, within a time, and to a number of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncConnection

from business.reports.catalogue import CATALOGUE
from business.reports.report import Asking, Column, Parameters, Plan, Report
from kernel.database import CANCELLED, Database, sqlstate
from kernel.errors import BadRequest, NotAllowed, NotFound, Unavailable

SHOWN = 50
EXPORTED_AT_MOST = 10_000
WITHIN_MS = 3_000
_TOTAL = "total_of_all"


@dataclass(frozen=True, slots=True)
class Table:
    """A report as it came out. `rows` in the order of `columns`; `total`: how many there are; `words`: how it was counted."""

    report: str
    title: str
    words: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    parameters: Mapping[str, Any]

    @property
    def whole(self) -> bool:
        return len(self.rows) == self.total


def offered(chief: bool) -> tuple[Report, ...]:
    """The reports that a role may ask for."""
    return tuple(report for report in CATALOGUE.values() if chief or not report.chiefs)


def chosen(name: str, chief: bool) -> Report:
    """Raises NotFound, NotAllowed."""
    report = CATALOGUE.get(name)
    if report is None:
        raise NotFound("There is no such report.")
    if report.chiefs and not chief:
        raise NotAllowed("This report shows amounts. Ask an owner or an admin.")
    return report


def parsed(report: Report, parameters: Mapping[str, Any]) -> Parameters:
    """The parameters as typed values. Raises BadRequest, which says what is wrong with which."""
    try:
        return report.parameters.model_validate(dict(parameters))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'parameters'}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False)
        )
        raise BadRequest(f"These parameters are not understood: {faults}.") from None


async def run(database: Database, report: Report, parameters: Parameters, asking: Asking, *, at_most: int = SHOWN) -> Table:
    """Raises NotAllowed by role, BadRequest for days that are no span or where it takes too long."""
    chosen(report.name, asking.chief)
    plan, columns = report.plan(parameters, asking), report.shown_to(asking.chief)
    try:
        async with database.transaction(database.reading) as connection:
            rows = await _rows(connection, plan, columns, at_most)
    except Unavailable as error:
        if sqlstate(error.__cause__) == CANCELLED:
            raise BadRequest("That takes too long to count. Ask for fewer days.") from None
        raise
    total = rows[0][-1] if rows else 0
    given = parameters.model_dump(mode="json", exclude_none=True)
    return Table(report.name, report.title, plan.words, columns, tuple(tuple(row[:-1]) for row in rows), total, given)


async def export(database: Database, report: Report, parameters: Parameters, asking: Asking) -> Table:
    """All of it. Raises BadRequest where that is more than a file should hold: half of it would be taken for the whole."""
    table = await run(database, report, parameters, asking, at_most=EXPORTED_AT_MOST)
    if not table.whole:
        raise BadRequest(f"These are {table.total:,} rows; a file holds {EXPORTED_AT_MOST:,}. Ask for fewer days.")
    return table


async def _rows(connection: AsyncConnection, plan: Plan, columns: Sequence[Column], at_most: int) -> Sequence[Any]:
    await connection.execute(text("SET TRANSACTION READ ONLY"))
    await connection.execute(text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": str(WITHIN_MS)})
    named = {column.name: column for column in plan.rows.selected_columns}
    query = plan.rows.with_only_columns(
        *(named[column.name] for column in columns), func.count().over().label(_TOTAL), maintain_column_froms=True
    )
    query = query.where(*(one.where for one in plan.filters)).order_by(*plan.order).limit(at_most)
    return (await connection.execute(query)).all()
