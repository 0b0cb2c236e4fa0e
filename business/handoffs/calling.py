"""Calling staff for a handoff: whose turn it is, the effect that tells them, and the next one where nobody comes."""

from datetime import UTC, datetime
from uuid import UUID

from business.conversations.log import Writing
from business.staff import rotation
from kernel import outbox
from kernel.ids import HandoffId
from kernel.jobs import EscalateHandoff, NotifyStaff
from kernel.wire.base import HandoffKind, Risk
from kernel.wire.server import Assigned, Author


async def assign_next(log: Writing) -> UUID | None:
    """Whoever's turn it is has the conversation now; None where turns are not taken."""
    turn = await rotation.take_turn(log.connection)
    if turn is None:
        return None
    log.change(assignee_id=turn.staff)
    log.add_staff(Assigned(staff=turn.staff, name=turn.name, by=Author(kind="system", name="Turns")))
    return turn.staff


async def tell_staff(log: Writing, handoff: HandoffId, kind: HandoffKind, urgency: Risk, staff: UUID | None, key: str) -> UUID:
    """The effect that tells everybody, or `staff` alone; what is severe everybody hears of, and goes on to hear of. Returns its id."""
    if urgency == "severe":
        await go_higher(log, handoff, 1, None)
    job = NotifyStaff(
        conversation=log.id,
        handoff=handoff,
        reason="handoff",
        staff=None if urgency == "severe" else staff,
        handoff_kind=kind,
        urgency=urgency,
    )
    return await outbox.enqueue(log.connection, job, key=key)


async def go_higher(log: Writing, handoff: UUID, step: int, of: datetime | None, at: datetime | None = None) -> UUID:
    """The effect of a step, at its moment; nothing comes of it where somebody was quicker. `of` None: it is severe."""
    job = EscalateHandoff(handoff=handoff, step=step, of=of)
    return await outbox.enqueue(log.connection, job, key=f"escalate:{handoff}:{since(of)}:{step}", at=at)


def since(of: datetime | None) -> str:
    """A wait's name in keys: one that began anew is another one."""
    return "severe" if of is None else of.astimezone(UTC).isoformat()
