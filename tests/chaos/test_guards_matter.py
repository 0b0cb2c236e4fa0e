"""Each guard taken away in turn: the same check that is green with it goes red without it. A suite that stays green is blind.

Nothing is patched: a process is built with another part, a constraint is dropped in this test's own database.
"""

import asyncio
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import queries
from business.conversations.log import writing
from business.conversations.receive import payload_hash, receive
from business.sites.service import ensure_demo, ensure_install
from gateway.live.desk import Desk
from gateway.live.hub import Hub
from gateway.live.outgoing import Outgoing
from gateway.live.room import Watch
from gateway.turns.frames import Frames, Shown
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import Turn
from kernel.wire.server import Author
from tests.chaos.schedule import Stage, judge
from tests.chaos.turns import Log, Process, Room, new_room, until
from tests.rig.history import Recorder, Violation, check
from tests.rig.redis import RedisServer
from tests.rig.truth import read_truth


class UnfencedFrames(Frames):
    """Looks where the cut would be, and leaves no fence there."""

    async def cut(self, turn: UUID) -> Shown | Literal["away"] | None:
        return await self.read(turn)


@pytest.fixture
async def own(database: Database) -> Database:
    """A database of the test's own, with a demo site."""
    await database.unit(ensure_install)
    await database.unit(ensure_demo)
    return database


async def violations(url: str, lines: list[dict[str, Any]] | None = None) -> set[str]:
    return {violation.invariant for violation in check(lines or [], await read_truth(url))}


async def until_done(database: Database, within: float) -> bool:
    """Whether every turn came to its end."""
    for _ in range(int(within / 0.05)):
        async with database.transaction() as connection:
            if not await connection.scalar(sa.text("SELECT count(*) FROM ai.turn WHERE state <> 'done'")):
                return True
        await asyncio.sleep(0.05)
    return False


class TestTheFence:
    async def taken_over(self, database: Database, url: str, redis: RedisServer, frames: type[Frames]) -> list[str]:
        """A takeover by another process whose hint got lost: only the fence stops what the runner has to say."""
        log = Log()
        room = await new_room(database, log, uuid4())
        processes = [Process(f"p{n}", database, redis.url, log, frames=frames, hears=False, renews=False) for n in (0, 1)]
        speaking = processes[0]
        try:
            await room.say(speaking)
            assert await until(lambda: speaking.script.replies)
            speaking.script.give("said ")
            assert await until(lambda: log.deltas)
            await room.take(processes[1])
            speaking.script.give("too late ")
            assert await until(lambda: log.wrong or not speaking.runner.running), "neither refused nor let through"
            return await judge(Stage(database, url, redis, uuid4()), room, log)
        finally:
            for process in processes:
                await process.die()

    async def test_matters(self, own: Database, database_url: str, shared_redis: RedisServer) -> None:
        assert await self.taken_over(own, database_url, shared_redis, Frames) == []
        wrong = await self.taken_over(own, database_url, shared_redis, UnfencedFrames)
        assert any("emitted 5..14 of a reply that was cut at 5" in what for what in wrong), wrong


class TestUniqueness:
    """The row's lock is the first guard; these constraints hold where somebody writes without looking."""

    async def careless_message(self, connection: AsyncConnection, room: Room, client_id: UUID) -> None:
        """Stores a customer's message without asking whether it is there."""
        async with writing(connection, room.id) as log:
            digest = payload_hash(room.id, "again")
            log.say(Author(kind="customer", name="Customer"), "again", client_id=client_id, payload_hash=digest)

    async def careless_turn(self, connection: AsyncConnection, room: Room) -> None:
        """Starts a reply without asking whether one runs."""
        lease = sa.text("clock_timestamp() + interval '7 seconds'")
        row = {"id": new_id(), "conversation_id": room.id, "state": "running", "fence": 1, "answers": [1]}
        await connection.execute(sa.insert(Turn).values(**row, lease_until=lease))

    async def room(self, database: Database) -> Room:
        room = await new_room(database, Log(), uuid4())
        await database.unit(lambda c: receive(c, room.visitor, client_id=uuid4(), text="hello", now=utc_now()))
        return room

    async def test_of_client_ids_matters(self, own: Database, database_url: str) -> None:
        room, id = await self.room(own), uuid4()
        recorder = Recorder()
        recorder.add("alice", "sent", event="message", call=0, payload={"id": str(id), "text": "again"})
        await own.unit(lambda c: self.careless_message(c, room, id))
        with pytest.raises(IntegrityError):
            await own.unit(lambda c: self.careless_message(c, room, id))
        assert "I1" not in await violations(database_url, recorder.lines)
        await drop(database_url, "ALTER TABLE ai.chat_message DROP CONSTRAINT uq_chat_message_conversation_id_client_id")
        await own.unit(lambda c: self.careless_message(c, room, id))
        assert "I1" in await violations(database_url, recorder.lines)

    async def test_of_the_running_turn_matters(self, own: Database, database_url: str) -> None:
        room = await self.room(own)
        await own.unit(lambda c: self.careless_turn(c, room))
        with pytest.raises(IntegrityError):
            await own.unit(lambda c: self.careless_turn(c, room))
        truth = await read_truth(database_url)
        assert check([], truth, settled=False) == []
        await drop(database_url, "DROP INDEX ai.uq_turn_running")
        await own.unit(lambda c: self.careless_turn(c, room))
        truth = await read_truth(database_url)
        assert [violation.invariant for violation in check([], truth, settled=False)] == ["I4"]


