"""The outbox: one effect per key, held by one worker, tried again with a growing delay, buried in the end."""

import asyncio
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from kernel import outbox
from kernel.database import Database
from kernel.jobs import JOBS, NotifyStaff
from kernel.outbox import Effect
from kernel.tables.ops import Outbox


async def enqueue(database: Database, key: str | None = None) -> UUID:
    job = NotifyStaff(conversation=uuid4(), reason="handoff")
    return await database.unit(lambda c: outbox.enqueue(c, job, key=key or f"k:{uuid4()}"))


async def claim(database: Database, limit: int = 10, only: UUID | None = None) -> list[Effect]:
    return await database.unit(lambda c: outbox.claim_due(c, JOBS, limit, only))


async def row(database: Database, effect: UUID) -> sa.Row[tuple[object, ...]]:
    async with database.transaction() as connection:
        wait = sa.func.extract("epoch", Outbox.next_at - sa.func.clock_timestamp()).label("wait")
        return (await connection.execute(sa.select(Outbox.__table__, wait).where(Outbox.id == effect))).one()


async def now_due(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=sa.func.clock_timestamp()))


async def lose_leases(database: Database) -> None:
    async with database.transaction() as connection:
        past = sa.func.clock_timestamp() - sa.text("interval '1 second'")
        await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))


class TestEnqueue:
    async def test_the_same_key_is_the_same_effect(self, database: Database) -> None:
        first = await enqueue(database, "once")
        assert await enqueue(database, "once") == first
        assert await asyncio.gather(*(enqueue(database, "once") for _ in range(5))) == [first] * 5
        assert [effect.id for effect in await claim(database)] == [first]

    async def test_goes_with_its_cause(self, database: Database) -> None:
        with pytest.raises(RuntimeError):
            async with database.transaction() as connection:
                await outbox.enqueue(connection, NotifyStaff(conversation=uuid4(), reason="handoff"), key="gone")
                raise RuntimeError
        assert await claim(database) == []


class TestClaim:
    async def test_holds_until_the_lease_is_over(self, database: Database) -> None:
        effect = await enqueue(database)
        (held,) = await claim(database)
        assert (held.id, held.attempts) == (effect, 1)
        assert await claim(database) == [] and await claim(database, only=effect) == []
        await lose_leases(database)
        (again,) = await claim(database)
        assert (again.id, again.attempts) == (effect, 2)
        assert again.lease != held.lease

    async def test_at_once_is_disjoint(self, database: Database) -> None:
        wanted = {await enqueue(database) for _ in range(30)}
        groups = await asyncio.gather(*(claim(database, 10) for _ in range(5)))
        held = [effect.id for group in groups for effect in group]
        assert len(held) == len(set(held)) and set(held) <= wanted
        assert len(held) + len(await claim(database, 30)) == 30

    async def test_one_alone_where_it_is_asked_for(self, database: Database) -> None:
        await enqueue(database)
        wanted = await enqueue(database)
        assert [effect.id for effect in await claim(database, only=wanted)] == [wanted]

    async def test_what_cannot_be_read_does_not_stand_in_the_way(self, database: Database) -> None:
        """A kind of a newer version waits for it; a payload that is no longer one is buried."""
        foreign, broken = await enqueue(database), await enqueue(database)
        async with database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.id == foreign).values(kind="of_tomorrow"))
            await connection.execute(sa.update(Outbox).where(Outbox.id == broken).values(payload={"reason": "?"}))
        good = await enqueue(database)
        assert [effect.id for effect in await claim(database)] == [good]
        assert ((await row(database, foreign)).state, (await row(database, broken)).state) == ("new", "dead")


class TestSettle:
    async def test_done_is_done(self, database: Database) -> None:
        await enqueue(database)
        (held,) = await claim(database)
        assert await database.unit(lambda c: outbox.settle_done(c, held))
        await lose_leases(database)
        assert await claim(database) == []
        assert not await database.unit(lambda c: outbox.settle_done(c, held)), "once"

    async def test_whoever_lost_the_lease_is_refused(self, database: Database) -> None:
        effect = await enqueue(database)
        (late,) = await claim(database)
        await lose_leases(database)
        (quick,) = await claim(database)
        assert not await database.unit(lambda c: outbox.settle_done(c, late))
        await database.unit(lambda c: outbox.settle_failed(c, late, "TooLate"))
        kept = await row(database, effect)
        assert (kept.state, kept.error) == ("working", None)
        assert await database.unit(lambda c: outbox.settle_done(c, quick))

    async def test_failures_wait_longer_each_time_and_end(self, database: Database) -> None:
        effect = await enqueue(database)
        waits = []
        for attempt in range(1, outbox.ATTEMPTS + 1):
            await now_due(database)
            (held,) = await claim(database)
            assert held.attempts == attempt
            dead = await database.unit(lambda c, h=held: outbox.settle_failed(c, h, "ValueError"))  # type: ignore[misc]
            kept = await row(database, effect)
            assert dead == (attempt == outbox.ATTEMPTS)
            assert (kept.state, kept.error, kept.lease_until) == ("dead" if dead else "new", "ValueError", None)
            waits.append(round(float(kept.wait)))
            assert dead or await claim(database) == [], "not before its time"
        assert waits[:-1] == [1, 4, 16, 64, 256, 1024, 3600]
        await now_due(database)
        assert await claim(database) == []
