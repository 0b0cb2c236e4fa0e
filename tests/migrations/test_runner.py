"""Up, down, up: the whole history and each step; one runner at a time; nothing dropped that was not made."""

import asyncio
import json

import asyncpg
import pytest

from kernel.database import Database
from migrations import history, runner
from migrations.check import check
from tests.conftest import execute

STEPS = [revision.id for revision in history.read()]


async def rows(url: str, query: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [str(row[0]) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def objects(url: str) -> str:
    """Every table, column, index, constraint, schema and extension of the database, as one text."""
    found = {
        "columns": "SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type"
        " || ' ' || coalesce(column_default, '') FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
        "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog' ORDER BY 1",
        "constraints": "SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE conrelid <> 0 ORDER BY 1",
        "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
        "extensions": "SELECT extname FROM pg_extension ORDER BY 1",
    }
    return json.dumps({name: await rows(url, query) for name, query in found.items()}, indent=1)


class TestHistory:
    def test_is_one_line_in_the_order_of_the_files(self) -> None:
        revisions = history.read()
        assert [revision.parents for revision in revisions] == [(), *((step,) for step in STEPS[:-1])]
        assert runner.head() == STEPS[-1]


class TestUpDownUp:
    async def test_whole_history(self, empty_database_url: str) -> None:
        before = await objects(empty_database_url)
        assert await runner.upgrade(empty_database_url) == runner.head()
        full = await objects(empty_database_url)
        assert await check(empty_database_url) == ()
        assert await runner.downgrade(empty_database_url, "base") is None
        await execute(empty_database_url, f"DROP TABLE {runner.VERSION_SCHEMA}.{runner.VERSION_TABLE}")
        assert await objects(empty_database_url) == before
        await runner.upgrade(empty_database_url)
        assert await objects(empty_database_url) == full

    async def test_each_step(self, empty_database_url: str) -> None:
        for step in STEPS:
            below = await objects(empty_database_url)
            assert await runner.upgrade(empty_database_url, step) == step
            above = await objects(empty_database_url)
            assert above != below
            await runner.downgrade(empty_database_url, "-1")
            if step != STEPS[0]:  # before the first there is Alembic's own table
                assert await objects(empty_database_url) == below
            await runner.upgrade(empty_database_url, step)
            assert await objects(empty_database_url) == above


class TestOnlyWhatItMade:
    async def test_schemas_and_extension_of_others_stay(self, empty_database_url: str) -> None:
        await execute(
            empty_database_url,
            "CREATE SCHEMA crm",
            "CREATE TABLE crm.theirs (id int)",
            "CREATE SCHEMA marketing",
            "CREATE EXTENSION vector",
        )
        before = await objects(empty_database_url)
        await runner.upgrade(empty_database_url)
        await runner.downgrade(empty_database_url, "base")
        await execute(empty_database_url, f"DROP TABLE {runner.VERSION_SCHEMA}.{runner.VERSION_TABLE}")
        assert await objects(empty_database_url) == before

    async def test_what_others_came_to_use_stays(self, empty_database_url: str) -> None:
        await runner.upgrade(empty_database_url)
        await execute(empty_database_url, "CREATE TABLE analytics.theirs (v public.vector(3))")
        await runner.downgrade(empty_database_url, "base")
        assert await rows(empty_database_url, "SELECT count(*) FROM analytics.theirs") == ["0"]
        assert await rows(empty_database_url, "SELECT nspname FROM pg_namespace WHERE nspname IN ('core', 'ai')") == []
        await runner.upgrade(empty_database_url)  # and the next start finds its way

    async def test_a_table_of_that_name_is_not_touched(self, empty_database_url: str) -> None:
        await execute(empty_database_url, "CREATE SCHEMA core", "CREATE TABLE core.staff (theirs int)")
        with pytest.raises(runner.MigrationFault, match="already exists"):
            await runner.upgrade(empty_database_url)
        assert await rows(empty_database_url, "SELECT count(*) FROM core.staff") == ["0"]
        assert await runner.current(empty_database_url) == "0001"


class TestSeveralProcesses:
    async def test_four_start_at_once(self, empty_database_url: str) -> None:
        code = "import asyncio, sys; from migrations import runner; print(asyncio.run(runner.upgrade(sys.argv[1])))"
        starts = [
            await asyncio.create_subprocess_exec(
                _python(),
                "-c",
                code,
                empty_database_url,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            for _ in range(4)
        ]
        outputs = [await start.communicate() for start in starts]
        assert [(out.decode().strip().splitlines()[-1:], err.decode()) for out, err in outputs] == [([runner.head()], "")] * 4
        assert await check(empty_database_url) == ()

    async def test_nothing_to_do_imports_no_alembic(self, database_url: str) -> None:
        code = (
            "import asyncio, sys; from migrations import runner; asyncio.run(runner.upgrade(sys.argv[1]));"
            "sys.exit('alembic' in sys.modules or 'sqlalchemy' in sys.modules)"
        )
        start = await asyncio.create_subprocess_exec(_python(), "-c", code, database_url)
        assert await start.wait() == 0

    async def test_a_lock_in_the_way_is_waited_for(self, empty_database_url: str) -> None:
        await runner.upgrade(empty_database_url)
        blocker = await asyncpg.connect(empty_database_url)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK ops.outbox IN ACCESS SHARE MODE")
        down = asyncio.create_task(runner.downgrade(empty_database_url, "0003"))
        await asyncio.sleep(6)  # longer than one attempt waits
        assert not down.done()
        await transaction.rollback()
        await blocker.close()
        assert await down == "0003"


def _python() -> str:
    import sys

    return sys.executable


class TestAddress:
    async def test_of_a_hosted_database_with_sslmode(self, empty_database_url: str) -> None:
        url = f"{empty_database_url}&sslmode=prefer"
        assert await runner.upgrade(url) == runner.head()
        assert await check(url) == ()
        database = Database(url, application="test")
        async with database.transaction() as connection:
            assert (await connection.exec_driver_sql("SELECT count(*) FROM core.staff")).scalar_one() == 0
        await database.close()
