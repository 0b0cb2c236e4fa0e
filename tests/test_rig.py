"""The rig itself: databases are real, migrated and a test's own; Redis comes back where it was."""

import redis.asyncio
import sqlalchemy as sa

from kernel.database import Database
from migrations import runner
from tests.rig.redis import RedisServer

INSERT = "INSERT INTO ops.notification (id, key, kind) VALUES (gen_random_uuid(), 'x', 'handoff')"


class TestDatabasePerTest:
    async def test_is_at_the_head(self, database_url: str) -> None:
        assert await runner.current(database_url) == runner.head()

    async def test_rows_of_one_test(self, database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(sa.text(INSERT))
            assert await connection.scalar(sa.text("SELECT count(*) FROM ops.notification")) == 1

    async def test_are_not_seen_by_another(self, database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(sa.text(INSERT))
            assert await connection.scalar(sa.text("SELECT count(*) FROM ops.notification")) == 1


class TestRedisServer:
    async def test_comes_back_empty_at_the_same_address(self, redis_server: RedisServer) -> None:
        async with redis.asyncio.Redis.from_url(redis_server.url) as client:
            await client.set("key", "value")
            redis_server.restart()
        async with redis.asyncio.Redis.from_url(redis_server.url) as client:
            assert await client.get("key") is None