async def drop(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


class TestTheSweepOfTurns:
    async def lost(self, database: Database, url: str, redis: RedisServer, *, sweeps: bool) -> set[str]:
        """A process is lost in mid-reply; its lease has run out."""
        log = Log()
        room = await new_room(database, log, uuid4())
        lost = Process("lost", database, redis.url, log)
        await room.say(lost)
        assert await until(lambda: lost.script.replies)
        lost.script.give("half ")
        assert await until(lambda: log.deltas)
        await lost.die()
        await drop(url, "UPDATE ai.turn SET lease_until = clock_timestamp() WHERE state = 'running'")
        other = Process("other", database, redis.url, log, sweeps=sweeps)
        try:
            if await until(lambda: other.script.replies, 15 if sweeps else 4):
                other.script.give("whole ")
                other.script.give(None)
                await until_done(database, 15)
            return await violations(url)
        finally:
            await other.die()

    async def test_matters(self, own: Database, database_url: str, shared_redis: RedisServer) -> None:
        assert await self.lost(own, database_url, shared_redis, sweeps=True) == set()
        assert await self.lost(own, database_url, shared_redis, sweeps=False) == {"I4"}


class _Socket:
    """An observer's socket, recorded as a client is."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.events: list[dict[str, Any]] = []

    def send(self, outgoing: Outgoing) -> None:
        if outgoing.event == "event":
            self.events.append(outgoing.body)
            self.recorder.add("observer", "event", body=outgoing.body)


class TestTheSweepOfLogs:
    async def watched(self, database: Database, url: str, *, sweeps: bool) -> list[Violation]:
        """An observer at a gateway that hears nothing, for Redis is away; something is said elsewhere."""
        recorder, nowhere = Recorder(), "redis://127.0.0.1:1/0"
        bus = Bus(connect(nowhere))
        hub = Hub(database, bus, nowhere, Desk(database, bus))
        room = await new_room(database, Log(), uuid4())
        await database.unit(lambda c: receive(c, room.visitor, client_id=uuid4(), text="seen in the snapshot", now=utc_now()))
        socket = _Socket(recorder)
        watch = Watch(socket, staff=False, key="customer")
        there = hub.join(room.visitor.conversation, watch)
        async with database.transaction() as connection:
            view = await queries.view(connection, room.id)
        assert view is not None
        await hub.position_at(there, view.row.history, view.row.last_seq, view.row.last_staff_seq)
        watch.release({"head": view.row.last_seq})
        tasks = [asyncio.create_task(hub.sweep())] if sweeps else []
        try:
            await database.unit(lambda c: receive(c, room.visitor, client_id=uuid4(), text="said elsewhere", now=utc_now()))
            await until(lambda: socket.events, 15 if sweeps else 4)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await bus.close()
        recorder.add("observer", "final", conversation=str(room.id), events=[*view.events, *socket.events])
        return check(recorder.lines, await read_truth(url, [str(room.id)]), settled=False)

    async def test_matters(self, own: Database, database_url: str) -> None:
        assert await self.watched(own, database_url, sweeps=True) == []
        blind = await self.watched(own, database_url, sweeps=False)
        assert {violation.invariant for violation in blind} == {"I1", "I2"}
