"""What keeps a customer waiting too long: a handoff that nobody claimed by its due time, a person who fell silent."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.handoffs import lines
from kernel import outbox
from kernel.jobs import NotifyStaff
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Handoff
from kernel.wire.server import Alerted, Author

AT_ONCE = 20


async def due_handoffs(connection: AsyncConnection) -> Sequence[tuple[UUID, UUID]]:
    """`handoff, conversation` of those that are overdue and were not alerted yet."""
    rows = await connection.execute(
        select(Handoff.id, Handoff.conversation_id)
        .where(Handoff.state == "open", Handoff.alerted_at.is_(None), Handoff.due_at < func.clock_timestamp())
        .order_by(Handoff.due_at)
        .limit(AT_ONCE)
    )
    return [(row.id, row.conversation_id) for row in rows]


async def alert_handoff(connection: AsyncConnection, handoff: UUID, conversation: UUID, business: str) -> tuple[Announcement, UUID] | None:
    """Alert staff and tell the customer, once. None: somebody was quicker."""
    async with writing(connection, conversation) as log:
        alerted = await connection.execute(
            update(Handoff)
            .where(Handoff.id == handoff, Handoff.state == "open", Handoff.alerted_at.is_(None))
            .values(
                alerted_at=func.clock_timestamp(),
                urgency="high",
                rev=Handoff.rev + 1,
                changed_at=func.clock_timestamp(),
            )
        )
        if alerted.rowcount == 0:
            return None
        log.add_staff(Alerted(reason="handoff_due"))
        log.change(risk="high")
        if log.row.owner == "queue":
            log.say(Author(kind="system", name=business), lines.late(log.row.locale))
        effect = await outbox.enqueue(
            connection,
            NotifyStaff(conversation=conversation, handoff=handoff, reason="handoff_due"),
            key=f"notify_staff:due:{handoff}",
        )
    return log.announcement, effect


async def silent_conversations(connection: AsyncConnection, silence: timedelta) -> Sequence[UUID]:
    """Conversations in which a person owns, the customer waits, and nothing was said for so long."""
    rows = await connection.scalars(
        select(ChatSession.id)
        .where(
            ChatSession.owner == "human",
            ChatSession.state == "open",
            ChatSession.silence_alerted_at.is_(None),
            ChatSession.waiting_since < func.clock_timestamp() - silence,
            func.coalesce(ChatSession.staff_spoke_at, ChatSession.owner_since) < func.clock_timestamp() - silence,
        )
        .order_by(ChatSession.waiting_since)
        .limit(AT_ONCE)
    )
    return list(rows)


async def alert_silence(connection: AsyncConnection, conversation: UUID, business: str) -> tuple[Announcement, UUID] | None:
    """Alert staff and tell the customer, once for each silence. None: somebody spoke meanwhile."""
    async with writing(connection, conversation) as log:
        row = log.row
        if row.owner != "human" or row.silence_alerted_at is not None or row.waiting_since is None:
            return None
        log.change(silence_alerted_at=text("clock_timestamp()"), risk="high")
        log.add_staff(Alerted(reason="human_silent"))
        log.say(Author(kind="system", name=business), lines.silent(row.locale))
        effect = await outbox.enqueue(
            connection,
            NotifyStaff(conversation=conversation, reason="human_silent"),
            key=f"notify_staff:silent:{conversation}:{row.epoch}:{row.waiting_since.isoformat()}",
        )
    return log.announcement, effect
