"""Turn runners of several 'processes' on one database and Redis, with agents whose every token is released by the test.

Real TurnRunner, Ticker, Cutter, Frames, ownership, PostgreSQL and Redis; only the sockets are missing: an outlet records what
would have left, and when, so that what left after an acknowledgement can be told.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson

from agents.events import TurnEvent, TurnFinished, TurnRestarted, TurnText, TurnWritten
from agents.recording import Recorder
from agents.turn import TurnRequest
from business.conversations import leases, queries
from business.conversations.log import Announcement
from business.conversations.receive import Received, receive
from business.customers import visitors
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.handoffs.handing import HandingOver
from business.handoffs.ownership import Actor
from business.profile.loader import load_profile
from business.sites.queries import site_by_key
from gateway.turns.frames import Frame, Frames
from gateway.turns.runner import TurnRunner, Voice
from kernel import rooms
from kernel.bus import OUTAGE, Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import GatewayError
from kernel.ids import StaffId

SECRET = "a secret of the test's own"
PROFILE = load_profile()


class Script:
    """The agents of a process: every reply takes its pieces from here. `None` ends a reply, `RESTART` voids what was said.

    An event goes out as it is; a function is a tool: it is called with the request, and its event goes out.
    """

    RESTART = object()

    def __init__(self) -> None:
        self.replies: list[asyncio.Queue[Any]] = []
        self.requests: list[TurnRequest] = []
        self.closed = 0

    async def answer(self, request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self.replies.append(queue)
        self.requests.append(request)
        try:
            while True:
                piece = await queue.get()
                if callable(piece):
                    piece = await piece(request)
                match piece:
                    case None:
                        piece = TurnFinished(agent="conversational", model="scripted")
                    case str():
                        piece = TurnText(piece)
                    case self.RESTART:
                        piece = TurnRestarted("cut")
                yield piece
                if isinstance(piece, TurnFinished):
                    return
        finally:
            self.closed += 1

    def give(self, piece: Any) -> None:
        """Release the next piece of the newest reply, if there is one."""
        if self.replies:
            self.replies[-1].put_nowait(piece)


@dataclass
class Log:
    """What left, in order: deltas of all processes, acknowledged cuts."""

    deltas: list[Frame] = field(default_factory=list)
    cuts: dict[UUID, tuple[int, int]] = field(default_factory=dict)  # turn: (deltas that had left, to)
    wrong: list[str] = field(default_factory=list)

    def delta(self, frame: Frame, process: str) -> None:
        cut = self.cuts.get(frame.turn)
        if cut is not None and frame.to > cut[1]:
            self.wrong.append(f"{process} emitted {frame.at}..{frame.to} of a reply that was cut at {cut[1]}")
        self.deltas.append(frame)

    def acknowledged(self, turn: UUID, to: int) -> None:
        self.cuts.setdefault(turn, (len(self.deltas), to))

    def text_of(self, turn: UUID) -> str:
        """What the deltas of a turn add up to; a hole or a contradiction is noted."""
        text = ""
        for frame in self.deltas:
            if frame.turn != turn:
                continue
            if frame.at > len(text):
                self.wrong.append(f"a hole in the deltas of {turn}: {len(text)} to {frame.at}")
                break
            if text[frame.at : frame.to] != frame.text[: len(text) - frame.at]:
                self.wrong.append(f"deltas of {turn} contradict each other")
            text = text[: frame.at] + frame.text
        return text


class Outlet:
    """Stands where the sockets are."""

    def __init__(self, log: Log, process: str, bus: Bus) -> None:
        self._log = log
        self._process = process
        self._bus = bus

    def delta(self, frame: Frame) -> None:
        self._log.delta(frame, self._process)

    async def stage(self, conversation: UUID, turn: UUID, text: str) -> None:
        return

    async def announce(self, announcement: Announcement) -> None:
        await self._bus.announce(announcement.conversation, announcement.seq, announcement.staff_seq)

    async def written(self, written: TurnWritten) -> None:
        await self.announce(written.announcement)

    async def follow(self, conversation: UUID) -> None:
        return

    async def unfollow(self, conversation: UUID) -> None:
        return


class Process:
    """One gateway's turn machinery. `frames`, `sweeps`, `hears` and `renews` are there to take a guard away and see what happens."""

    def __init__(
        self,
        name: str,
        database: Database,
        redis_url: str,
        log: Log,
        *,
        frames: type[Frames] = Frames,
        sweeps: bool = True,
        hears: bool = True,
        renews: bool = True,
        recorder: Recorder | None = None,
    ) -> None:
        self.name = name
        self.database = database
        self.bus = Bus(connect(redis_url, connections=4))
        self.script = Script()
        self.frames = frames(self.bus)
        self.log = log
        self.tops: dict[UUID, int] = {}
        self.dead = False
        self.runner = TurnRunner(
            name,
            database,
            self.bus,
            self.frames,
            Outlet(log, name, self.bus),
            self.script.answer,
            Voice("Assistant", lambda: "en"),
            utc_now,
            HandingOver(lambda: PROFILE, utc_now, "Assistant"),
            recorder,
        )
        work = [self.runner.ticker.run()]
        if renews:
            work.append(self.runner.renew())
        if sweeps:
            work.append(self.runner.sweep())
        if hears:
            work.append(self._hear())
        self.tasks = [asyncio.create_task(part) for part in work]

    async def _hear(self) -> None:
        """What the hub does with what other gateways say of turns that run here."""
        pattern = rooms.channel("conversation:*")
        while not self.dead:  # closing a subscription may fail, and the failure hide that we were cancelled
            with suppress(*OUTAGE):
                async with self.bus.redis.pubsub() as heard:
                    await heard.psubscribe(pattern)
                    async for message in heard.listen():
                        if message["type"] == "pmessage":
                            self._heard(UUID(message["channel"].decode()[len(pattern) - 1 :]), orjson.loads(message["data"]))
            await asyncio.sleep(0.05)

    def _heard(self, conversation: UUID, body: dict[str, Any]) -> None:
        if body["o"] == self.bus.origin:
            return
        if body["k"] == "cut":
            self.runner.cut(UUID(body["u"]))
        elif body["k"] == "seq":
            grown = body["s"] > self.tops.get(conversation, 0)
            self.tops[conversation] = max(body["s"], self.tops.get(conversation, 0))
            if grown and self.runner.in_conversation(conversation) is not None:
                self.runner.wake(conversation)

    async def announce(self, announcement: Announcement) -> None:
        """Tell the others, as the hub does."""
        self.tops[announcement.conversation] = announcement.seq
        await self.bus.announce(announcement.conversation, announcement.seq, announcement.staff_seq)

    async def die(self) -> None:
        """As `kill -9`: nothing is given up, nothing is said."""
        self.dead = True
        await end((*self.tasks, *self.runner._claiming.values(), *self.runner.ticker._mending.values()))
        with suppress(OSError):
            await self.bus.close()


