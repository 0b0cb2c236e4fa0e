"""PostgreSQL: the engines of a process and the one way to run a short transaction.

`transaction()` is one try. `attempt(work)` is one of single statements, each of which commits by itself. `unit(work)` repeats `work`
where PostgreSQL says that nothing was stored (deadlock, serialization, lost connection), at most three times; a commit whose reply was
lost is unknown, so `work` must be idempotent by a key of its own. Whatever stays wrong becomes `Unavailable`: nothing was stored, try
again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from kernel.errors import Unavailable
from kernel.jobs import Due

T = TypeVar("T")
log = structlog.get_logger(__name__)

ATTEMPTS = 3
PING_AFTER = 1.0  # seconds a connection rested
# deadlock, serialization, shutting down (three kinds), connection trouble, lock not had in time, too many connections
RETRIABLE = {"40P01", "40001", "57P01", "57P02", "57P03", "08000", "08003", "08006", "08001", "08004", "55P03", "53300"}
# Its time was over: it is slow, or this process stood still in the middle of it. Later, and not at once.
CANCELLED = "57014"
UNIQUE_VIOLATION = "23505"
NOT_NULL_VIOLATION = "23502"
WRITTEN = "hibachi.written"  # in a connection's `info`: what its transaction put into the outbox


def sqlstate(error: BaseException | None) -> str | None:
    """The five-character SQLSTATE behind a SQLAlchemy error, if PostgreSQL gave one."""
    original = getattr(error, "orig", None)
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    return state if isinstance(state, str) else None


def is_outage(error: BaseException) -> bool:
    """True where the trouble is PostgreSQL's state or the way to it, not the statement."""
    if isinstance(error, OSError | asyncio.TimeoutError | PoolTimeout | InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        return (
            state in RETRIABLE
            or state == CANCELLED
            or error.connection_invalidated
            or (state is None and isinstance(error, OperationalError))
        )
    return False


def async_url(url: str) -> URL:
    """`postgresql://...` as SQLAlchemy wants it for asyncpg; hosted databases say `sslmode`, the driver `ssl`."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    mode = parsed.query.get("sslmode")
    return parsed if mode is None else parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _ping_where_rested(engine: AsyncEngine) -> None:
    """Ask a pooled connection whether it still lives where it was not used a moment ago; a busy one shall not pay a round trip more
    for every transaction."""
    pool = engine.sync_engine.pool

    def rests(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    def wake(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("rests_since", 0.0) < PING_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The pool takes another one, and thinks the worse of those that are as old.
            raise InvalidatePoolError from error

    event.listen(pool, "connect", lambda _connection, record: rests(None, record))
    event.listen(pool, "checkin", rests)
    event.listen(pool, "checkout", wake)


class Database:
    """The engines of one process. `reading` may lag; nothing that decides anything is read from it."""

    def __init__(
        self,
        url: str,
        *,
        application: str,
        pool_size: int = 10,
        reading: str | None = None,
        marketing: str | None = None,
        analytics: str | None = None,
    ) -> None:
        self.on_written: Callable[[Sequence[Due]], None] | None = None  # hears of new effects after their commit; never raises
        self.primary = self._engine(url, application, pool_size)
        self._single = self.primary.execution_options(isolation_level="AUTOCOMMIT")
        self.reading = self._engine(reading, application, pool_size) if reading else self.primary
        self.marketing = self._engine(marketing, application, 4) if marketing else self.primary
        self.analytics = self._engine(analytics, application, 4) if analytics else self.primary

    @staticmethod
    def _engine(url: str, application: str, pool_size: int) -> AsyncEngine:
        engine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=2.5,
            # The one used last: its prepared statements are warm, and those that are not needed rest.
            pool_use_lifo=True,
            pool_recycle=1800,
            hide_parameters=True,  # an error says which statement it was, not of whom
            connect_args={
                "timeout": 2.5,
                "command_timeout": 6,
                "server_settings": {
                    "application_name": application,
                    "statement_timeout": "5000",
                    "lock_timeout": "2000",
                    "idle_in_transaction_session_timeout": "10000",
                    "jit": "off",
                },
            },
        )
        _ping_where_rested(engine)
        return engine

    @asynccontextmanager
    async def _outages(self) -> AsyncIterator[None]:
        try:
            yield
        except Exception as error:
            if not is_outage(error):
                raise
            raise Unavailable("We could not store that just now. Please try again.", retry_after_ms=1000) from error

    @asynccontextmanager
    async def transaction(self, engine: AsyncEngine | None = None) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back by an exception. Outages become `Unavailable`."""
        written: list[Due] = []
        async with self._outages(), (engine or self.primary).begin() as connection:
            connection.info[WRITTEN] = written
            yield connection
        if written and self.on_written is not None:
            self.on_written(written)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """For single statements, each as of its own moment and committed by itself: no round trip to begin, none to end."""
        async with self._outages(), self._single.connect() as connection:
            yield connection

    async def attempt(self, work: Callable[[AsyncConnection], Awaitable[T | None]]) -> T | None:
        """Run `work`, of single statements, once. None where nothing came of it: `unit` is to do it then, another way. Raises
        Unavailable where no connection is to be had at all."""
        try:
            async with self.statement() as connection:
                return await work(connection)
        except Unavailable as error:
            if isinstance(error.__cause__, PoolTimeout):
                raise
            log.info("database.attempt_failed", cause=type(error.__cause__).__name__)
        except DBAPIError as error:
            log.info("database.attempt_failed", cause=sqlstate(error))
        return None

    async def unit(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one short transaction, again where nothing was stored. `work` must bear being repeated."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except Unavailable as error:
                if attempt == ATTEMPTS or isinstance(error.__cause__, PoolTimeout) or sqlstate(error.__cause__) == CANCELLED:
                    raise
                log.warning("database.retry", attempt=attempt, cause=type(error.__cause__).__name__)
                await asyncio.sleep(0.05 * 4 ** (attempt - 1))
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close every engine once."""
        for engine in {id(e): e for e in (self.primary, self.reading, self.marketing, self.analytics)}.values():
            await engine.dispose()
