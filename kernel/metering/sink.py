"""Usage rows into PostgreSQL, in the background; what a call was reserved for is settled in the transaction of its row."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, tzinfo
from typing import Any

import structlog
from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import Database, sqlstate
from kernel.errors import Unavailable
from kernel.metering.rows import UsageRow
from kernel.metering.spending import SpendKey, book, budgets_of, freed_by
from kernel.tables.ai import Usage

log = structlog.get_logger(__name__)

_LET_GO = text("DELETE FROM ai.budget_hold WHERE id = ANY(:calls) RETURNING microdollars, spends").bindparams(
    bindparam("calls", type_=ARRAY(Uuid()))
)


class DatabaseUsageSink:
    """Writes rows to `ai.usage` in batches, in the background; keeps them while PostgreSQL is away.

    `record` waits only when `CAPACITY` rows are waiting already. A row that PostgreSQL refuses for what it is (never for its
    own state) is dropped and logged, so that one bad row cannot hold up the rest.
    """

    CAPACITY = 10_000
    BATCH = 200
    # So long a row waits for others, unless somebody waits for it: a transaction for each would cost as much as what it counts.
    LINGER = 0.25

    def __init__(self, database: Database, zone: Callable[[], tzinfo] = lambda: UTC) -> None:
        """`zone`: where a day begins, as budgets count it."""
        self._database = database
        self._zone = zone
        self._waiting: asyncio.Queue[UsageRow] = asyncio.Queue(self.CAPACITY)
        self._writer: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._flushing = 0

    async def record(self, row: UsageRow) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="usage-writer")
            self._writer.add_done_callback(_say_if_died)
        await self._waiting.put(row)

    async def flush(self) -> None:
        """Waits until everything recorded so far is stored."""
        self._flushing += 1
        self._wanted.set()
        try:
            await self._waiting.join()
        finally:
            self._flushing -= 1
            if not self._flushing:
                self._wanted.clear()

    async def close(self, within: float = 5.0) -> None:
        """Stores what is waiting, then stops. What PostgreSQL would not take in that time is lost, and said to be."""
        try:
            async with asyncio.timeout(within):
                await self.flush()
        except TimeoutError:
            log.error("usage.lost", rows=self._waiting.qsize())
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            rows = [await self._waiting.get()]
            if self._waiting.qsize() < self.BATCH:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.LINGER):
                        await self._wanted.wait()
            while len(rows) < self.BATCH and not self._waiting.empty():
                rows.append(self._waiting.get_nowait())
            try:
                await self._store(rows)
            finally:
                for _ in rows:
                    self._waiting.task_done()

    async def _settle(self, connection: AsyncConnection, rows: Sequence[UsageRow]) -> None:
        """Add what these calls really cost to the budgets, and let go what was held for them."""
        holds = await connection.execute(_LET_GO, {"calls": [row.id for row in rows]})
        freed = freed_by((row.microdollars, row.spends) for row in holds)
        spent: Counter[SpendKey] = Counter()
        for row in rows:
            for key in _paid_by(row, self._zone()) if row.cost_microdollars else ():
                spent[key] += row.cost_microdollars or 0
        await book(connection, spent, freed)

    async def _store(self, rows: list[UsageRow]) -> None:
        """Until stored. The id makes a second try harmless where the first one's commit was in doubt."""
        wait = 0.1
        while True:
            try:
                async with self._database.transaction() as connection:
                    stored = insert(Usage).on_conflict_do_nothing(index_elements=["id"]).returning(Usage.id)
                    new = {*(await connection.execute(stored, [*map(_values, rows)])).scalars()}
                    await self._settle(connection, [row for row in rows if row.id in new])
                return
            except Unavailable:
                log.warning("usage.waiting", rows=len(rows) + self._waiting.qsize())
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)
            except DBAPIError as error:
                if len(rows) == 1:
                    log.error("usage.refused", model=rows[0].model, sqlstate=sqlstate(error))
                    return
                for row in rows:
                    await self._store([row])
                return


def _say_if_died(writer: asyncio.Task[None]) -> None:
    """A fault of ours: what it held is lost, the next row has another writer."""
    if not writer.cancelled() and (error := writer.exception()) is not None:
        log.critical("usage.writer_died", exc_info=error)


def _values(row: UsageRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {**values, **{f"{name}_id": values.pop(name) for name in ("conversation", "turn", "customer", "site")}}


def _paid_by(row: UsageRow, zone: tzinfo) -> tuple[SpendKey, ...]:
    """The budgets that this call costs, on the day on which it began."""
    day = row.started_at.astimezone(zone).date()
    return budgets_of(row.role, customer=row.customer, conversation=row.conversation, site=row.site, model=row.model, day=day)
