"""Virtual time itself: no clock of the product runs beside it, in the process or in PostgreSQL."""

import asyncio
import re
import time as real
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel import outbox
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import WebhookOff
from kernel.tables import metadata
from kernel.tables.ops import Chef, Outbox
from tests.simulation.conftest import MONDAY_NOON
from tests.simulation.time import VirtualTime

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)
# What reads PostgreSQL's clock and cannot be put in its place: it is no function that a search path finds.
KEYWORDS = re.compile(
    r"\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b|'now'|pg_catalog\.(now|clock_timestamp)", re.I
)


@pytest.fixture
async def database(time: VirtualTime) -> AsyncIterator[Database]:
    database = Database(time.url, application="simulation")
    yield database
    await database.close()


class TestOneClock:
    async def test_the_process_and_postgresql_show_the_same_moment(self, time: VirtualTime, database: Database) -> None:
        for _ in range(3):
            async with database.transaction() as connection:
                shown = (await connection.execute(sa.select(sa.func.clock_timestamp(), sa.func.now()))).one()
            assert utc_now() == datetime.now(UTC) == time.now() == shown[1]
            assert timedelta(0) < shown[0] - time.now() < timedelta(milliseconds=1)
            assert real.time() == time.now().timestamp()
            await time.forward(hours=9)

    async def test_stands_still_while_the_machine_works(self, time: VirtualTime) -> None:
        began = real.perf_counter()
        await asyncio.sleep(0.05)  # the loop's own clock runs on
        assert real.perf_counter() - began >= 0.05 and utc_now() == MONDAY_NOON

    async def test_what_is_written_one_after_the_other_keeps_its_order(self, time: VirtualTime, database: Database) -> None:
        async with database.transaction() as connection:
            moments = [await connection.scalar(sa.select(sa.func.clock_timestamp())) for _ in range(20)]
        assert moments == sorted(set(moments)) and moments[-1] - moments[0] < timedelta(milliseconds=1)

    async def test_runs_never_back(self, time: VirtualTime) -> None:
        await time.forward(days=1)
        with pytest.raises(AssertionError, match="run back"):
            await time.to(MONDAY_NOON)

    async def test_is_seen_by_a_transaction_that_stands_open(self, time: VirtualTime, database: Database) -> None:
        async with database.transaction() as connection:
            before = await connection.scalar(sa.select(sa.func.clock_timestamp()))
            await time.forward(minutes=5)
            after = await connection.scalar(sa.select(sa.func.clock_timestamp()))
        assert MINUTE * 5 <= after - before < MINUTE * 6


class TestWhatTheProductAsks:
    async def test_no_default_of_any_column_asks_another_clock(self, time: VirtualTime, database: Database) -> None:
        query = """
            SELECT d.adrelid::regclass::text || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid) AS expression
            FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE a.atttypid = 'timestamptz'::regtype
        """
        async with database.transaction() as connection:
            await connection.execute(sa.text("SET LOCAL search_path = pg_catalog"))  # so that every other name comes qualified
            found = dict(list(map(tuple, await connection.execute(sa.text(query)))))
        assert len(found) > 60
        assert {name: default for name, default in found.items() if default != "virtual.clock_timestamp()"} == {}
        assert sum(
            column.server_default is not None for table in metadata.sorted_tables for column in table.c if _is_moment(column)
        ) == len(found)

    def test_no_statement_asks_by_a_word_that_is_no_function(self) -> None:
        packages = ("agents", "business", "gateway", "kernel", "knowledge", "workers", "migrations/versions")
        sources = [path for package in packages for path in (ROOT / package).rglob("*.py")]
        asked = [str(path.relative_to(ROOT)) for path in sources if KEYWORDS.search(path.read_text())]
        assert len(sources) > 300 and asked == []

    async def test_an_effect_is_due_at_its_moment_and_not_before(self, time: VirtualTime, database: Database) -> None:
        moment = MONDAY_NOON + timedelta(days=30)

        async def held() -> int:
            async with database.transaction() as connection:
                return len(await outbox.claim_due(connection, [WebhookOff.kind]))

        async with database.transaction() as connection:
            await outbox.enqueue(connection, WebhookOff(endpoint=new_id()), key="one", at=moment)
        assert await held() == 0
        await time.to(moment - timedelta(seconds=1))
        assert await held() == 0
        await time.to(moment)
        assert await held() == 1
        await time.forward(seconds=outbox.LEASE_SECONDS - 1)
        assert await held() == 0
        await time.forward(seconds=1.5)
        assert await held() == 1  # its worker's lease is over

    async def test_a_row_is_of_the_moment_at_which_it_was_written(self, time: VirtualTime, database: Database) -> None:
        await time.forward(days=3)
        async with database.transaction() as connection:
            await connection.execute(sa.insert(Chef).values(id=new_id(), name="Kenji", station="x"))
            await outbox.enqueue(connection, WebhookOff(endpoint=new_id()), key="two")
            written = [*await connection.scalars(sa.select(Chef.created_at)), *await connection.scalars(sa.select(Outbox.next_at))]
        assert all(timedelta(0) < moment - time.now() < timedelta(milliseconds=1) for moment in written)


def _is_moment(column: sa.Column[object]) -> bool:
    return isinstance(column.type, sa.DateTime)
