"""Usage rows in a real PostgreSQL: none lost while it is away, none doubled, and the health of models read from them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from sqlalchemy import func, select, text

from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.metering import DatabaseUsageSink, ModelHealth, Outcome, UsageRow, model_health
from kernel.tables.ai import Usage

NOW = datetime.now(UTC)


def row(model: str = "teacher", outcome: Outcome = "complete", error: str | None = None, ago_s: float = 0) -> UsageRow:
    return UsageRow(
        conversation=ConversationId(new_id()),
        turn=TurnId(new_id()),
        model=model,
        provider="openai",
        role="answer",
        tokens_in=7,
        tokens_out=11,
        cost_microdollars=127,
        first_token_ms=120,
        duration_ms=900,
        outcome=outcome,
        error=error,
        started_at=NOW - timedelta(seconds=ago_s),
        customer=CustomerId(new_id()),
        site=SiteId(new_id()),
        agent="pricing",
        race="first_won",
    )


@pytest.fixture
async def sink(database: Database) -> AsyncIterator[DatabaseUsageSink]:
    sink = DatabaseUsageSink(database)
    yield sink
    await sink.close(within=1.0)


async def stored(database: Database) -> int:
    async with database.transaction() as connection:
        return (await connection.execute(select(func.count()).select_from(Usage))).scalar_one()


class TestTheSink:
    async def test_a_fault_of_ours_costs_its_row_and_not_the_next(self, database: Database) -> None:
        faults = [ValueError("no such zone")]

        def zone() -> tzinfo:
            if faults:
                raise faults.pop()
            return UTC

        sink = DatabaseUsageSink(database, zone)
        for _ in range(2):
            await sink.record(row())
            await sink.flush()
        assert await stored(database) == 1
        await sink.close(within=1.0)

    async def test_stores_every_field(self, database: Database, sink: DatabaseUsageSink) -> None:
        given = row(outcome="cut", error="timeout")
        await sink.record(given)
        await sink.flush()
        async with database.transaction() as connection:
            (kept,) = (await connection.execute(select(Usage.__table__))).mappings().all()
        assert dict(kept) == {
            "id": given.id,
            "conversation_id": given.conversation,
            "turn_id": given.turn,
            "customer_id": given.customer,
            "site_id": given.site,
            "agent": "pricing",
            "race": "first_won",
            "model": "teacher",
            "provider": "openai",
            "role": "answer",
            "tokens_in": 7,
            "tokens_out": 11,
            "cost_microdollars": 127,
            "first_token_ms": 120,
            "duration_ms": 900,
            "outcome": "cut",
            "error": "timeout",
            "started_at": given.started_at,
        }

    async def test_a_row_given_twice_is_one_row(self, database: Database, sink: DatabaseUsageSink) -> None:
        given = row()
        await sink.record(given)
        await sink.flush()
        await sink.record(given)
        await sink.flush()
        assert await stored(database) == 1

    async def test_one_bad_row_does_not_hold_up_the_rest(self, database: Database, sink: DatabaseUsageSink) -> None:
        bad = replace(row(), outcome="nonsense")  # type: ignore[arg-type]
        for given in (row(), bad, row()):
            await sink.record(given)
        await sink.flush()
        assert await stored(database) == 2

    async def test_nothing_is_lost_while_postgres_refuses(self, database: Database, sink: DatabaseUsageSink) -> None:
        async with database.primary.connect() as locker:
            await locker.execute(text("LOCK TABLE ai.usage IN ACCESS EXCLUSIVE MODE"))
            for _ in range(500):
                await sink.record(row())
            await asyncio.sleep(2.5)  # longer than lock_timeout: the first try has failed by now
            await locker.rollback()
        async with asyncio.timeout(10):
            await sink.flush()
        assert await stored(database) == 500

    async def test_closing_stores_what_waits(self, database: Database) -> None:
        sink = DatabaseUsageSink(database)
        for _ in range(30):
            await sink.record(row())
        await sink.close()
        assert await stored(database) == 30


class TestModelHealth:
    async def test_says_which_why_and_since_when(self, database: Database, sink: DatabaseUsageSink) -> None:
        for given in (
            row("well", "failed", "timeout", ago_s=50),
            row("well", ago_s=40),
            row("ill", ago_s=100),
            row("ill", "failed", "timeout", ago_s=90),
            row("ill", "cancelled", None, ago_s=80),
            row("ill", "failed", "unauthorized", ago_s=70),
            row("new", "cut", "cut", ago_s=60),
            row("cancelled_only", "cancelled", None, ago_s=5),
            row("forgotten", "failed", "no_route", ago_s=3 * 86400),
        ):
            await sink.record(given)
        await sink.flush()
        async with database.transaction() as connection:
            health = await model_health(connection)
        assert health == [
            ModelHealth("ill", False, "unauthorized", NOW - timedelta(seconds=90)),
            ModelHealth("new", False, "cut", NOW - timedelta(seconds=60)),
            ModelHealth("well", True, None, None),
        ]

    async def test_of_nothing_is_nothing(self, database: Database) -> None:
        async with database.transaction() as connection:
            assert await model_health(connection) == []
