"""Calling staff for a handoff: whose turn it is, and the effect that tells them."""

from uuid import UUID

from business.conversations.log import Writing
from business.staff import rotation
from kernel import outbox
from kernel.ids import HandoffId
from kernel.jobs import NotifyStaff
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
    """The effect that tells everybody, or `staff` alone; what is severe everybody hears of. Returns its id."""
    job = NotifyStaff(
        conversation=log.id,
        handoff=handoff,
        reason="handoff",
        staff=None if urgency == "severe" else staff,
        handoff_kind=kind,
        urgency=urgency,
    )
    return await outbox.enqueue(log.connection, job, key=key)
