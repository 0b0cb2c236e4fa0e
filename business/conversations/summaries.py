"""What was said in short: when a conversation has to be summed up, what is summed up, and the one way to keep it.

The summary covers what was said up to `summary_seq`; models read it in place of that, and so does whoever takes over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.said import Spoken, said_between
from kernel import outbox
from kernel.ids import ConversationId, CustomerId, SiteId
from kernel.jobs import SummariseConversation
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Handoff

# Of what no summary covers: from so much on it is summed up, but for the newest lines, which stay whole.
MESSAGES, CHARACTERS = 24, 12_000
NEWEST, AT_LEAST = 12, 4
HANDOFFS = 5


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be summed up: `lines` after what `summary` covers, up to `upto`. `memory`: what the assistant remembers (JSON).
    `handoffs`: (kind, what it says), the newest first."""

    conversation: ConversationId
    site: SiteId
    customer: CustomerId
    channel: str
    locale: str | None
    summary: str
    summary_seq: int
    upto: int
    lines: tuple[Spoken, ...]
    memory: Mapping[str, Any]
    handoffs: tuple[tuple[str, str], ...]


def due(history: Sequence[Spoken], summary_seq: int) -> int | None:
    """Up to which message a conversation has to be summed up; None where it is short enough. `history`: what was said so far, oldest
    first; `summary_seq`: up to where it was summed up before."""
    open_lines = [line for line in history if line.seq > summary_seq and line.author != "system"]
    if len(open_lines) <= MESSAGES and sum(len(line.text) for line in open_lines) <= CHARACTERS:
        return None
    kept = min(NEWEST, max(AT_LEAST, len(open_lines) // 2))
    return open_lines[-kept - 1].seq if len(open_lines) > kept else None


async def want(connection: AsyncConnection, conversation: UUID, upto: int) -> UUID:
    """Have it summed up by a worker, in the transaction of the cause. Returns the effect."""
    job = SummariseConversation(conversation=conversation, upto=upto)
    return await outbox.enqueue(connection, job, key=f"{job.kind}:{conversation}:{upto}")


async def material(connection: AsyncConnection, conversation: UUID, upto: int) -> Material | None:
    """None where nothing is left to be summed up: there is no such conversation, or it was done meanwhile."""
    row = (await connection.execute(select(ChatSession).where(ChatSession.id == conversation))).one_or_none()
    if row is None or row.summary_seq >= upto:
        return None
    called = select(Handoff.kind, Handoff.summary).where(Handoff.conversation_id == conversation)
    handoffs = await connection.execute(called.order_by(Handoff.created_at.desc()).limit(HANDOFFS))
    return Material(
        conversation=ConversationId(row.id),
        site=SiteId(row.site_id),
        customer=CustomerId(row.customer_id),
        channel=row.channel,
        locale=row.locale,
        summary=row.summary,
        summary_seq=row.summary_seq,
        upto=upto,
        lines=await said_between(connection, conversation, row.summary_seq, upto),
        memory=row.memory,
        handoffs=tuple((one.kind, one.summary) for one in handoffs),
    )


async def keep(connection: AsyncConnection, made_of: Material, summary: str) -> bool:
    """False where somebody else has summed it up since: nothing is written."""
    kept = await connection.execute(
        update(ChatSession)
        .where(ChatSession.id == made_of.conversation, ChatSession.summary_seq == made_of.summary_seq)
        .values(summary=summary, summary_seq=made_of.upto)
    )
    return kept.rowcount == 1
