"""Conversations over HTTP: read, noted and answered by programs; people do the same over the console's socket."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from business.conversations import queries, reading, staffing
from business.conversations.log import Announcement
from business.profile.schemas import Profile
from gateway.http import conversation_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.socket.cursors import cursor_after, cursor_at, offset_of, place_of
from kernel.database import Database
from kernel.wire.server import InboxRow

Announce = Callable[[Announcement], Awaitable[None]]


class ConversationsHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, announce: Announce, profile: Callable[[], Profile]) -> None:
        self._door = door
        self._database = database
        self._announce = announce
        self._profile = profile
        self.handlers: dict[str, Handler] = {
            "conversations": self._list,
            "conversation": self._one,
            "conversation_note": self._note,
            "conversation_reply": self._reply,
        }

    async def _list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        asked = read_query(request, wire.ConversationsQuery)
        async with self._database.transaction(self._database.reading) as connection:
            if asked.query and asked.query.strip():
                offset = offset_of(asked.cursor)
                rows, following = await queries.search_inbox(connection, asked.view, caller.staff_id, asked.query, offset)
                cursor = cursor_at(following)
            else:
                rows, last = await queries.inbox(connection, asked.view, caller.staff_id, place_of(asked.cursor))
                cursor = cursor_after(last)
        items = tuple(InboxRow.model_validate(queries.inbox_row(row)) for row in rows)
        return answer(wire.ConversationsAnswer(items=items, cursor=cursor))

    async def _one(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.MessagesQuery)
        wanted = path_id(request, "conversation")
        async with self._database.transaction() as connection:
            row = await reading.conversation(connection, wanted)
            found, before = await reading.messages(connection, wanted, asked.before, asked.limit)
        messages = tuple(wire.NumberedMessage(seq=one.seq, at=one.at, message=one.payload["message"]) for one in found)
        return answer(wire.ConversationAnswer(conversation=_conversation(row), messages=messages, before=before))

    async def _note(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.NoteBody)
        wanted = path_id(request, "conversation")
        noted = await self._database.unit(
            lambda c: staffing.note(c, wanted, caller.staff_id, caller.name, client_id=body.id, text=body.text)
        )
        if noted.announcement is not None:
            await self._announce(noted.announcement)
        return answer(wire.NotedAnswer(staff_seq=noted.staff_seq))

    async def _reply(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.ReplyBody)
        wanted = path_id(request, "conversation")
        received = await self._database.unit(
            lambda c: staffing.say(
                c,
                wanted,
                caller.staff_id,
                caller.name,
                client_id=body.id,
                text=body.text,
                epoch=body.epoch,
                unread_after=timedelta(minutes=self._profile().people.unread_minutes),
            )
        )
        if received.announcement is not None:
            await self._announce(received.announcement)
        return answer(wire.RepliedAnswer(message=received.message, seq=received.seq))


def _conversation(row: Any) -> wire.Conversation:
    return wire.Conversation(
        id=row.id,
        channel=row.channel,
        state=row.state,
        owner=row.owner,
        owner_name=row.owner_name,
        epoch=row.epoch,
        assignee=row.assignee_id,
        risk=row.risk,
        customer=row.customer_id,
        customer_name=row.customer_name,
        locale=row.locale,
        waiting_since=row.waiting_since,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
