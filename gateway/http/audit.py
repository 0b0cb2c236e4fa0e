"""The audit trail over HTTP, for owners and admins."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from business.staff import trail
from gateway.http import audit_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_query
from gateway.http.operations import CHIEFS
from kernel.database import Database


class AuditHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database) -> None:
        self._door = door
        self._database = database
        self.handlers: dict[str, Handler] = {"audit": self._audit}

    async def _audit(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.AuditQuery)
        wanted = trail.Wanted(
            before=asked.cursor,
            subject=asked.subject,
            actor=asked.actor if isinstance(asked.actor, UUID) else None,
            kind=asked.actor if isinstance(asked.actor, str) else None,
            action=asked.action,
            since=asked.since,
            until=asked.until,
            limit=asked.limit,
        )
        async with self._database.transaction(self._database.reading) as connection:
            entries, following = await trail.page(connection, wanted)
        items = tuple(wire.AuditEntry.model_validate(entry, from_attributes=True) for entry in entries)
        return answer(wire.AuditAnswer(items=items, cursor=following))
