"""Reports over HTTP, for people who are signed in: what there is, one that is asked, and all of it as a file, which the trail remembers."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agents.admin.reporting import table_data
from business.profile.schemas import Profile
from business.reports import running, sheet
from business.reports.report import Asking, Column
from business.staff import audit
from business.staff.sessions import Session
from gateway.http import reports_wire as wire
from gateway.http.door import Door
from gateway.http.edge import NO_STORE, Handler, answer, read_body
from gateway.http.operations import CHIEFS
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import RateLimited


class ReportsHttp:
    """The handlers, by the operation's name. Each looks at the role anew: what an answer showed is no licence for a file of it."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], clock: Clock) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._clock = clock
        self.handlers: dict[str, Handler] = {"reports": self._list, "report_run": self._run, "report_export": self._export}

    async def _list(self, request: Request) -> Response:
        chief = (await self._door.enter(request)).role in CHIEFS
        items = tuple(
            wire.ReportOffer(
                name=one.name,
                title=one.title,
                answers=one.answers,
                columns=tuple(map(column, one.shown_to(chief))),
                parameters=one.parameters.model_json_schema(),
            )
            for one in running.offered(chief)
        )
        return answer(wire.ReportsAnswer(items=items))

    async def _run(self, request: Request) -> Response:
        _, body, asking = await self._asked(request)
        report = running.chosen(body.report, asking.chief)
        table = await running.run(self._database, report, running.parsed(report, body.parameters), asking)
        return answer(shown(table_data(table, asking)))

    async def _export(self, request: Request) -> Response:
        session, body, asking = await self._asked(request)
        report = running.chosen(body.report, asking.chief)
        table = await running.export(self._database, report, running.parsed(report, body.parameters), asking)
        details: dict[str, Any] = {"parameters": dict(table.parameters), "rows": table.total}
        await self._database.unit(lambda c: audit.record(c, "staff", session.staff_id, "report.exported", report.name, details))
        name = f"{report.name}-{asking.today.isoformat()}.csv"
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return StreamingResponse(sheet.lines(table, asking.zone), media_type="text/csv; charset=utf-8", headers=headers)

    async def _asked(self, request: Request) -> tuple[Session, wire.ReportBody, Asking]:
        """Raises RateLimited: a person may ask as often as a program."""
        session = await self._door.enter(request)
        body = await read_body(request, wire.ReportBody)
        if wait := await self._door.bearer.take(session.staff_id):
            raise RateLimited("You ask too fast. Give it a moment.", retry_after_ms=wait)
        return session, body, Asking(self._profile(), self._clock(), session.role in CHIEFS)


def shown(data: Mapping[str, Any]) -> wire.ReportTable:
    """A table as it goes out."""
    return wire.ReportTable.model_validate(data)


def column(one: Column) -> wire.ReportColumn:
    return wire.ReportColumn(name=one.name, title=one.title, kind=one.kind)
