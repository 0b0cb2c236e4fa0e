"""What a model call cost: the usage row that every call leaves, the port it is written through, and model health read from it."""

import asyncio
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import Database, sqlstate
from kernel.errors import Unavailable
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.tables.ai import Usage

log = structlog.get_logger(__name__)

Race = Literal["first_won", "first_lost", "second_won", "second_lost"]
Outcome = Literal["complete", "cancelled", "failed", "cut"]


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One call of one model. `failed`: before any text; `cut`: after some; `cancelled`: we closed it (stop, takeover).

    Tokens are the provider's count, else tiktoken's of what was sent and of the text that arrived. Money is whole
    micro-dollars, None where no price is known. `error` is an `ErrorKind`. `race`: who this was where two were asked at once, and whether
    it answered. `id` makes a repeated insert harmless.
    """

    conversation: ConversationId
    turn: TurnId
    model: str
    provider: str
    role: str
    tokens_in: int
    tokens_out: int
    cost_microdollars: int | None
    first_token_ms: int | None
    duration_ms: int
    outcome: Outcome
    error: str | None
    started_at: datetime
    customer: CustomerId | None = None
    site: SiteId | None = None
    agent: str = ""
    race: Race | None = None
    id: UUID = field(default_factory=new_id)


class UsageSink(Protocol):
    """Takes usage rows. `record` never raises for a database that is away: the sink keeps the row and tries again."""

    async def record(self, row: UsageRow) -> None: ...


class DatabaseUsageSink:
    """Writes rows to `ai.usage` in batches, in the background; keeps them while PostgreSQL is away.

    `record` waits only when `CAPACITY` rows are waiting already. A row that PostgreSQL refuses for what it is (never for its
    own state) is dropped and logged, so that one bad row cannot hold up the rest.
    """

    CAPACITY = 10_000
    BATCH = 200

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[UsageRow] = asyncio.Queue(self.CAPACITY)
        self._writer: asyncio.Task[None] | None = None

    async def record(self, row: UsageRow) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="usage-writer")
        await self._waiting.put(row)

    async def flush(self) -> None:
        """Waits until everything recorded so far is stored."""
        await self._waiting.join()

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
            while len(rows) < self.BATCH and not self._waiting.empty():
                rows.append(self._waiting.get_nowait())
            await self._store(rows)
            for _ in rows:
                self._waiting.task_done()

    async def _store(self, rows: list[UsageRow]) -> None:
        """Until stored. The id makes a second try harmless where the first one's commit was in doubt."""
        wait = 0.1
        while True:
            try:
                async with self._database.transaction() as connection:
                    await connection.execute(insert(Usage).on_conflict_do_nothing(index_elements=["id"]), [*map(_values, rows)])
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


def _values(row: UsageRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {**values, **{f"{name}_id": values.pop(name) for name in ("conversation", "turn", "customer", "site")}}


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """Whether a model answers. `why` is the `ErrorKind` of its newest failure, `since` when that row of failures began."""

    model: str
    ok: bool
    why: str | None
    since: datetime | None


# A model that nobody asked for so long is not reported at all.
HEALTH_WINDOW = timedelta(days=1)


async def model_health(connection: AsyncConnection) -> list[ModelHealth]:
    """One entry per model called within a day, by name. Calls that we closed say nothing of a model and are passed over."""
    judged = (
        select(Usage.model, Usage.error, Usage.started_at, (Usage.outcome == "complete").label("ok"))
        .where(Usage.outcome != "cancelled", Usage.started_at > func.now() - HEALTH_WINDOW)
        .cte("judged")
    )
    last_ok = (select(judged.c.model, func.max(judged.c.started_at).filter(judged.c.ok).label("at")).group_by(judged.c.model)).cte(
        "last_ok"
    )
    failing = (
        select(judged.c.model, func.min(judged.c.started_at).label("since"))
        .join(last_ok, last_ok.c.model == judged.c.model)
        .where(judged.c.ok.is_(False), or_(last_ok.c.at.is_(None), judged.c.started_at > last_ok.c.at))
        .group_by(judged.c.model)
    ).cte("failing")
    newest = select(judged).ext(distinct_on(judged.c.model)).order_by(judged.c.model, judged.c.started_at.desc()).cte("newest")
    rows = await connection.execute(
        select(newest.c.model, newest.c.ok, newest.c.error, failing.c.since)
        .outerjoin(failing, failing.c.model == newest.c.model)
        .order_by(newest.c.model)
    )
    return [ModelHealth(row.model, row.ok, None if row.ok else row.error, None if row.ok else row.since) for row in rows]
