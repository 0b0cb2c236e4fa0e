"""Jobs over HTTP, for owners and admins."""

from starlette.requests import Request
from starlette.responses import Response

from business.effects.overview import overview
from gateway.http import jobs_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer
from gateway.http.operations import CHIEFS
from kernel.database import Database


class JobsHttp:
    """The handler, by the operation's name."""

    def __init__(self, door: Door, database: Database) -> None:
        self._door = door
        self._database = database
        self.handlers: dict[str, Handler] = {"jobs": self._jobs}

    async def _jobs(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        async with self._database.transaction() as connection:
            found = await overview(connection)
        return answer(wire.JobsAnswer.model_validate(found, from_attributes=True))
