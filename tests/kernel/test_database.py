"""What PostgreSQL cannot do just now is said in one way, so that whoever works by the clock goes on."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import Database
from kernel.errors import Unavailable


class TestUnit:
    async def test_a_statement_whose_time_is_over_is_an_outage_and_not_repeated_at_once(self, database: Database) -> None:
        """As where a process was stopped in the middle of one, and goes on."""
        tries = 0

        async def work(connection: AsyncConnection) -> None:
            nonlocal tries
            tries += 1
            await connection.execute(sa.text("SET LOCAL statement_timeout = 20"))
            await connection.execute(sa.text("SELECT pg_sleep(5)"))

        with pytest.raises(Unavailable):
            await database.unit(work)
        assert tries == 1
