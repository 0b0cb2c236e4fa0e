"""Looking after a complaint again: planned by its severity, or by whoever works on it; staff are reminded once, at its time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.profile.schemas import Profile
from business.profile.terms import FollowUp as Rule
from business.staff import audit
from kernel import outbox
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.jobs import FollowUpDue, NotifyStaff
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Complaint, FollowUp
from kernel.wire.server import Author, NoteWritten

MOST_OPEN = 20


async def plan(connection: AsyncConnection, complaint: UUID, rules: Iterable[Rule], now: datetime) -> None:
    """Those that the profile asks for; where a complaint grew worse, what was planned and is not done stays."""
    known = set(await connection.scalars(select(FollowUp.what).where(FollowUp.complaint_id == complaint, FollowUp.done_at.is_(None))))
    for rule in rules:
        if rule.what not in known:
            await _add(connection, complaint, rule.what, now + timedelta(hours=rule.after_hours))


async def add(connection: AsyncConnection, complaint: UUID, staff: UUID, what: str, due_at: datetime, now: datetime) -> UUID:
    """One more, by a person. Raises NotFound; Conflict where the complaint is settled, the moment is past, or there are enough."""
    state = await connection.scalar(select(Complaint.state).where(Complaint.id == complaint).with_for_update())
    if state is None:
        raise NotFound("There is no such complaint.")
    if state != "open":
        raise Conflict("This complaint is settled. Reopen it to plan a follow-up.")
    if due_at <= now:
        raise Conflict("This moment is over. Choose one that is still to come.")
    waiting = await connection.scalar(select(func.count()).where(FollowUp.complaint_id == complaint, FollowUp.done_at.is_(None)))
    if (waiting or 0) >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} follow-ups are planned already. Finish one first.")
    planned = await _add(connection, complaint, what, due_at)
    await audit.record(connection, "staff", staff, "complaint.follow_up_planned", complaint)
    return planned


async def done(connection: AsyncConnection, follow_up: UUID, staff: UUID) -> UUID:
    """Somebody did it; again is the same. The complaint that it belongs to. Raises NotFound."""
    row = (await connection.execute(select(FollowUp).where(FollowUp.id == follow_up).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such follow-up.")
    if row.done_at is None:
        values = {"done_at": func.clock_timestamp(), "done_by": staff}
        await connection.execute(update(FollowUp).where(FollowUp.id == follow_up).values(values))
        await audit.record(connection, "staff", staff, "complaint.follow_up_done", row.complaint_id)
    complaint: UUID = row.complaint_id
    return complaint


async def remind(connection: AsyncConnection, profile: Profile, follow_up: UUID) -> Announcement | None:
    """Its time has come: the thread says so, and whoever has the conversation is called, else everybody. None: it was done, or the
    complaint is settled."""
    about = select(Complaint.conversation_id).join(FollowUp, FollowUp.complaint_id == Complaint.id).where(FollowUp.id == follow_up)
    conversation = await connection.scalar(about)
    if conversation is None:
        return None
    async with writing(connection, conversation) as log:
        values = {"told_at": func.clock_timestamp()}
        waits = FollowUp.done_at.is_(None) & FollowUp.told_at.is_(None)
        settled = select(Complaint.id).where(Complaint.id == FollowUp.complaint_id, Complaint.state != "open").exists()
        marked = update(FollowUp).where(FollowUp.id == follow_up, waits, ~settled).values(values).returning(FollowUp.what)
        what = await connection.scalar(marked)
        if what is None:
            return None
        author = Author(kind="system", name=profile.business.name)
        log.add_staff(NoteWritten(id=follow_up, author=author, text=f"Time to follow up on the complaint: {what}"))
        assignee = await connection.scalar(select(ChatSession.assignee_id).where(ChatSession.id == log.id))
        told = NotifyStaff(conversation=log.id, reason="follow_up", staff=assignee)
        await outbox.enqueue(connection, told, key=f"notify_staff:follow_up:{follow_up}")
    return log.announcement


async def _add(connection: AsyncConnection, complaint: UUID, what: str, due_at: datetime) -> UUID:
    follow_up = new_id()
    await connection.execute(insert(FollowUp).values(id=follow_up, complaint_id=complaint, what=what, due_at=due_at))
    await outbox.enqueue(connection, FollowUpDue(follow_up=follow_up), key=f"follow_up:{follow_up}", at=due_at)
    return follow_up
