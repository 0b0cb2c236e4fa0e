"""Fixtures of chaos tests: databases and servers of their own per module, since these tests break them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from business.sites.service import ensure_demo, ensure_install
from business.staff import owner
from business.staff.passwords import Passwords
from kernel.database import Database
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer


@pytest.fixture(scope="module")
def module_database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
def module_redis() -> Iterator[RedisServer]:
    """A Redis that the module's tests kill and flush."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="module")
async def module_database(module_database_url: str) -> AsyncIterator[Database]:
    """Engines on the module's database, which has a demo site and an owner."""
    database = Database(module_database_url, application="test", pool_size=20)
    await database.unit(ensure_install)
    await database.unit(ensure_demo)
    await owner.ensure(database, Passwords(), "dana@example.com", "a long enough password")
    try:
        yield database
    finally:
        await database.close()
