"""What a reply leaves for shadows, in the transaction that ends its turn: whole, or not at all, and never at the reply's expense."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from agents.events import Asked, TurnEvent, TurnFinished
from agents.recording import Recorder
from agents.turn import TurnRequest
from business.sites.service import ensure_demo, ensure_install
from business.staff import owner
from business.staff.passwords import Passwords
from kernel.database import Database
from kernel.jobs import AnswerShadow
from kernel.settings import Policy, Shadow
from kernel.tables.ai import ChatMessage, Turn, TurnRecord
from kernel.tables.core import Staff
from kernel.tables.ops import Outbox
from tests.agents.building import ask
from tests.chaos.turns import Log, Process, Room, Script, new_room, until

SHADOWS = (Shadow(model="hanging"), Shadow(model="failing"), Shadow(model="never", sample=0.0))
INSERTED = re.compile(r"INSERT INTO (\w+\.\w+)")


async def ended(request: TurnRequest) -> TurnEvent:
    """The end of a reply that a model worded."""
    asked = replace(ask("how much?"), turn=request.turn, conversation=request.conversation)
    how = Asked(asked, ("quote",), ("pricing",), begins=0, ends=0, first_token_ms=80, duration_ms=400)
    return TurnFinished("pricing", model="teacher", memory={"agent": "pricing"}, agents=("pricing",), asked=how)


class Stage:
    """A gateway's turns on one conversation after the other."""

    def __init__(self, database: Database, redis_url: str, staff: UUID) -> None:
        self.database = database
        self._redis_url = redis_url
        self._staff = staff
        self._processes: list[Process] = []

    def process(self, *shadows: Shadow, days: int = 30) -> Process:
        policy = Policy(shadows=shadows)
        made = Process(f"p{len(self._processes)}", self.database, self._redis_url, Log(), recorder=Recorder(days, lambda: policy))
        self._processes.append(made)
        return made

    async def room(self, process: Process) -> Room:
        return await new_room(self.database, process.log, self._staff)

    async def talk(self, process: Process, *pieces: Any) -> Room:
        """A message, a reply of these pieces, and its end."""
        room = await self.room(process)
        await self.begun(process, room)
        for piece in pieces:
            process.script.give(piece)
        assert await until(lambda: not process.runner.running and not process.runner._claiming)
        return room

    async def begun(self, process: Process, room: Room) -> None:
        replies = len(process.script.replies)
        await room.say(process)
        assert await until(lambda: len(process.script.replies) > replies)

    async def close(self) -> None:
        for process in self._processes:
            await process.die()

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(statement)).all())

    async def records(self) -> list[Any]:
        return await self.rows(sa.select(TurnRecord.__table__).order_by(TurnRecord.created_at))

    async def asked_of(self) -> list[str]:
        found = await self.rows(sa.select(Outbox.payload).where(Outbox.kind == AnswerShadow.kind))
        return sorted(row.payload["candidate"] for row in found)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every statement that goes to PostgreSQL meanwhile."""
        seen: list[str] = []

        def see(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(" ".join(statement.split()))

        sa.event.listen(self.database.primary.sync_engine, "before_cursor_execute", see)
        try:
            yield seen
        finally:
            sa.event.remove(self.database.primary.sync_engine, "before_cursor_execute", see)


@pytest.fixture
async def stage(database: Database, redis_url: str) -> AsyncIterator[Stage]:
    await database.unit(ensure_install)
    await database.unit(ensure_demo)
    await owner.ensure(database, Passwords(), "dana@example.com", "a long enough password")
    async with database.transaction() as connection:
        staff = await connection.scalar(sa.select(Staff.id))
    assert staff is not None
    made = Stage(database, redis_url, staff)
    yield made
    await made.close()


class TestAWholeReply:
    async def test_leaves_its_record_and_one_effect_for_each_candidate(self, stage: Stage) -> None:
        room = await stage.talk(stage.process(*SHADOWS), "It is $660.", ended)
        (record,) = await stage.records()
        (message,) = await stage.rows(sa.select(ChatMessage.turn_id).where(ChatMessage.author_kind == "ai"))
        assert (record.turn_id, record.asked_turn_id, record.conversation_id) == (message.turn_id, message.turn_id, room.id)
        assert (record.text, record.model, record.intent, record.stakes) == ("It is $660.", "teacher", "quote", "high")
        assert record.messages[-1]["content"] == "how much?" and record.tools == ["quote"] and record.calls == []
        assert await stage.asked_of() == ["failing", "hanging"]

    async def test_that_began_anew_is_kept_under_its_last_turn_and_was_asked_under_its_first(self, stage: Stage) -> None:
        process = stage.process(*SHADOWS)
        room = await stage.room(process)
        await stage.begun(process, room)
        process.script.give("Half of it")
        assert await until(lambda: process.log.deltas)
        process.script.give(Script.RESTART)
        process.script.give("All of it.")
        process.script.give(ended)
        assert await until(lambda: not process.runner.running)
        (record,) = await stage.records()
        (first, last) = await stage.rows(sa.select(Turn.id, Turn.outcome).order_by(Turn.started_at))
        assert (record.asked_turn_id, record.turn_id, record.text) == (first.id, last.id, "All of it.")

    async def test_is_stored_though_its_record_is_refused(self, stage: Stage) -> None:
        refuse = (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON ai.turn_record FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        async with stage.database.transaction() as connection:
            for statement in refuse:
                await connection.execute(sa.text(statement))
        await stage.talk(stage.process(*SHADOWS), "It is $660.", ended)
        assert await stage.rows(sa.select(ChatMessage.text).where(ChatMessage.author_kind == "ai")) == [("It is $660.",)]
        assert [row.outcome for row in await stage.rows(sa.select(Turn.outcome))] == ["complete"]
        assert await stage.records() == [] and await stage.asked_of() == []


class TestNothingIsLeft:
    @pytest.mark.parametrize("deed", ["stop", "take"])
    async def test_of_a_reply_that_was_cut(self, stage: Stage, deed: str) -> None:
        process = stage.process(*SHADOWS)
        room = await stage.room(process)
        await stage.begun(process, room)
        process.script.give("Half of it")
        assert await until(lambda: process.log.deltas)
        cut: Callable[[Process], Awaitable[object]] = getattr(room, deed)
        await cut(process)
        assert await until(lambda: not process.runner.running)
        assert await stage.records() == [] and await stage.asked_of() == []

    async def test_where_no_record_is_kept(self, stage: Stage) -> None:
        await stage.talk(stage.process(*SHADOWS, days=0), "It is $660.", ended)
        assert await stage.records() == [] and await stage.asked_of() == []

    async def test_where_nobody_could_be_asked(self, stage: Stage) -> None:
        await stage.talk(stage.process(*SHADOWS), "Hello.", None)
        assert await stage.records() == [] and await stage.asked_of() == []


class TestTheCustomersPath:
    async def test_is_one_insert_longer_with_shadows_and_waits_for_none(self, stage: Stage) -> None:
        inserts: dict[str, Counter[str]] = {}
        for name, process in (("off", stage.process(days=0)), ("kept", stage.process()), ("asked", stage.process(*SHADOWS))):
            with stage.statements() as statements:
                await stage.talk(process, "It is $660.", ended)
            # What looks around by the clock only reads and renews.
            inserts[name] = Counter(table for statement in statements for table in INSERTED.findall(statement))
        assert inserts["kept"] == inserts["off"] + Counter({"ai.turn_record": 1})
        assert inserts["asked"] == inserts["kept"] + Counter({"ops.outbox": 1})
