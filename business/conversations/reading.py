"""A conversation for programs: its row with the customer's name, and its messages, a page at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.errors import NotFound
from kernel.tables.ai import ChatEvent, ChatSession
from kernel.tables.core import Customer


async def conversation(connection: AsyncConnection, conversation: UUID) -> Any:
    """The row, with `customer_name`. Raises NotFound."""
    query = select(ChatSession, Customer.name.label("customer_name")).join(Customer, Customer.id == ChatSession.customer_id)
    row = (await connection.execute(query.where(ChatSession.id == conversation))).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


async def messages(connection: AsyncConnection, conversation: UUID, before: int | None, limit: int) -> tuple[Sequence[Any], int | None]:
    """`seq, at, payload` of the newest messages (before `before`), the oldest first, and where the older ones begin."""
    query = select(ChatEvent.seq, ChatEvent.at, ChatEvent.payload).where(
        ChatEvent.conversation_id == conversation, ChatEvent.kind == "message"
    )
    if before is not None:
        query = query.where(ChatEvent.seq < before)
    rows = (await connection.execute(query.order_by(ChatEvent.seq.desc()).limit(limit + 1))).all()
    found = rows[:limit][::-1]
    return found, found[0].seq if len(rows) > limit else None
