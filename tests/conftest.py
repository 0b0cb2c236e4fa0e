"""Fixtures of every test: real PostgreSQL and Redis per pytest worker, a database per test, cloned."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from kernel.database import Database
from migrations import runner
from tests.rig.postgres import PostgresServer, quick_folder
from tests.rig.redis import RedisServer
from tests.rig.reused import Reused

TEMPLATE = "migrated"
pytest_plugins = ["tests.rig.fixtures", "tests.rig.scheduling"]


async def execute(url: str, *statements: str) -> None:
    """Run statements, each on its own, outside a transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The worker's server, bare."""
    server = PostgresServer(quick_folder())
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    """The server's maintenance database."""
    return postgres.url()


@pytest.fixture(scope="session")
def template(postgres: PostgresServer) -> str:
    """The name of a database at the head of the migrations, for cloning."""

    async def make() -> None:
        await execute(postgres.url(), f"CREATE DATABASE {TEMPLATE}")
        await runner.upgrade(postgres.url(TEMPLATE))

    # A thread's own loop: the fixture is synchronous so that it serves both kinds of test.
    asyncio.run(make())
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres: PostgresServer) -> Iterator[str]:
    """A database of this test's own without any table."""
    yield from made_database(postgres, "template1")


@pytest.fixture
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """A database of this test's own at the head of the migrations, without rows."""
    yield from made_database(postgres, template)


@pytest.fixture(scope="session")
def reused(postgres_url: str) -> Reused:
    """The engines of every test's database."""
    return Reused(postgres_url)


@pytest.fixture
async def database(reused: Reused, database_url: str) -> AsyncIterator[Database]:
    """The engines on this test's database."""
    async with reused.at(database_url) as database:
        yield database


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """The worker's Redis. A test that kills it takes `redis_server` instead."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """The worker's Redis, shared by its tests; keys carry ids, so tests do not meet."""
    return shared_redis.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this test's own, to kill, pause and restart."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


def made_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    """A clone of a template, for a fixture to yield from."""
    name = postgres.clones.make(template)
    yield postgres.url(name)
    postgres.clones.drop(name)
