"""Virtual time: this process's clock and PostgreSQL's are one, stand still, and move only forwards, when they are told to.

PostgreSQL finds `clock_timestamp()`, `now()` and their kin in a schema that stands before its own on the search path; it stands there when
the migrations run, so that defaults of columns call it too. Each call is a microsecond later than the one before: what is written one
after the other keeps its order, and no test waits.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import time_machine

from migrations import runner
from tests.rig.postgres import PostgresServer

# A row that is updated is one version in one page: reading it costs what reading a setting would.
CLOCK = """
CREATE SCHEMA virtual;
CREATE TABLE virtual.clock (at timestamptz NOT NULL) WITH (fillfactor = 50);
CREATE SEQUENCE virtual.tick CACHE 1;
CREATE FUNCTION virtual.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL UNSAFE
    AS $$ SELECT at + nextval('virtual.tick') * interval '1 microsecond' FROM virtual.clock $$;
CREATE FUNCTION virtual.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL UNSAFE AS $$ SELECT at FROM virtual.clock $$;
CREATE FUNCTION virtual.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL UNSAFE AS $$ SELECT at FROM virtual.clock $$;
CREATE FUNCTION virtual.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL UNSAFE
    AS $$ SELECT at FROM virtual.clock $$;
"""
FIRST = "virtual, pg_catalog, public"


class VirtualTime:
    """The one clock, at `at`. Made by `virtual_time`; the product is given no other one."""

    def __init__(self, url: str, traveller: time_machine.Traveller, connection: "asyncpg.Connection[asyncpg.Record]", at: datetime) -> None:
        self.url = url
        self.at = at
        self._traveller = traveller
        self._connection = connection

    def now(self) -> datetime:
        """What every clock shows."""
        return self.at

    async def to(self, moment: datetime) -> None:
        """Go on to a moment. AssertionError where it lies before now: nothing in the product bears a clock that runs back."""
        assert moment >= self.at, f"the clock would run back from {self.at} to {moment}"
        moment = moment.astimezone(UTC)
        # A row of the last moment may be some calls later than that moment; none of this one is earlier than it.
        await self._connection.execute("UPDATE virtual.clock SET at = $1", moment)
        if moment - self.at > timedelta(seconds=1):
            await self._connection.execute("SELECT setval('virtual.tick', 1)")
        self._traveller.move_to(moment, tick=False)
        self.at = moment

    async def fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        """Ask PostgreSQL, beside the product's own connections."""
        return list(await self._connection.fetch(query, *values))

    async def forward(self, **span: float) -> datetime:
        """Go on by so much (`minutes=90`); the moment that it is then."""
        await self.to(self.at + timedelta(**span))
        return self.at


def virtual_template(postgres: PostgresServer, name: str) -> Iterator[str]:
    """A database at the head of the migrations whose every clock is the virtual one, to clone; for a fixture to yield from."""

    async def make() -> None:
        await _on(postgres.url(), f"CREATE DATABASE {name}")
        await _on(postgres.url(name), CLOCK, "INSERT INTO virtual.clock VALUES (pg_catalog.now())")
        await _on(postgres.url(), f"ALTER DATABASE {name} SET search_path = {FIRST}")
        await runner.upgrade(postgres.url(name))

    asyncio.run(make())
    yield name


@asynccontextmanager
async def virtual_time(postgres: PostgresServer, template: str, at: datetime) -> AsyncIterator[VirtualTime]:
    """A database of its own, and both clocks at `at`; afterwards both are the world's again and the database is gone."""
    name = f"v_{uuid4().hex[:12]}"
    await _on(postgres.url(), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    # A clone brings its tables and functions, and not what was set for its database.
    await _on(postgres.url(), f"ALTER DATABASE {name} SET search_path = {FIRST}")
    connection = await asyncpg.connect(postgres.url(name))
    try:
        await connection.execute("UPDATE virtual.clock SET at = $1", at)
        with time_machine.travel(at, tick=False) as traveller:
            yield VirtualTime(postgres.url(name), traveller, connection, at.astimezone(UTC))
    finally:
        await connection.close()
        await _on(postgres.url(), f"DROP DATABASE {name} WITH (FORCE)")


async def _on(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
