"""Text messages over HTTP: what goes out and why it did not, for all staff; another try, and that one arrived, for owners and admins."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from business.channels import queries, states
from business.channels.reasons import spoken
from business.conversations.log import Announcement
from gateway.http import texts_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from kernel.database import Database

_HIDDEN = "\u2022\u2022\u2022\u2022 "


class TextsHttp:
    """The handlers, by the operation's name. `provider`: whether there is one to send by."""

    def __init__(self, door: Door, database: Database, announce: Callable[[Announcement], Awaitable[None]], *, provider: bool) -> None:
        self._door = door
        self._database = database
        self._announce = announce
        self._provider = provider
        self.handlers: dict[str, Handler] = {
            "texts": self._list,
            "text": self._one,
            "text_retry": self._retry,
            "text_arrived": self._arrived,
        }

    async def _list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        asked = read_query(request, wire.TextsQuery)
        async with self._database.transaction() as connection:
            found = await queries.page(
                connection, state=asked.state, purpose=asked.purpose, number=asked.number, before=asked.cursor, limit=asked.limit
            )
            sums = await queries.sums(connection)
        return answer(
            wire.TextsAnswer(
                items=tuple(_row(row, caller.role) for row in found.rows),
                counts=found.counts,
                month=wire.TextsSum.model_validate(sums, from_attributes=True),
                provider=self._provider,
                cursor=found.cursor,
            )
        )

    async def _one(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with self._database.transaction() as connection:
            row = await queries.one(connection, path_id(request, "text message"))
        return answer(wire.TextAnswer(text=_row(row, caller.role), number=row.from_number, reference=row.provider_id))

    async def _retry(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.TextRetryBody)
        text = path_id(request, "text message")
        state, told = await self._database.unit(lambda c: states.retry(c, text, caller.staff_id, sure=body.sure))
        return await self._moved(text, state, told)

    async def _arrived(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        text = path_id(request, "text message")
        state, told = await self._database.unit(lambda c: states.arrived(c, text, caller.staff_id))
        return await self._moved(text, state, told)

    async def _moved(self, text: Any, state: str, told: Announcement | None) -> Response:
        if told is not None:
            await self._announce(told)
        return answer(wire.TextMoved.model_validate({"id": text, "state": state}))


def _row(row: Any, role: str) -> wire.TextRow:
    return wire.TextRow(
        id=row.id,
        purpose=row.purpose,
        to=row.to_number if role in CHIEFS else f"{_HIDDEN}{row.to_number[-4:]}",
        text=None if row.purpose == "code" else row.text,
        locale=row.locale,
        encoding=row.encoding,
        segments=row.segments,
        cost_microdollars=row.cost_microdollars,
        files=len(row.media),
        state=row.state,
        why=spoken(row.error),
        cause=row.error,
        conversation=row.conversation_id,
        campaign=row.campaign_id,
        booking=row.booking_id,
        send_at=row.send_at,
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
    )
