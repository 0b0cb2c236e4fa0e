"""The rooms of this process: fed by announcements, live frames, hints from other gateways, and a sweep that trusts none of them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args
from uuid import UUID

import structlog

from agents.events import TurnWritten
from business.conversations import queries
from business.conversations.log import Announcement
from gateway.live.desk import Desk
from gateway.live.outgoing import hint
from gateway.live.room import Room, Watch
from gateway.live.subscriber import Subscriber
from gateway.turns.frames import Frame
from gateway.turns.runner import TurnRunner
from kernel import rooms
from kernel.bus import Bus
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import ConversationId
from kernel.wire.base import HandoffKind

log = structlog.get_logger(__name__)

SWEEP_EVERY = 2.0
SWEEP_ALONE = 1.0  # while Redis is away the sweep is all there is
SWEEP_WINDOW = 30
HEAD_EVERY = 15.0
ACTIVE_FOR = 120.0


class Hub:
    """Delivers conversations to the sockets of this process."""

    def __init__(self, database: Database, bus: Bus, redis_url: str, desk: Desk) -> None:
        self._database = database
        self._bus = bus
        self.desk = desk
        self.subscriber = Subscriber(redis_url, bus, self.heard, self.position)
        self._rooms: dict[ConversationId, Room] = {}
        self._readers: dict[ConversationId, asyncio.Task[None]] = {}
        self._runner: TurnRunner | None = None
        self._positioned = time.monotonic()
        self._hints: dict[str, Callable[[], None]] = {}

    async def on_hint(self, room: str, tell: Callable[[], None]) -> None:
        """Call `tell` whenever another process says something in this room, which is no conversation's."""
        self._hints[room] = tell
        await self.subscriber.add(room)

    def attach(self, runner: TurnRunner) -> None:
        """The runner whose turns these rooms show; it is built on top of the hub."""
        self._runner = runner

    async def hear_desk(self) -> None:
        """Staff are here: hear what concerns all of them, from now on."""
        for room in (rooms.INBOX, *map(rooms.handoffs, get_args(HandoffKind))):
            await self.subscriber.add(room)

    async def hear_turns(self) -> None:
        """Hear of turns that wait, of processes that run none."""
        await self.subscriber.add(rooms.TURNS)

    # Joining

    def room(self, conversation: ConversationId) -> Room:
        found = self._rooms.get(conversation)
        if found is None:
            found = self._rooms[conversation] = Room(conversation)
        return found

    def join(self, conversation: ConversationId, watch: Watch) -> Room:
        """Deliver to this watch from now on; it holds everything until its snapshot has left."""
        room = self.room(conversation)
        room.watches.add(watch)
        return room

    async def position_at(self, room: Room, history: str, seq: int, staff_seq: int) -> None:
        """A snapshot was read up to here; an unwritten conversation is positioned by its first message."""
        room.born(history, seq, staff_seq)
        self._grown(room, seq, staff_seq)
        await self.listen(room)
        # Whoever the snapshot is for may have left while it was read: nobody else would clear the room.
        await self._tidy(room)

    async def leave(self, conversation: ConversationId, watch: Watch) -> None:
        """Deliver no more."""
        room = self._rooms.get(conversation)
        if room is not None:
            room.watches.discard(watch)
            await self._tidy(room)

    async def _tidy(self, room: Room) -> None:
        if room.empty and self._rooms.get(room.id) is room:
            del self._rooms[room.id]
            if room.subscribed:
                room.subscribed = False
                await self.subscriber.remove(rooms.conversation(room.id))

    async def hear(self, room: Room) -> None:
        """Hear the other gateways on this conversation, before a snapshot of it is read: what they send meanwhile is held, not lost."""
        await self.listen(room)
        await self.subscriber.sure(rooms.conversation(room.id))

    async def listen(self, room: Room) -> None:
        """Hear the other gateways on this conversation, from when Redis comes to it."""
        if not room.subscribed:
            room.subscribed = True
            await self.subscriber.add(rooms.conversation(room.id))

    async def follow(self, conversation: UUID) -> None:
        """A turn runs here: hear of messages and cuts."""
        room = self.room(ConversationId(conversation))
        room.followed += 1
        await self.listen(room)

    async def unfollow(self, conversation: UUID) -> None:
        room = self._rooms.get(ConversationId(conversation))
        if room is not None:
            room.followed -= 1
            await self._tidy(room)

    # Delivering

    def delta(self, frame: Frame) -> None:
        """Characters of a turn that runs here."""
        if (room := self._rooms.get(ConversationId(frame.conversation))) is not None:
            room.delta(str(frame.turn), frame.at, frame.to, frame.text)

    async def stage(self, conversation: UUID, turn: UUID, text: str) -> None:
        """What is being done right now."""
        await self.tell(ConversationId(conversation), "stage", {"turn": str(turn), "text": text})

    async def tell(self, conversation: ConversationId, event: str, body: dict[str, Any], *, but: str | None = None) -> None:
        """A live hint for everyone who watches, here and elsewhere, except its author."""
        self._tell_here(conversation, event, body, but)
        await self._bus.publish(rooms.conversation(conversation), {"k": "tell", "e": event, "b": body, "n": but})

    def _tell_here(self, conversation: ConversationId, event: str, body: dict[str, Any], but: str | None) -> None:
        if (room := self._rooms.get(conversation)) is not None:
            room.to_all(hint(event, {"conversation": str(conversation), **body}), but=but)

    async def announce(self, announcement: Announcement) -> None:
        """The logs have grown, by a transaction of this process."""
        self.desk.changed(announcement.conversation)
        if (room := self._rooms.get(announcement.conversation)) is not None:
            await self.listen(room)
            room.follows(announcement.events)
            self._grown(room, announcement.seq, announcement.staff_seq)
        await self._bus.announce(announcement.conversation, announcement.seq, announcement.staff_seq)

    async def written(self, written: TurnWritten) -> None:
        """A tool of a turn that runs here wrote: everyone is told."""
        await self.announce(written.announcement)
        if written.handoff is not None:
            await self.desk.handoff_changed(written.handoff)

    def _grown(self, room: Room, seq: int, staff_seq: int) -> None:
        room.want(seq, staff_seq)
        if room.behind and room.id not in self._readers:
            self._readers[room.id] = asyncio.create_task(self._read(room))

    async def _read(self, room: Room) -> None:
        """One reader per room: fetch and deliver what is missing, until nothing is."""
        try:
            while room.behind and not room.empty:
                async with self._database.statement() as connection:
                    if room.history is None:
                        found = await queries.tops(connection, room.id)
                        if found is None:
                            return
                        room.born(found[0], 0, 0)
                    assert room.history is not None
                    events = await queries.events_after(connection, room.id, room.history, room.seq)
                    staff = []
                    if room.wanted_staff > room.staff_seq:
                        staff = await queries.staff_events_after(connection, room.id, room.staff_seq)
                room.events(events)
                room.staff_events(staff)
                if not events and not staff:
                    return
        except Unavailable:
            log.info("room.read_later")  # the sweep comes back to it
        finally:
            # Here and not when the task is done: what grows in between would find a reader that reads no more.
            self._readers.pop(room.id, None)

    def heard(self, name: str, body: dict[str, Any]) -> None:
        """Another process said something."""
        if name == rooms.INBOX or name.startswith(rooms.handoffs("")):
            self.desk.heard(body)
            return
        if (tell := self._hints.get(name)) is not None:
            tell()
            return
        if name == rooms.TURNS:
            if self._runner is not None:
                # Every gateway hears it: whoever is first has it.
                asyncio.get_running_loop().call_later(body.get("in", 0.0), self._runner.wake, UUID(body["c"]))
            return
        conversation = ConversationId(UUID(name.removeprefix("conversation:")))
        room = self._rooms.get(conversation)
        if room is None:
            return
        match body["k"]:
            case "seq":
                grown = body["s"] > room.wanted
                self._grown(room, body["s"], body["t"])
                if grown and self._runner is not None and self._runner.in_conversation(conversation) is not None:
                    self._runner.wake(conversation)
            case "delta":
                room.delta(body["u"], body["a"], body["b"], body["x"])
            case "tell":
                self._tell_here(conversation, body["e"], body["b"], body["n"])
            case "cut":
                if self._runner is not None:
                    self._runner.cut(UUID(body["u"]))
            case "presence":
                self.desk.presence_changed(room)

    # Positioning

    async def position(self) -> None:
        """Compare what was delivered with PostgreSQL; deliver what is missing."""
        started = time.monotonic()
        if not self._rooms and not self.desk.open:
            self._positioned = started
            return
        # Since the last time, however long PostgreSQL was out of reach or this process stood still.
        window = SWEEP_WINDOW + int(started - self._positioned)
        async with self._database.transaction() as connection:
            recent = await queries.recent_tops(connection, window)
        self._positioned = started
        for conversation, seq, staff_seq in recent:
            self.desk.changed(ConversationId(conversation))
            if (room := self._rooms.get(ConversationId(conversation))) is not None:
                await self.listen(room)
                self._grown(room, seq, staff_seq)
        await self.desk.position()

    async def sweep(self) -> None:
        """Position every other second, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY if self._bus.up else SWEEP_ALONE)
            with suppress(Unavailable):
                await self._bus.probe()
                await self.position()

    async def heads(self) -> None:
        """Send `head` where something happened lately, until cancelled."""
        while True:
            await asyncio.sleep(HEAD_EVERY)
            now = time.monotonic()
            for room in list(self._rooms.values()):
                if room.watches and now - room.active_at < ACTIVE_FOR:
                    room.to_all(room.head())
