"""The life of a pair: waiting, then done, failed or skipped, once. What was settled first stands, whoever comes again.

A pair is one candidate's answer to one turn in one run: `live` while customers talk, or the replay that asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.jobs import ShadowFails
from kernel.outbox import enqueue
from kernel.tables.ai import ShadowPair, TurnRecord
from knowledge.learning.records import Record

LIVE = "live"
# A candidate fails where more than half of so many failed.
LOOKED_AT = 20

Better = Literal["primary", "candidate", "tie"]


@dataclass(frozen=True, slots=True)
class Settled:
    """How a pair ended. `error`: the kind of failure, or why it was skipped; the rest is of a candidate that answered.

    `calls`: `{name, arguments, recorded}` of each call that it asked for. Times in milliseconds, money in micro-dollars, None: not known.
    """

    state: Literal["done", "failed", "skipped"]
    error: str | None = None
    text: str = ""
    calls: Sequence[dict[str, Any]] = ()
    similarity: float | None = None
    agreement: dict[str, Any] = field(default_factory=dict)
    agrees: bool | None = None
    first_token_ms: int | None = None
    duration_ms: int | None = None
    cost_microdollars: int | None = None
    primary_cost_microdollars: int | None = None
    critic: Better | None = None
    critic_why: str | None = None


async def begin(connection: AsyncConnection, record: Record, candidate: str, run: str) -> UUID | None:
    """The pair, waiting; None where it is settled. Safe to repeat: whoever died in the middle left it waiting."""
    fresh = {
        "id": new_id(),
        "turn_id": record.turn,
        "conversation_id": record.conversation,
        "candidate": candidate,
        "run": run,
        "agent": record.agent,
        "intent": record.intent,
        "primary_model": record.model,
        "primary_first_token_ms": record.first_token_ms,
        "primary_duration_ms": record.duration_ms,
    }
    await connection.execute(
        insert(ShadowPair).values(fresh).on_conflict_do_nothing(index_elements=["turn_id", "candidate", "run"]),
    )
    return await connection.scalar(select(ShadowPair.id).where(*_is(record.turn, candidate, run), ShadowPair.state == "waiting"))


async def settle(connection: AsyncConnection, pair: UUID, settled: Settled) -> bool:
    """False where it was settled before."""
    values = {name: getattr(settled, name) for name in Settled.__slots__}
    done = await connection.execute(
        update(ShadowPair)
        .where(ShadowPair.id == pair, ShadowPair.state == "waiting")
        .values(**values | {"calls": list(settled.calls)}, done_at=func.clock_timestamp())
    )
    return done.rowcount == 1


async def settle_recordless(connection: AsyncConnection, turn: UUID, candidate: str, run: str, why: str) -> None:
    """Skip a pair whose record is gone, where there is one."""
    values = {"state": "skipped", "error": why, "done_at": func.clock_timestamp()}
    await connection.execute(update(ShadowPair).where(*_is(turn, candidate, run), ShadowPair.state == "waiting").values(values))


async def plan(connection: AsyncConnection, candidate: str, run: str, last: int, agent: str | None) -> int:
    """Make the waiting pairs of a replay: of so many turns, the newest that are kept. Returns how many there are."""
    recent = select(TurnRecord.turn_id).order_by(TurnRecord.created_at.desc()).limit(last)
    if agent is not None:
        recent = recent.where(TurnRecord.agent == agent)
    columns = {
        "id": func.gen_random_uuid(),
        "turn_id": TurnRecord.turn_id,
        "conversation_id": TurnRecord.conversation_id,
        "candidate": literal(candidate),
        "run": literal(run),
        "agent": TurnRecord.agent,
        "intent": TurnRecord.intent,
        "primary_model": TurnRecord.model,
        "primary_first_token_ms": TurnRecord.first_token_ms,
        "primary_duration_ms": TurnRecord.duration_ms,
    }
    query = select(*columns.values()).where(TurnRecord.turn_id.in_(recent))
    made = insert(ShadowPair).from_select(list(columns), query)
    await connection.execute(made.on_conflict_do_nothing(index_elements=["turn_id", "candidate", "run"]))
    return await connection.scalar(select(func.count()).where(ShadowPair.candidate == candidate, ShadowPair.run == run)) or 0


async def exists(connection: AsyncConnection, candidate: str, run: str) -> bool:
    """Whether the candidate has any pair of this run."""
    query = select(ShadowPair.id).where(ShadowPair.candidate == candidate, ShadowPair.run == run).exists()
    return bool(await connection.scalar(select(query)))


async def waiting(connection: AsyncConnection, candidate: str, run: str) -> Sequence[UUID]:
    """The turns of a run that are to be answered still, the newest first."""
    query = (
        select(ShadowPair.turn_id)
        .join(TurnRecord, TurnRecord.turn_id == ShadowPair.turn_id, isouter=True)
        .where(ShadowPair.candidate == candidate, ShadowPair.run == run, ShadowPair.state == "waiting")
        .order_by(TurnRecord.created_at.desc().nulls_last())
    )
    return (await connection.scalars(query)).all()


async def fails(connection: AsyncConnection, candidate: str) -> bool:
    """Whether more than half of its last answers to customers' turns failed; those that were skipped say nothing of it."""
    last = (
        select(ShadowPair.state)
        .where(ShadowPair.candidate == candidate, ShadowPair.run == LIVE, ShadowPair.state.in_(("done", "failed")))
        .order_by(ShadowPair.created_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    failed = await connection.scalar(select(func.count()).select_from(last).where(last.c.state == "failed"))
    return (failed or 0) > LOOKED_AT / 2


async def counts(connection: AsyncConnection) -> Sequence[tuple[str, str, int]]:
    """(candidate, state, how many) of the pairs of a day with customers' turns, for metrics."""
    lately = (ShadowPair.run == LIVE, ShadowPair.created_at > func.now() - timedelta(days=1))
    query = select(ShadowPair.candidate, ShadowPair.state, func.count()).where(*lately)
    rows = await connection.execute(query.group_by(ShadowPair.candidate, ShadowPair.state))
    return [(row[0], row[1], row[2]) for row in rows]


async def alarm(connection: AsyncConnection, candidate: str, now: datetime) -> None:
    """Staff hear of a candidate that fails, once a day."""
    if await fails(connection, candidate):
        job = ShadowFails(candidate=candidate, day=now.astimezone(UTC).date())
        await enqueue(connection, job, key=job.key)


def _is(turn: UUID, candidate: str, run: str) -> tuple[Any, ...]:
    return ShadowPair.turn_id == turn, ShadowPair.candidate == candidate, ShadowPair.run == run