@dataclass
class Room:
    """One conversation, and the deeds of those in it through any process. Every deed returns what a client would be told."""

    database: Database
    log: Log
    visitor: Visitor
    staff: Actor
    said: int = 0

    @property
    def id(self) -> UUID:
        return self.visitor.conversation

    async def say(self, process: Process, text: str | None = None) -> Received | None:
        """A customer's message; None where the AI is too busy to take it."""
        self.said += 1
        words = text or f"message {self.said}"
        try:
            received = await self.database.unit(lambda c: receive(c, self.visitor, client_id=uuid4(), text=words, now=utc_now()))
        except GatewayError:
            return None
        if received.announcement is not None:
            await process.announce(received.announcement)
        process.runner.wake(self.id)
        return received

    async def take(self, process: Process) -> tuple[int, int] | None:
        """A takeover to its acknowledgement; the turn's `to` and the epoch where a reply was cut."""
        moved = await self.database.unit(lambda c: ownership.take(c, self.id, self.staff))
        await process.announce(moved.announcement)
        if moved.cut is None:
            return None
        ended = await process.runner.cutter.cut(self.id, moved.cut.turn, moved.cut.home, "taken_over")
        self.log.acknowledged(moved.cut.turn, ended.at)
        return ended.at, moved.epoch

    async def stop(self, process: Process) -> int | None:
        """A stop to its acknowledgement."""
        async with self.database.transaction() as connection:
            running = await leases.running_turn(connection, self.id)
        if running is None:
            return None
        marked = await self.database.unit(lambda c: leases.request_stop(c, self.id, running.id))
        if marked is None:
            return None
        ended = await process.runner.cutter.cut(self.id, running.id, marked.fence_home, "stopped")
        self.log.acknowledged(running.id, ended.at)
        process.runner.wake(self.id)
        return ended.at

    async def give_back(self, process: Process) -> None:
        """The AI owns again, where a person did."""
        async with self.database.transaction() as connection:
            row = await queries.row_of(connection, self.id)
        if row is None or row.owner == "ai":
            return
        try:
            moved = await self.database.unit(lambda c: ownership.give_back(c, self.id, self.staff, epoch=row.epoch, note=None))
        except GatewayError:
            return  # somebody was quicker
        await process.announce(moved.announcement)
        if moved.answer:
            process.runner.wake(self.id)


async def until(test: Callable[[], object], within: float = 5.0) -> bool:
    """Whether it came to hold in time."""
    deadline = asyncio.get_running_loop().time() + within
    while not test():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.005)
    return True


async def new_room(database: Database, log: Log, staff: UUID) -> Room:
    """A newcomer at the demo site, of whom nothing is stored yet."""
    async with database.transaction() as connection:
        site = await site_by_key(connection, "demo")
    assert site is not None
    visitor = visitors.mint(SECRET, site.id, site.key, utc_now())
    return Room(database, log, visitor, Actor(StaffId(staff), "Dana"))
