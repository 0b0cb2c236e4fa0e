"""Texts that a provider says have come in: each a row by the provider's id, and an effect that fetches it. Nothing that the provider's
notice says of them is believed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import CheckText, FetchText
from kernel.tables.ops import InboundText, TextMessage


async def announce(connection: AsyncConnection, provider: str, provider_id: str) -> bool:
    """There is one of this id. False: that is known. Safe to repeat and to race."""
    made = await connection.scalar(
        insert(InboundText)
        .values(id=new_id(), provider=provider, provider_id=provider_id)
        .on_conflict_do_nothing(index_elements=["provider", "provider_id"])
        .returning(InboundText.id)
    )
    if made is None:
        return False
    await outbox.enqueue(connection, FetchText(inbound=made), key=f"fetch_text:{made}")
    return True


async def delivery_told(connection: AsyncConnection, provider: str, provider_id: str, status: str) -> bool:
    """Something became of a text that went out: it is to be asked what, once for each thing that it is said to be. False: it is not ours,
    or its fate is known."""
    text = await connection.scalar(
        select(TextMessage.id).where(
            TextMessage.provider == provider, TextMessage.provider_id == provider_id, TextMessage.state.in_(("sending", "sent", "unknown"))
        )
    )
    if text is None:
        return False
    await outbox.enqueue(connection, CheckText(text=text), key=f"check_text:{text}:told:{status}")
    return True


async def read(connection: AsyncConnection, inbound: UUID) -> Any | None:
    """`provider_id, state` of one; None: there is none."""
    query = select(InboundText.provider_id, InboundText.state).where(InboundText.id == inbound)
    return (await connection.execute(query)).one_or_none()


async def taken(connection: AsyncConnection, provider: str, ids: list[str]) -> set[str]:
    """Those of these ids of which nothing is left to do."""
    query = select(InboundText.provider_id).where(
        InboundText.provider == provider, InboundText.provider_id.in_(ids), InboundText.state == "taken"
    )
    return set(await connection.scalars(query))


async def newest_of(connection: AsyncConnection, number: str) -> datetime | None:
    """When the last text of this number that was taken was sent."""
    query = select(func.max(InboundText.sent_at)).where(InboundText.from_number == number, InboundText.state == "taken")
    newest: datetime | None = await connection.scalar(query)
    return newest


async def started_since(connection: AsyncConnection, number: str, at: datetime) -> bool:
    """Whether START was sent from the number after that moment, both by the provider's clock."""
    later = InboundText.from_number == number, InboundText.outcome == "start", InboundText.sent_at > at
    return await connection.scalar(select(InboundText.id).where(*later).limit(1)) is not None


async def fail(connection: AsyncConnection, inbound: UUID, error: str) -> bool:
    """It is not to be had. False: somebody took it meanwhile."""
    failed = await connection.execute(
        update(InboundText).where(InboundText.id == inbound, InboundText.state == "announced").values(state="failed", error=error)
    )
    return failed.rowcount == 1
