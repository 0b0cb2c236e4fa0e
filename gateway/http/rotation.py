"""Taking turns over HTTP: everyone for themselves, the rule by owners and admins."""

from starlette.requests import Request
from starlette.responses import Response

from business.staff import rotation
from business.staff.sessions import Session
from gateway.http import rotation_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS
from kernel.database import Database


class RotationHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database) -> None:
        self._door = door
        self._database = database
        self.handlers: dict[str, Handler] = {
            "rotation": self._show,
            "rotation_change": self._change,
            "rotation_away": self._away,
        }

    async def _show(self, request: Request) -> Response:
        return await self._state(await self._door.enter(request))

    async def _change(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.RotationPatch)
        await self._database.unit(lambda c: rotation.change(c, session.staff_id, body.on, body.limit))
        return await self._state(session)

    async def _away(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.AwayBody)
        await self._database.unit(lambda c: rotation.set_away(c, session.staff_id, body.away))
        return await self._state(session)

    async def _state(self, session: Session) -> Response:
        async with self._database.transaction() as connection:
            rule = await rotation.rule(connection)
            away = await rotation.is_away(connection, session.staff_id)
        return answer(wire.RotationAnswer(on=rule.on, limit=rule.limit, away=away))
