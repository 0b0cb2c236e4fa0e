"""A new lead that nobody looks after: what that is, and telling staff of it, once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.diary import LAPSED
from business.bookings.rules import OCCUPYING
from business.conversations.log import Announcement, writing
from business.leads.rules import as_hot, temperature
from business.profile.schemas import Profile
from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import LeadWaits, NotifyStaff
from kernel.tables.ai import ChatMessage
from kernel.tables.crm import Lead, LeadEvent
from kernel.tables.ops import Booking
from kernel.wire.server import Author, NoteWritten


def untouched(today: date) -> ColumnElement[bool]:
    """It is new, no person ever wrote in its conversation, it holds no slot, and its day is not over. `today` at the venue."""
    day = Lead.facts["date"].astext
    spoken = exists().where(ChatMessage.conversation_id == Lead.conversation_id, ChatMessage.author_kind == "human")
    holds = exists().where(Booking.conversation_id == Lead.conversation_id, Booking.status.in_(OCCUPYING), ~LAPSED)
    return and_(Lead.status == "new", ~spoken, ~holds, or_(day.is_(None), day >= today.isoformat()))


async def waits(connection: AsyncConnection, profile: Profile, lead: UUID, now: datetime) -> bool:
    """Whether nobody looks after it still."""
    today = now.astimezone(profile.business.zone).date()
    return await connection.scalar(select(Lead.id).where(Lead.id == lead, untouched(today))) is not None


async def tell(connection: AsyncConnection, profile: Profile, job: LeadWaits, now: datetime) -> Announcement | None:
    """Its time has come: the thread says so, and whose lead it is is called, else everybody. None: somebody looks after it, staff were told
    already, or it is not so promising any more (the time of what it is now comes by itself)."""
    conversation = await connection.scalar(select(Lead.conversation_id).where(Lead.id == job.lead))
    if conversation is None:
        return None
    async with writing(connection, conversation) as log:
        row = (await connection.execute(select(Lead).where(Lead.id == job.lead).with_for_update())).one()
        found = temperature(profile, row.score)
        if row.alerted_at is not None or not as_hot(found, job.temperature) or not await waits(connection, profile, job.lead, now):
            return None
        await connection.execute(update(Lead).where(Lead.id == job.lead).values(alerted_at=func.clock_timestamp()))
        event = new_id()
        await connection.execute(insert(LeadEvent).values(id=event, lead_id=job.lead, kind="alert", payload={"temperature": found}))
        author = Author(kind="system", name=profile.business.name)
        log.add_staff(
            NoteWritten(id=event, author=author, text=f"Nobody has looked after this lead yet. It is {found}: {row.score} points.")
        )
        told = NotifyStaff(conversation=log.id, reason="lead_waits", staff=row.assignee_id, lead=job.lead)
        await outbox.enqueue(connection, told, key=f"notify_staff:lead_waits:{job.lead}")
    return log.announcement
