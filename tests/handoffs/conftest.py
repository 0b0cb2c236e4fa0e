"""Conversations whose agents are scripted and call people through the real tools' door: real turns, PostgreSQL and Redis."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from agents.events import TurnFinished, TurnWritten
from agents.turn import TurnRequest
from business.handoffs import ownership
from business.handoffs.opening import Opened, open_for
from business.profile.loader import load_profile
from business.sites.service import ensure_demo
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatEvent, ChatSession, StaffEvent, Turn
from kernel.tables.ops import Handoff, Outbox
from tests.chaos.turns import Log, Process, Room, new_room, until

PROFILE = load_profile()
Tool = Callable[[TurnRequest], Awaitable[TurnWritten]]


def wanted(**given: Any) -> dict[str, Any]:
    """What a tool gives `open_for`, unless said otherwise: an explicit wish for a person."""
    call = {"kind": "human", "urgency": "normal", "summary": "Asked for a person", "facts": {}, "profile": PROFILE, "now": utc_now()}
    return {**call, **given}


@dataclass
class Scene:
    """One conversation, the processes that answer it, and what became of it."""

    database: Database
    redis_url: str
    room: Room
    processes: list[Process]
    stack: AsyncExitStack
    opened: list[Opened] = field(default_factory=list)

    @property
    def first(self) -> Process:
        return self.processes[0]

    def process(self, **options: Any) -> Process:
        """One more gateway."""
        made = Process(f"p{len(self.processes)}", self.database, self.redis_url, self.room.log, **options)
        self.processes.append(made)
        self.stack.push_async_callback(made.die)
        return made

    def call(self, **given: Any) -> Tool:
        """A tool that calls a person, as the agents' do."""

        async def tool(request: TurnRequest) -> TurnWritten:
            opened = await self.open(request.turn, **given)
            return TurnWritten(opened.announcement, opened.effects, opened.handoff)

        return tool

    async def open(self, turn: Any = None, **given: Any) -> Opened:
        opened = await self.database.unit(lambda c: open_for(c, self.room.id, turn=turn, **wanted(**given)))
        self.opened.append(opened)
        return opened

    async def says(self, text: str | None = None, process: Process | None = None) -> None:
        """The customer says something, and a reply to it has begun."""
        asked = process or self.first
        before = len(asked.script.replies)
        assert await self.room.say(asked, text) is not None
        assert await until(lambda: len(asked.script.replies) > before)

    def gives(self, *pieces: Any, process: Process | None = None) -> None:
        """The agents of the newest reply go on."""
        for piece in pieces:
            (process or self.first).script.give(piece)

    async def answers(self, *pieces: Any, text: str | None = None, **memory: Any) -> None:
        """A whole turn: the customer speaks, the agents reply."""
        await self.says(text)
        self.gives(*pieces, TurnFinished("scripted", memory=memory or None))
        await self.done()

    async def done(self, within: float = 15.0) -> None:
        """No turn runs or waits any more."""
        query = sa.select(sa.func.count()).select_from(Turn).where(Turn.state != "done", Turn.conversation_id == self.room.id)
        await self.until(lambda c: c.scalar(query), lambda left: left == 0, within)

    async def until(self, read: Callable[[Any], Awaitable[Any]], test: Callable[[Any], bool], within: float = 15.0) -> Any:
        """What was read, once it passes the test."""
        found: Any = None

        async def look() -> bool:
            nonlocal found
            async with self.database.transaction() as connection:
                found = await read(connection)
            return test(found)

        for _ in range(int(within / 0.02)):
            if await look():
                return found
            await until(lambda: False, 0.02)
        raise AssertionError(f"never came: {found!r}")

    async def has_shown(self, characters: int) -> None:
        """So many characters of any reply have left."""
        assert await until(lambda: sum(len(frame.text) for frame in self.room.log.deltas) >= characters)

    # What is stored

    async def row(self) -> Any:
        async with self.database.transaction() as connection:
            return (await connection.execute(sa.select(ChatSession.__table__).where(ChatSession.id == self.room.id))).one()

    async def handoffs(self) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(sa.select(Handoff.__table__).order_by(Handoff.created_at))).all())

    async def effects(self) -> list[str]:
        """The keys of what staff are to hear."""
        async with self.database.transaction() as connection:
            return list(await connection.scalars(sa.select(Outbox.key).where(Outbox.kind == "notify_staff").order_by(Outbox.created_at)))

    async def story(self) -> list[str]:
        """The customer's log in words: `message:ai`, `reply_finished:complete`, `owner:queue`."""
        async with self.database.transaction() as connection:
            rows = (await connection.execute(sa.select(ChatEvent.kind, ChatEvent.payload).order_by(ChatEvent.seq))).all()
        told = []
        for kind, payload in rows:
            match kind:
                case "message":
                    told.append(f"message:{payload['message']['author']['kind']}")
                case "reply_finished":
                    told.append(f"reply_finished:{payload['outcome']}")
                case "owner_changed":
                    told.append(f"owner:{payload['owner']}")
                case _:
                    told.append(kind)
        return told

    async def staff_story(self) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(sa.select(StaffEvent.kind, StaffEvent.payload).order_by(StaffEvent.staff_seq))).all())

    async def line(self) -> str:
        """The last thing that the system said."""
        async with self.database.transaction() as connection:
            query = sa.select(ChatEvent.payload).where(ChatEvent.kind == "message").order_by(ChatEvent.seq.desc())
            said = [payload["message"] for payload in await connection.scalars(query)]
        return next(message["text"] for message in said if message["author"]["kind"] == "system")

    async def taken(self, process: Process | None = None) -> None:
        await self.room.take(process or self.first)

    async def given_back(self) -> None:
        await self.room.give_back(self.first)

    async def back_to_assistant(self) -> None:
        """The customer presses the button."""
        moved = await self.database.unit(lambda c: ownership.back_to_assistant(c, self.room.id))
        await self.first.announce(moved.announcement)
        if moved.answer:
            self.first.runner.wake(self.room.id)


@pytest.fixture
async def scene(database: Database, redis_url: str) -> AsyncIterator[Scene]:
    """A newcomer at the demo site, one gateway, Dana of the staff."""
    await database.unit(ensure_demo)
    dana = await StaffService(database, Passwords()).invite("dana@example.com", "Dana", "agent")
    async with AsyncExitStack() as stack:
        room = await new_room(database, Log(), dana.staff_id)
        made = Scene(database, redis_url, room, [], stack)
        made.process()
        yield made
    assert room.log.wrong == []
