"""How soon models began, as a process that starts reads it: the newest calls of a day, of this role, oldest first."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from kernel.database import Database
from kernel.ids import new_id
from kernel.metering.paces import first_signs
from kernel.tables.ai import Usage

NOW = datetime.now(UTC)


def call(model: str, first_token_ms: int | None, ago: timedelta, role: str = "answer") -> dict[str, object]:
    bill = {"tokens_in": 1, "tokens_out": 1, "duration_ms": 9_000, "outcome": "complete", "provider": "openai"}
    return {"id": new_id(), "model": model, "role": role, "first_token_ms": first_token_ms, "started_at": NOW - ago, **bill}


class TestFirstSigns:
    async def test_the_newest_of_each_model_oldest_first(self, database: Database) -> None:
        minute = timedelta(minutes=1)
        rows = [call("teacher", 100 * number, number * minute) for number in range(1, 6)]
        rows += [call("student", 50, minute), call("teacher", None, minute), call("teacher", 7, minute, "shadow")]
        rows += [call("teacher", 9_000, timedelta(hours=25)), call("other", 10, minute)]
        async with database.transaction() as connection:
            await connection.execute(insert(Usage), rows)
            found = await first_signs(connection, ("teacher", "student", "unused"), "answer", 3)
        assert found == {"teacher": [0.3, 0.2, 0.1], "student": [0.05]}
