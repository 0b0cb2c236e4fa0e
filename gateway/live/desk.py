"""What every member of staff sees: the inbox's rows, handoffs, and who looks at which conversation."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson

from business.conversations import mentions, queries
from business.handoffs import queries as handoff_queries
from business.staff import rotation
from gateway.live.outgoing import hint
from gateway.live.room import Room, Socket
from kernel import rooms
from kernel.bus import Bus
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import ConversationId

FLUSH_EVERY = 0.1
VIEWER_LIFE = 45.0
REFRESH_EVERY = 15.0
REMEMBERED = 20_000


class Desk:
    """The console sockets of this process, and what they are told of every conversation."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._sockets: dict[Socket, UUID] = {}
        self._inbox: set[Socket] = set()
        self._changed: set[ConversationId] = set()
        self._handoffs: set[UUID] = set()
        self._mentioned: set[UUID] = set()
        self._revs: dict[UUID, int] = {}
        self._viewing: dict[str, tuple[Room, dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        return bool(self._sockets)

    def enter(self, socket: Socket, staff: UUID) -> None:
        self._sockets[socket] = staff

    def leave(self, socket: Socket) -> None:
        self._sockets.pop(socket, None)
        self._inbox.discard(socket)

    def subscribe(self, socket: Socket) -> None:
        """Send this socket the rows of the inbox as they change."""
        self._inbox.add(socket)

    # Rows and handoffs

    def changed(self, conversation: ConversationId) -> None:
        """A row of the inbox may be new."""
        if self._inbox:
            self._changed.add(conversation)

    async def handoff_changed(self, handoff: UUID) -> None:
        """A handoff is new, by a transaction of this process."""
        self._handoffs.add(handoff)
        await self._bus.publish(rooms.INBOX, {"k": "handoff", "h": str(handoff)})

    async def mentions_changed(self, staff: UUID) -> None:
        """Somebody was mentioned, or has looked, by a transaction of this process."""
        self._mentioned.add(staff)
        await self._bus.publish(rooms.INBOX, {"k": "mention", "s": str(staff)})

    def heard(self, body: dict[str, Any]) -> None:
        """Another process changed a row or a handoff."""
        if body["k"] == "row":
            self.changed(ConversationId(UUID(body["c"])))
        elif body["k"] == "handoff" and self._sockets:
            self._handoffs.add(UUID(body["h"]))
        elif body["k"] == "mention":
            self._mentioned.add(UUID(body["s"]))

    async def position(self) -> None:
        """Find handoffs and mentions that changed without our hearing of it."""
        if self._sockets:
            async with self._database.transaction() as connection:
                for handoff, rev in await handoff_queries.recent(connection):
                    if self._revs.get(handoff, 0) < rev:
                        self._handoffs.add(handoff)
                self._mentioned |= await mentions.recent(connection)

    async def run(self) -> None:
        """Send rows and handoffs that changed, a few times a second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            if self._changed or self._handoffs:
                with suppress(Unavailable):
                    await self._flush()
            if self._mentioned:
                with suppress(Unavailable):
                    await self._tell_mentions()

    async def _flush(self) -> None:
        changed, self._changed = self._changed, set()
        handoffs, self._handoffs = self._handoffs, set()
        try:
            async with self._database.statement() as connection:
                rows = await queries.inbox_rows_of(connection, list(changed)) if changed else []
                records = await handoff_queries.rows_of(connection, list(handoffs)) if handoffs else []
        except Unavailable:
            self._changed |= changed
            self._handoffs |= handoffs
            raise
        for row in rows:
            if self._newer(row.id, row.rev):
                viewers = {view["staff"] for room, view in self._viewing.values() if room.id == row.id}
                self._to(self._inbox, "inbox", {"row": queries.inbox_row(row, sorted(viewers))})
        for record in records:
            if self._newer(record.id, record.rev):
                self._to(self._sockets, "handoff", handoff_queries.handoff_row(record))

    async def _tell_mentions(self) -> None:
        """Everything that is unseen, to each console of those of whom something changed: told twice, it is the same."""
        mentioned, self._mentioned = self._mentioned & set(self._sockets.values()), set()
        try:
            async with self._database.transaction() as connection:
                items = {staff: await mentions.unseen(connection, staff) for staff in mentioned}
        except Unavailable:
            self._mentioned |= mentioned
            raise
        for staff, found in items.items():
            self._to({socket for socket, who in self._sockets.items() if who == staff}, "mentions", {"items": found})

    def _newer(self, key: UUID, rev: int) -> bool:
        if self._revs.get(key, 0) >= rev:
            return False
        self._revs.pop(key, None)
        self._revs[key] = rev
        while len(self._revs) > REMEMBERED:
            self._revs.pop(next(iter(self._revs)))
        return True

    @staticmethod
    def _to(sockets: Iterable[Socket], event: str, body: dict[str, Any]) -> None:
        outgoing = hint(event, body)
        for socket in sockets:
            socket.send(outgoing)

    # Presence

    async def look(self, room: Room, sid: str, staff: UUID, name: str, *, typing: bool = False) -> None:
        """A member of staff looks at a conversation, or types in it."""
        self._viewing[f"{room.name}:{sid}"] = (room, {"staff": str(staff), "name": name, "typing": typing, "sid": sid})
        await self._share(room, sid)

    async def look_away(self, room: Room, sid: str) -> None:
        """They no longer do."""
        if self._viewing.pop(f"{room.name}:{sid}", None) is not None:
            await self._share(room, sid)

    async def _share(self, room: Room, sid: str) -> None:
        entry = self._viewing.get(f"{room.name}:{sid}")
        key = rooms.viewers_key(room.id)
        if entry is None:
            await self._bus.forget(key, sid)
        else:
            await self._bus.remember(key, sid, orjson.dumps({**entry[1], "at": time.time()}), int(VIEWER_LIFE))
        await self._bus.publish(rooms.conversation(room.id), {"k": "presence"})
        self.presence_changed(room)

    def presence_changed(self, room: Room) -> None:
        """Tell the staff who watch here."""
        task = asyncio.create_task(self._tell_presence(room))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_presence(self, room: Room) -> None:
        viewers = {view["sid"]: view for there, view in self._viewing.values() if there.id == room.id}
        for raw in await self._bus.remembered(rooms.viewers_key(room.id)):
            view = orjson.loads(raw)
            if time.time() - view["at"] < VIEWER_LIFE:
                viewers.setdefault(view["sid"], view)
        people: dict[str, dict[str, Any]] = {}
        for view in viewers.values():
            known = people.setdefault(view["staff"], {"staff": view["staff"], "name": view["name"], "typing": False})
            known["typing"] = known["typing"] or view["typing"]
        room.to_staff(hint("presence", {"conversation": room.name, "viewers": list(people.values())}))

    async def here(self, staff: set[UUID]) -> None:
        """These people have a console open: new customers may be theirs."""
        await self._database.unit(lambda c: rotation.here(c, staff))

    async def refresh(self) -> None:
        """Keep what we said of our viewers, and of who is here, from expiring, until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_EVERY)
            with suppress(Unavailable):
                await self.here(set(self._sockets.values()))
            for room, view in list(self._viewing.values()):
                await self._bus.remember(
                    rooms.viewers_key(room.id), view["sid"], orjson.dumps({**view, "at": time.time()}), int(VIEWER_LIFE)
                )
