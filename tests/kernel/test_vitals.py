"""How models fare by their rows: nothing without calls, money by the business's day, kinds of errors, hours, hedges."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kernel.database import Database
from kernel.ids import new_id
from kernel.metering.vitals import Begins, Vitals, vitals
from kernel.tables.ai import Usage

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOW - timedelta(hours=4)


def row(ago_s: float = 60, **given: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": new_id(),
        "model": "a",
        "provider": "openai",
        "role": "answer",
        "tokens_in": 100,
        "tokens_out": 40,
        "cost_microdollars": 500,
        "first_token_ms": 200,
        "duration_ms": 1200,
        "outcome": "complete",
        "error": None,
        "race": None,
        "started_at": NOW - timedelta(seconds=ago_s),
    }
    return values | given


async def of(database: Database, *rows: dict[str, Any], day_began: datetime = TODAY) -> dict[str, Vitals]:
    async with database.transaction() as connection:
        if rows:
            await connection.execute(sa.insert(Usage), list(rows))
        return await vitals(connection, NOW, day_began)


class TestNothing:
    async def test_without_calls(self, database: Database) -> None:
        assert await of(database, row(86_400 + 5)) == {}

    async def test_is_said_of_a_first_token_that_never_came(self, database: Database) -> None:
        one = (await of(database, row(outcome="failed", error="timeout", first_token_ms=None, tokens_out=0)))["a"]
        assert one.last_day == one.last_hour == Begins() and one.tokens_per_second is None
        assert (one.calls, one.failed, one.errors) == (1, 1, {"timeout": 1})

    async def test_of_the_speed_of_an_answer_that_came_at_once(self, database: Database) -> None:
        assert (await of(database, row(first_token_ms=1200)))["a"].tokens_per_second is None


class TestFigures:
    async def test_the_hour_and_the_day_apart(self, database: Database) -> None:
        fast = [row(60 + n, first_token_ms=100 + n) for n in range(21)]
        slow = [row(7201 + n, first_token_ms=900) for n in range(100)]
        one = (await of(database, *fast, *slow))["a"]
        assert one.last_hour == Begins(110, 119) and one.last_day == Begins(900, 900)
        assert [(hour.at, hour.calls, hour.begins.p50) for hour in one.hours] == [
            (NOW - timedelta(hours=3), 100, 900),
            (NOW - timedelta(hours=1), 21, 110),
        ]
        assert one.tokens_per_second == pytest.approx(121 * 40 / (21 * 1.09 + 100 * 0.3), abs=0.1)

    async def test_kinds_of_errors_beside_calls_that_we_closed(self, database: Database) -> None:
        kinds = ["timeout", "timeout", "cut", "over_budget"]
        one = (await of(database, row(), row(outcome="cancelled"), *(row(outcome="failed", error=kind) for kind in kinds)))["a"]
        assert (one.calls, one.failed, one.errors) == (6, 3, {"timeout": 2, "cut": 1, "over_budget": 1})

    async def test_money_since_midnight_at_the_business(self, database: Database) -> None:
        rows = [row(60, cost_microdollars=7), row(4 * 3600 + 1, cost_microdollars=1000), row(cost_microdollars=None)]
        assert (await of(database, *rows))["a"].spent_microdollars == 7

    async def test_a_day_of_25_hours_is_counted_whole(self, database: Database) -> None:
        began = NOW - timedelta(hours=24, minutes=50)
        assert (await of(database, row(24 * 3600 + 2400), day_began=began))["a"].spent_microdollars == 500

    async def test_hedges_by_place_and_by_model(self, database: Database) -> None:
        races = ["first_won", "first_lost", "first_lost"]
        seconds = ["second_lost", "second_won", "second_won"]
        found = await of(database, *(row(race=one) for one in races), *(row(race=one, model="b") for one in seconds))
        assert (found["a"].first, found["a"].second) == ((3, 1), (0, 0))
        assert (found["b"].first, found["b"].second) == ((0, 0), (3, 2))
