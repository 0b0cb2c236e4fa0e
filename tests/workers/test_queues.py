"""Two queues of hints: JSON and nothing else, no long job before a short one, and whoever carries out an effect is woken by its commit."""

import asyncio
import os
import pickle
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.wakes import WorkerWaker
from kernel import outbox
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import JOBS, QUEUES, DeliverWebhook, Due, Job, NotifyStaff, Queue, SendEmail
from kernel.tables.ops import Notification, Outbox
from tests.chaos.handoffs import eventually
from tests.rig.redis import RedisServer
from workers import effects, queues
from workers.effects import Effects
from workers.handlers import HANDLERS, Handler, Publication
from workers.outward import Outward
from workers.queues import Desk, Desks, listen

SOON = 10.0  # less than a job may take that hangs
Carry = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
async def bus(redis_server: RedisServer) -> AsyncIterator[Bus]:
    """On a Redis of this test's own: queues have fixed names."""
    found = Bus(connect(redis_server.url))
    yield found
    await found.close()


class Nobody:
    async def close(self) -> None:
        """Nothing was opened."""


class Slow(Outward):
    """Sends mails, as slowly as a server that does not answer; looks by itself only once an hour."""

    def __init__(self, database: Database, *, hangs: bool = False) -> None:
        super().__init__(database, Nobody(), every=3600)
        self.begun: list[UUID] = []
        self._hangs = hangs

    async def look(self) -> int:
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (SendEmail.kind,))
        for effect in held:
            self._begin(effect, partial(self._send, effect))
        return len(held)

    async def _send(self, effect: outbox.Effect) -> None:
        self.begun.append(effect.id)
        if self._hangs:
            await asyncio.sleep(3600)
        await self._database.unit(lambda c: outbox.settle_done(c, effect))


def notify() -> NotifyStaff:
    return NotifyStaff(conversation=uuid4(), reason="handoff")


async def put(database: Database, job: Job) -> UUID:
    return await database.unit(lambda c: outbox.enqueue(c, job, key=f"k:{uuid4()}"))


async def state(database: Database, effect: UUID) -> str:
    async with database.transaction() as connection:
        return str(await connection.scalar(sa.select(Outbox.state).where(Outbox.id == effect)))


def desk(queue: Queue, database: Database, bus: Bus, *outward: Outward, handlers: dict[type[Job], Handler] = HANDLERS) -> Desk:
    mine = {job: handler for job, handler in handlers.items() if job.queue == queue}
    return Desk(queue, Effects(database, bus, handlers=mine), outward)


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """All of it, until the block ends."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def hints(bus: Bus) -> dict[str, list[str]]:
    """Which effects the queues name."""
    found = {}
    for name in QUEUES.values():
        keys = cast("list[bytes]", await bus.redis.zrange(name, 0, -1))
        found[name] = [key.decode().removeprefix("outbox:") for key in keys]
    return found


class TestDeclared:
    def test_what_waits_for_somebody_else_is_long(self) -> None:
        long = {kind for kind, job in JOBS.items() if job.queue == "long"}
        assert {"deliver_webhook", "send_push", "send_email", "send_refund", "payment_event"} <= long
        assert not long & {job.kind for job in HANDLERS}


class TestDue:
    async def test_what_is_due_later_wakes_whoever_rests(self, database: Database, bus: Bus) -> None:
        mails = Slow(database)
        long = desk("long", database, bus, mails)
        async with running(mails.run(), long.see(database)):
            soon = datetime.now(UTC) + timedelta(seconds=1)
            effect = await database.unit(lambda c: outbox.enqueue(c, SendEmail(email=uuid4()), key="later", at=soon))

            async def done() -> bool:
                return await state(database, effect) == "done"

            await eventually(done, 2 * SOON, "nobody saw it")


class TestHints:
    async def test_go_to_the_queue_of_their_kind_after_the_commit_and_in_json(self, database: Database, bus: Bus) -> None:
        waker = WorkerWaker(bus)
        database.on_written = waker.wake
        short, long = await put(database, notify()), await put(database, DeliverWebhook(delivery=uuid4(), endpoint=uuid4()))

        async def both() -> bool:
            return await hints(bus) == {QUEUES["short"]: [str(short)], QUEUES["long"]: [str(long)]}

        await eventually(both, SOON, "the queues hold something else")
        for key in await bus.redis.keys("arq:job:*"):
            content = await bus.redis.get(key)
            assert content is not None and orjson.loads(content)["a"] == [key.decode().rpartition(":")[2]]
        await waker.close()

    async def test_nobody_hears_of_what_was_rolled_back_or_is_for_later_or_was_there(self, database: Database) -> None:
        told: list[Due] = []
        database.on_written = told.extend
        with pytest.raises(LookupError):
            async with database.transaction() as connection:
                await outbox.enqueue(connection, notify(), key="rolled back")
                raise LookupError
        await database.unit(lambda c: outbox.enqueue(c, notify(), key="later", at=utc_now()))
        first = await database.unit(lambda c: outbox.enqueue(c, notify(), key="there"))
        again = await database.unit(lambda c: outbox.enqueue(c, notify(), key="there"))
        assert first == again and told == [Due(first, "short")]

    async def test_a_redis_that_is_away_keeps_nobody_waiting(self, database: Database, bus: Bus, redis_server: RedisServer) -> None:
        waker = WorkerWaker(bus)
        database.on_written = waker.wake
        redis_server.pause()
        await put(database, notify())
        assert bus.up, "nobody has waited until it was found to be away"
        for _ in range(4):
            await put(database, notify())
        redis_server.resume()
        await waker.close()


class TestListening:
    async def test_a_hint_brings_a_long_job_at_once(
        self, database: Database, bus: Bus, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queues, "REST_SECONDS", 3600)  # its own look is an hour away
        slow, waker = Slow(database), WorkerWaker(bus)
        async with running(listen(redis_server.url, desk("long", database, bus, slow)), slow.run()):
            await asyncio.sleep(0.3)  # its first look is over
            database.on_written = waker.wake
            effect = await put(database, SendEmail(email=uuid4()))
            await eventually(lambda: done(database, effect), SOON, "nobody was woken")
        await waker.close()

    async def test_what_a_worker_writes_it_takes_up_itself_without_redis(
        self, database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An effect of an effect: a notification that becomes a mail."""
        for module, name in ((queues, "REST_SECONDS"), (effects, "SWEEP_EVERY")):
            monkeypatch.setattr(module, name, 3600)  # nobody looks by himself
        mails: list[UUID] = []

        async def chained(connection: AsyncConnection, job: Any, key: str) -> list[Publication]:
            mails.append(await outbox.enqueue(connection, SendEmail(email=uuid4()), key=f"mail:{key}"))
            return []

        slow = Slow(database)
        short, long = desk("short", database, bus, handlers={NotifyStaff: chained}), desk("long", database, bus, slow)
        database.on_written = Desks((short, long)).written
        async with running(short.effects.sweep(), long.effects.sweep(), slow.run()):
            await asyncio.sleep(0.1)
            await put(database, notify())
            await eventually(lambda: one_done(database, mails), SOON, "the mail waits")

    async def test_long_jobs_that_hang_keep_no_short_one_waiting(self, database: Database, bus: Bus, redis_server: RedisServer) -> None:
        slow, waker = Slow(database, hangs=True), WorkerWaker(bus)
        short, long = desk("short", database, bus), desk("long", database, bus, slow)
        async with running(listen(redis_server.url, short), listen(redis_server.url, long), slow.run()):
            database.on_written = waker.wake
            for _ in range(30):
                await put(database, SendEmail(email=uuid4()))
            await eventually(lambda: begun(slow, 10), SOON, "no mail was begun")
            for _ in range(5):
                effect = await put(database, notify())
                await eventually(lambda e=effect: done(database, e), SOON, "a short one waits")  # type: ignore[misc]
        await waker.close()


