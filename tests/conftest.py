"""Fixtures of every test: real PostgreSQL and Redis per pytest worker, a database per test, cloned."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from kernel.database import Database
from migrations import runner
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer

TEMPLATE = "migrated"
pytest_plugins = ["tests.rig.fixtures"]


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
    server = PostgresServer()
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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The engines on this test's database."""
    database = Database(database_url, application="test")
    try:
        yield database
    finally:
        await database.close()


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
    name = f"t_{uuid4().hex[:12]}"
    _in_own_thread(postgres.url(), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield postgres.url(name)
    _in_own_thread(postgres.url(), f"DROP DATABASE {name} WITH (FORCE)")


def _in_own_thread(url: str, statement: str) -> None:
    """A synchronous fixture may run while the test's loop stands; a loop of our own in a thread does not mind."""
    import threading

    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(execute(url, statement))
        except BaseException as error:  # handed over to the fixture below
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
