"""What keeps a customer waiting too long: a handoff that nobody claimed by its due time, a person who fell silent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.handoffs import calling, lines
from business.profile.hours import is_open
from business.profile.schemas import Profile
from kernel import outbox
from kernel.jobs import NotifyStaff
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Handoff
from kernel.wire.server import Alerted, Author

AT_ONCE = 20


async def due_handoffs(connection: AsyncConnection, again: timedelta) -> Sequence[tuple[UUID, UUID]]:
    """`handoff, conversation` of those that are overdue and were not alerted yet. Nobody waits for what has low urgency; of what is
    severe, and due at once, staff have just heard: they hear of it again after `again`."""
    now = func.clock_timestamp()
    rows = await connection.execute(
        select(Handoff.id, Handoff.conversation_id)
        .where(Handoff.state == "open", Handoff.alerted_at.is_(None), Handoff.due_at < now, Handoff.urgency != "low")
        .where(or_(Handoff.urgency != "severe", Handoff.created_at < now - again))
        .order_by(Handoff.due_at)
        .limit(AT_ONCE)
    )
    return [(row.id, row.conversation_id) for row in rows]


async def alert_handoff(
    connection: AsyncConnection, handoff: UUID, conversation: UUID, profile: Profile, now: datetime
) -> tuple[Announcement, UUID | None] | None:
    """Alert staff, and tell the customer where they stand in the queue, once. Whose turn it is next has the customer, where turns are
    taken; whether anybody comes, the next step asks. None: somebody was quicker."""
    async with writing(connection, conversation) as log:
        waits = log.row.owner == "queue"
        urgency = case((and_(waits, Handoff.urgency != "severe"), "high"), else_=Handoff.urgency)
        alerted = (
            await connection.execute(
                update(Handoff)
                .where(Handoff.id == handoff, Handoff.state == "open", Handoff.alerted_at.is_(None))
                .values(alerted_at=func.clock_timestamp(), urgency=urgency, rev=Handoff.rev + 1, changed_at=func.clock_timestamp())
                .returning(Handoff.kind, Handoff.urgency, Handoff.alerted_at)
            )
        ).one_or_none()
        if alerted is None:
            return None
        log.add_staff(Alerted(reason="handoff_due"))
        severe = alerted.urgency == "severe"
        staff = await calling.assign_next(log) if waits and not severe else None
        if waits:
            if log.row.risk != "severe":
                log.change(risk="high")
            # A wait until people are here again was promised where they are not.
            if not severe or is_open(profile, now):
                log.say(Author(kind="system", name=profile.business.name), lines.late(log.row.locale))
        if severe:  # everybody is called again and again already, since it was opened
            return log.announcement, None
        job = NotifyStaff(
            conversation=conversation,
            handoff=handoff,
            reason="handoff_due",
            staff=staff,
            handoff_kind=alerted.kind,
            urgency=alerted.urgency,
        )
        effect = await outbox.enqueue(connection, job, key=f"notify_staff:due:{handoff}")
        if profile.people.escalation.steps:
            after = timedelta(minutes=profile.people.escalation.steps[0].after_minutes)
            await calling.go_higher(log, handoff, 1, alerted.alerted_at, alerted.alerted_at + after)
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
        log.say(Author(kind="system", name=business), lines.silent(row.locale, by_text=row.channel == "sms"))
        effect = await outbox.enqueue(
            connection,
            NotifyStaff(conversation=conversation, reason="human_silent"),
            key=f"notify_staff:silent:{conversation}:{row.epoch}:{row.waiting_since.isoformat()}",
        )
    return log.announcement, effect
