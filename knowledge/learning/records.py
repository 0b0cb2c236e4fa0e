"""Turns as they were recorded, read for somebody who answers them again; and how long they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import ConversationId, CustomerId, SiteId, TurnId
from kernel.tables.ai import ChatSession, TurnRecord, Usage

# Rows that one transaction deletes.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One turn's. `messages`, `tools`, `calls`: JSON, as `ai.turn_record` says. Times in milliseconds, money in micro-dollars."""

    turn: TurnId
    asked_turn: TurnId
    conversation: ConversationId
    customer: CustomerId
    site: SiteId
    agent: str
    intent: str
    stakes: str
    channel: str
    locale: str
    messages: Sequence[dict[str, Any]]
    tools: Sequence[str]
    max_tokens: int
    prepared: str
    calls: Sequence[dict[str, Any]]
    text: str
    model: str
    handoff: bool
    cost_microdollars: int | None
    first_token_ms: int | None
    duration_ms: int | None
    asked_at: datetime
    created_at: datetime


async def load(connection: AsyncConnection, turn: UUID) -> Record | None:
    """None where it is not kept any more."""
    names = [name for name in Record.__slots__ if name not in ("turn", "asked_turn", "conversation", "customer", "site")]
    query = (
        select(
            TurnRecord.turn_id.label("turn"),
            TurnRecord.asked_turn_id.label("asked_turn"),
            TurnRecord.conversation_id.label("conversation"),
            ChatSession.customer_id.label("customer"),
            ChatSession.site_id.label("site"),
            *(getattr(TurnRecord, name) for name in names),
        )
        .join(ChatSession, ChatSession.id == TurnRecord.conversation_id)
        .where(TurnRecord.turn_id == turn)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Record(**row._mapping)


async def price(connection: AsyncConnection, record: Record) -> int | None:
    """What the customer's answer cost, kept with the record; None where no price is known of any call. Usage rows come a moment after
    their turn, so it is asked for late."""
    if record.cost_microdollars is not None:
        return record.cost_microdollars
    spent = select(func.sum(Usage.cost_microdollars)).where(Usage.turn_id == record.asked_turn, Usage.role.not_like("shadow%"))
    cost = await connection.scalar(spent)
    if cost is None:
        return None
    await connection.execute(update(TurnRecord).where(TurnRecord.turn_id == record.turn).values(cost_microdollars=int(cost)))
    return int(cost)


async def forget(connection: AsyncConnection, days: int) -> int:
    """Delete some of those that are older; returns how many. Pairs keep their figures and the candidate's words."""
    old = select(TurnRecord.turn_id).where(TurnRecord.created_at < func.now() - timedelta(days=days))
    gone = await connection.execute(delete(TurnRecord).where(TurnRecord.turn_id.in_(old.order_by(TurnRecord.created_at).limit(AT_ONCE))))
    return gone.rowcount