async def done(database: Database, effect: UUID) -> bool:
    return await state(database, effect) == "done"


async def one_done(database: Database, effects: list[UUID]) -> bool:
    return bool(effects) and await done(database, effects[0])


async def begun(slow: Slow, many: int) -> bool:
    return len(slow.begun) >= many


class Evil:
    """Unpickling it makes a folder."""

    def __init__(self, at: Path) -> None:
        self._at = at

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._at),)


class TestHostile:
    async def test_whoever_writes_to_redis_makes_a_worker_look_and_no_more(
        self, database: Database, bus: Bus, redis_server: RedisServer, tmp_path: Path
    ) -> None:
        made = tmp_path / "owned"
        assert pickle.loads(pickle.dumps(Evil(tmp_path / "probe"))) is None and (tmp_path / "probe").is_dir(), "it is a real one"  # noqa: S301
        job = {"t": 1, "k": {}, "et": 0}
        hostile = [
            pickle.dumps({**job, "f": "outbox", "a": (Evil(made),)}),
            pickle.dumps(Evil(made)),
            b"\x80\x04garbage",
            b"{not json",
            orjson.dumps({**job, "f": "os.system", "a": [f"mkdir {made}"]}),
            orjson.dumps({**job, "f": "outbox", "a": ["no uuid"]}),
            orjson.dumps({**job, "f": "outbox", "a": []}),
            orjson.dumps([1, 2, 3]),
        ]
        now = int(time.time() * 1000)
        for number, content in enumerate(hostile):
            for name in QUEUES.values():
                key = f"evil:{name}:{number}"
                await bus.redis.set(f"arq:job:{key}", content)
                await bus.redis.zadd(name, {key: now})
        waker = WorkerWaker(bus)
        async with running(*(listen(redis_server.url, desk(queue, database, bus)) for queue in QUEUES)):
            database.on_written = waker.wake
            effect = await put(database, notify())
            await eventually(lambda: done(database, effect), 3 * SOON, "the worker does not work any more")
            await eventually(lambda: empty(bus), SOON, "something is left in a queue")
        await waker.close()
        assert not made.exists()
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(Notification)) == 1


async def empty(bus: Bus) -> bool:
    return not any((await hints(bus)).values())
