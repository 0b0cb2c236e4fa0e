"""Every job, its worker gone at every await and back again: it happens once and as a whole."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import sqlalchemy as sa

from kernel import outbox
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.jobs import JOBS, NotifyStaff
from kernel.tables.ops import Notification, Outbox
from migrations import runner
from tests.chaos.handoffs import eventually
from tests.chaos.jobs import Jobs
from tests.conftest import execute
from tests.rig.fleet import Child, Fleet
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer
from tests.rig.standing import cut_off

AWAITS = 200
STEP = int(os.environ.get("PROVE_STEP", "9"))
KILLED_AT = (1, 2, 5, 9, 14, 20, 27)
LOAD = 150
KEEPS = "synchronous_commit=on"  # else a server that crashes may forget what it has promised a moment ago
# Those that wait for somebody else's server: tests/workers/test_pushes.py, test_webhooks.py, tests/emails/, tests/payments/.
OUTWARD = {kind for kind, job in JOBS.items() if job.queue == "long"}
KINDS = sorted(set(JOBS) - OUTWARD)


@pytest.fixture
async def jobs(database: Database, database_url: str, redis_url: str) -> AsyncIterator[Jobs]:
    bus = Bus(connect(redis_url))
    yield await Jobs.begin(database, bus, database_url)
    await bus.close()


async def test_there_is_a_cause_for_every_kind(jobs: Jobs) -> None:
    assert set(jobs.causes) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_with_its_worker_gone_and_back(jobs: Jobs, kind: str) -> None:
    await jobs.growth(kind)
    wanted = await jobs.growth(kind)
    assert wanted.get("ops.outbox", 0) >= 1
    gone = 0
    for at in range(1, AWAITS, STEP):
        stood = False

        async def disturb(at: int = at) -> None:
            nonlocal stood
            async with jobs.stands_still(at) as standing:
                stood = standing.stands
                if stood:
                    await jobs.work()

        assert await jobs.growth(kind, disturb) == wanted, f"gone at await {at}"
        if not stood:
            break
        gone += 1
    assert 0 < gone < AWAITS / STEP


@pytest.fixture
async def fleet(database_url: str, redis_server: RedisServer) -> AsyncIterator[Fleet]:
    async with Fleet(database_url, redis_server.url) as found:
        yield found


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_real_worker_killed_in_the_middle_of_each(jobs: Jobs, fleet: Fleet) -> None:
    """As the test above, by `kill -9` of a process. What it does beside is left out: its clock may write of what is overdue."""
    died = 0
    for kind in sorted(set(KINDS) - {"escalate_handoff"}):
        await jobs.growth(kind)
        wanted = await jobs.growth(kind)
        for at in KILLED_AT:

            async def killed(at: int = at) -> None:
                nonlocal died
                worker = await fleet.worker(CRASH_AT=str(at))
                await eventually(lambda: over(jobs, worker), 30.0, "neither died nor did its work")
                died += not worker.alive
                worker.kill()
                await cut_off(jobs.database, "hibachi-worker")

            assert await jobs.growth(kind, killed) == wanted, f"{kind}, killed at await {at}"
    assert died > len(KILLED_AT)


async def over(jobs: Jobs, worker: Child) -> bool:
    return not worker.alive or await jobs.left() == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_postgres_and_redis_restarted_under_load(redis_server: RedisServer) -> None:
    """Two workers, and effects that are written all the while: each once, none lost."""
    postgres = PostgresServer()
    await asyncio.to_thread(postgres.create)
    await asyncio.to_thread(postgres.start, KEEPS)
    try:
        await execute(postgres.url(), "CREATE DATABASE load")
        await runner.upgrade(postgres.url("load"))
        async with Fleet(postgres.url("load"), redis_server.url) as fleet:
            workers = [await fleet.worker() for _ in range(2)]
            writing = asyncio.create_task(load(postgres.url("load")))
            for how in (signal.SIGINT, signal.SIGQUIT):
                await asyncio.sleep(1)
                await asyncio.to_thread(postgres.stop, how)
                await asyncio.to_thread(redis_server.restart, 0.5)
                await asyncio.to_thread(postgres.start, KEEPS)
            await writing
            database = Database(postgres.url("load"), application="proof")
            await eventually(lambda: all_done(database), 60.0, "effects are left")
            async with database.transaction() as connection:
                told = await connection.execute(sa.select(Notification.key, sa.func.count()).group_by(Notification.key))
            assert sorted(told.all()) == sorted((f"load:{n}", 1) for n in range(LOAD))
            assert all(worker.alive for worker in workers)
            await database.close()
    finally:
        await asyncio.to_thread(postgres.destroy)


async def load(url: str) -> None:
    """Effects, one after the other, whatever becomes of the servers; the same key until it is stored."""
    database = Database(url, application="load", pool_size=2)
    for number in range(LOAD):
        job = NotifyStaff(conversation=uuid4(), reason="handoff")
        while True:
            try:
                await database.unit(lambda c, j=job, n=number: outbox.enqueue(c, j, key=f"load:{n}"))  # type: ignore[misc]
                break
            except Unavailable:
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.02)
    await database.close()


async def all_done(database: Database) -> bool:
    query = sa.select(sa.func.count()).where(Outbox.kind == "notify_staff", Outbox.state == "done")
    async with database.transaction() as connection:
        return await connection.scalar(query) == LOAD
