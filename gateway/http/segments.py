"""Saved filters of customers over HTTP, and who would get a campaign by one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from business.campaigns import audience, records
from business.campaigns.conditions import Asked
from business.campaigns.filters import Audience, parsed, stored
from business.profile.schemas import Profile
from gateway.http import segments_wire as wire
from gateway.http.campaigns_shown import count
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS, DoneAnswer
from kernel.database import Database
from kernel.settings.schema import SmsSettings


class SegmentsHttp:
    """The handlers, by the operation's name."""

    def __init__(
        self, door: Door, database: Database, profile: Callable[[], Profile], sms: SmsSettings, now: Callable[[], datetime]
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._sms = sms
        self._now = now
        self.handlers: dict[str, Handler] = {
            "segments": self._list,
            "segment_create": self._create,
            "segment_count": self._count,
            "segment_change": self._change,
            "segment_delete": self._delete,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request)
        async with self._database.transaction(self._database.reading) as connection:
            rows = await records.segments(connection)
        return answer(wire.SegmentsAnswer(items=tuple(map(_item, rows))))

    async def _create(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.SegmentBody)
        await self._database.unit(lambda c: records.save_segment(c, body.id, body.name, body.audience.filter, caller.staff_id))
        return await self._one(body.id)

    async def _count(self, request: Request) -> Response:
        await self._door.caller(request)
        body, asked = await read_body(request, wire.SegmentCountBody), Asked(self._profile(), self._now())
        async with self._database.transaction(self._database.reading) as connection:
            found = await audience.count(connection, body.audience.filter, asked, self._sms.countries)
        return answer(count(found))

    async def _change(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.SegmentPatch)
        segment, values = path_id(request, "segment"), _values(body)
        await self._database.unit(lambda c: records.change_segment(c, segment, values, caller.staff_id))
        return await self._one(segment)

    async def _delete(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        segment = path_id(request, "segment")
        await self._database.unit(lambda c: records.forget_segment(c, segment, session.staff_id))
        return answer(DoneAnswer())

    async def _one(self, segment: UUID) -> Response:
        async with self._database.transaction() as connection:
            return answer(_item(await records.segment(connection, segment)))


def _values(body: wire.SegmentPatch) -> dict[str, Any]:
    named = {} if body.name is None else {"name": body.name}
    return named if body.audience is None else {**named, "filter": stored(body.audience.filter)}


def _item(row: Any) -> wire.SegmentItem:
    audience_of = Audience(filter=parsed(row.filter))
    return wire.SegmentItem(id=row.id, name=row.name, audience=audience_of, campaigns=row.campaigns, changed_at=row.changed_at)
