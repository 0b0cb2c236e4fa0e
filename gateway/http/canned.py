"""Canned replies over HTTP: read by everyone who is signed in, written by owners and admins."""

from starlette.requests import Request
from starlette.responses import Response

from business.canned.service import Canned, CannedReplies
from gateway.http import operations as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body


class CannedHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, replies: CannedReplies) -> None:
        self._door = door
        self._replies = replies
        self.handlers: dict[str, Handler] = {
            "canned_replies": self._list,
            "canned_reply_add": self._add,
            "canned_reply_change": self._change,
            "canned_reply_delete": self._delete,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request)
        return answer(wire.CannedRepliesAnswer(items=tuple(_shown(one) for one in await self._replies.list())))

    async def _add(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.CannedReplyBody)
        return answer(_shown(await self._replies.add(body.model_dump(), session.staff_id)))

    async def _change(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.CannedReplyPatch)
        given = {name: getattr(body, name) for name in body.model_fields_set if name == "locale" or getattr(body, name) is not None}
        return answer(_shown(await self._replies.change(path_id(request, "canned reply"), given, session.staff_id)))

    async def _delete(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        await self._replies.remove(path_id(request, "canned reply"), session.staff_id)
        return answer(wire.DoneAnswer())


def _shown(one: Canned) -> wire.CannedReply:
    return wire.CannedReply(id=one.id, shortcut=one.shortcut, title=one.title, text=one.text, locale=one.locale)
