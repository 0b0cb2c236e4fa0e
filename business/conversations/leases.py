"""A turn while it runs: its lease, its fence, its stop; and which turns wait for a gateway."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Update, Uuid, bindparam, column, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from business.conversations.log import writing
from business.conversations.turns import LEASE, held
from kernel.ids import TurnId
from kernel.tables.ai import ChatSession, Turn


async def request_stop(connection: AsyncConnection, conversation: UUID, turn: UUID) -> Any | None:
    """A customer wants the reply to end. Returns the running turn, or None where it is not running in this conversation."""
    async with writing(connection, conversation):
        return (
            await connection.execute(
                update(Turn)
                .where(Turn.id == turn, Turn.conversation_id == conversation, Turn.state == "running")
                .values(stop_requested=True)
                .returning(Turn.id, Turn.fence_home, Turn.runner)
            )
        ).one_or_none()


async def mark_stopped(connection: AsyncConnection, turn: UUID) -> None:
    """The reply in progress is to end as stopped; the caller holds the conversation's row."""
    await connection.execute(update(Turn).where(Turn.id == turn, Turn.state == "running").values(stop_requested=True))


async def running_turn(connection: AsyncConnection, conversation: UUID) -> Any | None:
    """The reply in progress: `id, fence_home, runner, partial, answers, hand_over`."""
    return (
        await connection.execute(
            select(Turn.id, Turn.fence_home, Turn.runner, Turn.partial, Turn.answers, Turn.hand_over).where(
                Turn.conversation_id == conversation, Turn.state == "running"
            )
        )
    ).one_or_none()


async def running_for(connection: AsyncConnection, conversation: UUID, turn: UUID) -> Any | None:
    """The reply in progress where it is `turn`, or took its place; None: `turn` is over. The caller holds the conversation's row."""
    running = await running_turn(connection, conversation)
    before = running.id if running is not None else None
    while before is not None and before != turn:
        before = await connection.scalar(select(Turn.replaces).where(Turn.id == before))
    return running if before is not None else None


async def put_in_queue_at_end(connection: AsyncConnection, turn: UUID, handoff: UUID) -> None:
    """The end of this reply hands the customer over; the caller holds the conversation's row."""
    await connection.execute(update(Turn).where(Turn.id == turn, Turn.state == "running").values(hand_over=handoff))


async def keep_from_queue(connection: AsyncConnection, turn: UUID) -> None:
    """The end of this reply hands nobody over; the caller holds the conversation's row."""
    await connection.execute(update(Turn).where(Turn.id == turn, Turn.hand_over.is_not(None)).values(hand_over=None))


async def bump_fence(connection: AsyncConnection, turn: UUID) -> None:
    """Refuse the turn's runner at its next renewal: the cut without Redis."""
    await connection.execute(update(Turn).where(Turn.id == turn, Turn.state == "running").values(fence=Turn.fence + 1))


async def state_of(connection: AsyncConnection, turn: UUID) -> Any:
    """`state, outcome, cut_at, expired` of a turn."""
    return (
        await connection.execute(
            select(Turn.state, Turn.outcome, Turn.cut_at, (Turn.lease_until < func.clock_timestamp()).label("expired")).where(
                Turn.id == turn
            )
        )
    ).one()


async def move_fence_home(connection: AsyncConnection, conversation: UUID, turn: TurnId, fence: int, said: str) -> bool:
    """Redis is away: from now on PostgreSQL decides the cut. False: refused."""
    async with writing(connection, conversation) as log:
        if await held(log, turn, fence) is None:
            return False
        await connection.execute(update(Turn).where(Turn.id == turn).values(fence_home="postgres", partial=said, visible=bool(said)))
    return True


async def still_held(connection: AsyncConnection, conversation: UUID, turn: TurnId, fence: int) -> bool:
    """True where this fence holds the turn and the AI may go on."""
    async with writing(connection, conversation) as log:
        return await held(log, turn, fence) is not None


async def renew(connection: AsyncConnection, leases: Sequence[tuple[TurnId, int, str]]) -> set[UUID]:
    """Renew leases and store checkpoints of (turn, fence, text) in one statement; returns the turns that were not refused."""
    if not leases:
        return set()
    turns, fences, said = zip(*leases, strict=True)
    return set(await connection.scalars(_RENEW, {"turns": turns, "fences": fences, "said": said}))


def _renewal() -> Update:
    """For however many turns: made once, for every second each gateway renews all that it runs."""
    columns: dict[str, TypeEngine[Any]] = {"turns": Uuid(), "fences": BigInteger(), "said": Text()}
    lists = func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()))
    given = lists.table_valued(*(column(name, kind) for name, kind in columns.items())).render_derived(name="given")
    return (
        update(Turn)
        .where(
            Turn.id == given.c.turns,
            Turn.fence == given.c.fences,
            Turn.state == "running",
            Turn.stop_requested.is_(False),
            Turn.conversation_id == ChatSession.id,
            ChatSession.owner == "ai",
        )
        .values(lease_until=LEASE, partial=given.c.said, visible=given.c.said != "")
        .returning(Turn.id)
    )


_RENEW = _renewal()


async def release(connection: AsyncConnection, given_up: Sequence[TurnId]) -> None:
    """Give leases up at once, so that another gateway need not wait for them to run out."""
    if given_up:
        await connection.execute(
            update(Turn)
            .where(Turn.id.in_(bindparam("turns", expanding=True)), Turn.state == "running")
            .values(lease_until=func.clock_timestamp()),
            {"turns": list(given_up)},
        )


async def claimable(connection: AsyncConnection, limit: int = 50) -> list[UUID]:
    """Conversations with a turn that waits for a gateway: queued for a second, or running on a lease that ran out."""
    rows = await connection.execute(
        text(
            """
            SELECT t.conversation_id FROM ai.turn t
            WHERE (t.state = 'running' AND t.lease_until < clock_timestamp())
               OR (t.state = 'queued' AND t.created_at < clock_timestamp() - interval '1 second'
                   AND NOT EXISTS (SELECT 1 FROM ai.turn r WHERE r.conversation_id = t.conversation_id AND r.state = 'running'))
            LIMIT :limit
            """
        ),
        {"limit": limit},
    )
    return list(dict.fromkeys(rows.scalars()))
