"""Workers: each effect once however many look for it; alerts once; what fails is tried again, then buried."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import staffing
from business.customers.visitors import Visitor
from business.handoffs import lines, ownership
from business.handoffs.ownership import Actor
from business.profile.loader import load_profile
from business.uploads.folder import UploadFolder
from kernel import outbox
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.jobs import Job, NotifyStaff
from kernel.tables.ai import ChatEvent, ChatMessage, ChatSession, StaffEvent
from kernel.tables.ops import Handoff, Notification, Outbox
from tests.workers.conftest import write
from workers.clockwork import Clockwork
from workers.effects import Effects
from workers.handlers import HANDLERS, Handler, Publication

PROFILE = load_profile()


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


async def count(database: Database, table: Any, *where: Any) -> int:
    async with database.transaction() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def handle_by(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> None:
    """Let this one carry the job out, for the length of a test."""
    job: type[Job] = NotifyStaff
    monkeypatch.setitem(HANDLERS, job, handler)


async def enqueue(database: Database) -> UUID:
    job = NotifyStaff(conversation=uuid4(), reason="handoff")
    return await database.unit(lambda c: outbox.enqueue(c, job, key=f"k:{uuid4()}"))


class TestEffects:
    async def test_two_workers_race_and_each_happens_once(self, database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
        done: list[str] = []
        real = HANDLERS[NotifyStaff]

        async def counted(connection: AsyncConnection, job: Any, key: str) -> list[Publication]:
            done.append(key)
            await asyncio.sleep(0)
            return await real(connection, job, key)

        handle_by(monkeypatch, counted)
        made = [await enqueue(database) for _ in range(25)]
        workers = [Effects(database, bus) for _ in range(2)]

        async def woken(worker: Effects) -> None:
            await asyncio.gather(*(worker.due(effect) for effect in made[:10]))
            while await worker.due():
                pass

        await asyncio.gather(*(woken(worker) for worker in workers))
        assert len(done) == len(set(done)) == 25
        assert await count(database, Notification) == 25
        assert await count(database, Outbox, Outbox.state == "done") == 25

    async def test_tell_the_consoles(self, database: Database, bus: Bus) -> None:
        await enqueue(database)
        pubsub = bus.redis.pubsub()
        await pubsub.subscribe("hibachi:inbox")
        await pubsub.get_message(timeout=5)
        await Effects(database, bus).due()
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
        assert message is not None and b'"k":"row"' in message["data"]
        await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def test_that_fail_are_tried_again_then_buried(self, database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
        tried = 0

        async def failing(connection: AsyncConnection, job: Any, key: str) -> list[Publication]:
            nonlocal tried
            tried += 1
            await connection.execute(sa.insert(Notification).values(id=uuid4(), key="half", kind="half"))
            raise ValueError("what the customer said")

        handle_by(monkeypatch, failing)
        effect = await enqueue(database)
        worker = Effects(database, bus)
        for _ in range(outbox.ATTEMPTS + 3):
            async with database.transaction() as connection:
                await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=sa.func.clock_timestamp()))
            await worker.due()
        assert tried == outbox.ATTEMPTS
        assert await count(database, Notification) == 0, "half an effect is none"
        async with database.transaction() as connection:
            kept = (await connection.execute(sa.select(Outbox.__table__).where(Outbox.id == effect))).one()
        assert (kept.state, kept.error) == ("dead", "ValueError"), "its kind, never its words"

    async def test_whoever_outlives_the_lease_does_nothing(self, database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
        arrived, go_on = asyncio.Event(), asyncio.Event()
        first = True

        async def slow(connection: AsyncConnection, job: Any, key: str) -> list[Publication]:
            nonlocal first
            mine, first = first, False
            await connection.execute(sa.insert(Notification).values(id=uuid4(), key=str(uuid4()), kind="slow" if mine else "quick"))
            if mine:
                arrived.set()
                await go_on.wait()
            return []

        handle_by(monkeypatch, slow)
        await enqueue(database)
        paused = asyncio.create_task(Effects(database, bus).due())
        await arrived.wait()
        async with database.transaction() as connection:
            past = sa.func.clock_timestamp() - sa.text("interval '1 second'")
            await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))
        assert await Effects(database, bus).due() == 1
        go_on.set()
        await paused
        async with database.transaction() as connection:
            assert list(await connection.scalars(sa.select(Notification.kind))) == ["quick"]


async def look(database: Database, bus: Bus) -> None:
    """Several workers at the same moment."""
    nowhere = UploadFolder(Path("/nonexistent"))
    await asyncio.gather(*(Clockwork(database, bus, lambda: PROFILE, nowhere).look() for _ in range(3)))


async def said(database: Database, visitor: Visitor) -> list[str]:
    """What the system said to the customer."""
    async with database.transaction() as connection:
        query = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == visitor.conversation, ChatMessage.author_kind == "system")
        return list(await connection.scalars(query.order_by(ChatMessage.seq)))


class TestOverdueHandoffs:
    async def test_alert_once(self, database: Database, bus: Bus, visitor: Visitor) -> None:
        await write(database, visitor, "hola", "es")

        async def ask(due: datetime) -> None:
            await database.unit(
                lambda c: ownership.ask_for_human(
                    c,
                    visitor.conversation,
                    reason=None,
                    due_at=due,
                    minutes=5,
                    line="A person comes.",
                    summary="Asked",
                    business="My Hibachi",
                )
            )

        await ask(datetime.now(UTC) + timedelta(minutes=10))
        await look(database, bus)
        assert await said(database, visitor) == ["A person comes."], "not before its time"
        async with database.transaction() as connection:
            await connection.execute(sa.update(Handoff).values(due_at=datetime.now(UTC) - timedelta(seconds=1)))
        for _ in range(3):
            await look(database, bus)
        assert await said(database, visitor) == ["A person comes.", lines.late("es")]
        assert await count(database, StaffEvent, StaffEvent.kind == "alert") == 1
        assert await count(database, Outbox, Outbox.key.like("notify_staff:due:%")) == 1
        async with database.transaction() as connection:
            handoff = (await connection.execute(sa.select(Handoff.__table__))).one()
            seqs = list(await connection.scalars(sa.select(ChatEvent.seq).order_by(ChatEvent.seq)))
        assert (handoff.urgency, handoff.state) == ("high", "open")
        assert seqs == list(range(1, len(seqs) + 1))

    async def test_not_where_somebody_claimed(self, database: Database, bus: Bus, visitor: Visitor, dana: Actor) -> None:
        await write(database, visitor, "hello")
        past = datetime.now(UTC) - timedelta(minutes=1)
        moved = await database.unit(
            lambda c: ownership.ask_for_human(
                c, visitor.conversation, reason=None, due_at=past, minutes=None, line="x", summary="x", business="x"
            )
        )
        assert moved.handoff is not None
        handoff = moved.handoff
        await database.unit(lambda c: ownership.claim_handoff(c, handoff, dana))
        await look(database, bus)
        assert await said(database, visitor) == ["x"]


class TestSilence:
    async def test_alerts_once_for_each(self, database: Database, bus: Bus, visitor: Visitor, dana: Actor) -> None:
        await write(database, visitor, "hello")
        await database.unit(lambda c: ownership.take(c, visitor.conversation, dana))
        await write(database, visitor, "are you there?")
        await look(database, bus)
        assert await said(database, visitor) == []
        await self._later(database)
        for _ in range(2):
            await look(database, bus)
        await write(database, visitor, "hello?")
        await self._later(database)
        await look(database, bus)
        assert await said(database, visitor) == [lines.silent("en")], "the same silence"
        async with database.transaction() as connection:
            epoch = await connection.scalar(sa.select(ChatSession.epoch))
        assert epoch is not None
        say = {"client_id": uuid4(), "text": "Here I am", "epoch": epoch}
        await database.unit(lambda c: staffing.say(c, visitor.conversation, dana.id, dana.name, **say))
        await self._later(database)
        await look(database, bus)
        assert len(await said(database, visitor)) == 1, "nobody waits"
        await write(database, visitor, "and now?")
        await self._later(database)
        await look(database, bus)
        assert len(await said(database, visitor)) == 2
        assert await count(database, Outbox, Outbox.key.like("notify_staff:silent:%")) == 2

    @staticmethod
    async def _later(database: Database) -> None:
        """As if 20 minutes had gone by."""
        async with database.transaction() as connection:
            earlier = sa.text("interval '20 minutes'")
            await connection.execute(
                sa.update(ChatSession).values(
                    waiting_since=ChatSession.waiting_since - earlier,
                    staff_spoke_at=ChatSession.staff_spoke_at - earlier,
                    owner_since=ChatSession.owner_since - earlier,
                )
            )
