"""The rig itself: databases are real, migrated and a test's own; Redis comes back where it was."""

import pytest
import redis.asyncio
import sqlalchemy as sa

from kernel.database import Database
from migrations import runner
from tests.rig.redis import RedisServer
from tests.rig.scheduling import chosen

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


class TestWhichFileIsNext:
    SMALL, LONG = "tests/staff/test_roles.py", "tests/platform/test_up.py"
    PAGES, FLOW = "tests/browser/test_wall.py", "tests/flow/test_talk.py"

    @pytest.mark.parametrize(
        ("mine", "others", "file"),
        [
            (set(), set(), PAGES),  # the first one that anybody must make something for
            (set(), {"browser"}, FLOW),
            (set(), {"browser", "flow"}, LONG),  # nothing is made twice while there is other work
            ({"browser"}, {"flow"}, PAGES),
            ({"flow"}, set(), FLOW),
        ],
    )
    def test_of_what_is_made_already(self, mine: set[str], others: set[str], file: str) -> None:
        assert chosen([self.SMALL, self.PAGES, self.FLOW, self.LONG], mine, others) == file

    def test_others_are_helped_when_nothing_else_is_left(self) -> None:
        assert chosen([self.PAGES], {"flow"}, {"browser"}) == self.PAGES

    def test_what_stands_first_of_what_is_as_good(self) -> None:
        assert chosen([self.SMALL, "tests/staff/test_away.py"], set(), set()) == self.SMALL
