"""Dead letters over HTTP, for owners and admins: which effects came to nothing, and another try."""

from starlette.requests import Request
from starlette.responses import Response

from business.effects import dead
from gateway.http import dead_letter_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, NothingBody
from kernel.database import Database


class DeadLettersHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database) -> None:
        self._door = door
        self._database = database
        self.handlers: dict[str, Handler] = {
            "dead_letters": self._list,
            "dead_letter_retry": self._retry,
            "dead_letters_retry": self._retry_kind,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.DeadLettersQuery)
        async with self._database.transaction() as connection:
            found, following = await dead.page(connection, asked.cursor, asked.limit)
            total = await dead.count(connection)
        items = tuple(wire.DeadLetter.model_validate(one, from_attributes=True) for one in found)
        return answer(wire.DeadLettersAnswer(items=items, total=total, cursor=following))

    async def _retry(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        effect = path_id(request, "dead letter")
        state = await self._database.unit(lambda c: dead.retry(c, effect, caller.staff_id))
        return answer(wire.RetriedAnswer.model_validate({"id": effect, "state": state}))

    async def _retry_kind(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.RetryKindBody)
        retried, left = await self._database.unit(lambda c: dead.retry_kind(c, body.kind, caller.staff_id))
        return answer(wire.RetriedKindAnswer(retried=retried, left=left))
