"""Whose conversation it is: the one way to change it."""

from uuid import UUID

from business.conversations import summaries
from business.conversations.log import Writing, database_now
from kernel.wire.base import Owner
from kernel.wire.server import Author, OwnerChanged


async def own(
    log: Writing, owner: Owner, by: Author, *, staff: UUID | None = None, name: str | None = None, minutes: int | None = None
) -> int:
    """Set the owner (`staff`, called `name`, where it is a person) and count the epoch, which is returned. `minutes`: what the customer
    may expect in the queue. What was said before somebody takes it from there is summed up for them."""
    epoch = log.get("epoch") + 1
    log.change(
        owner=owner,
        owner_staff_id=staff,
        owner_name=name,
        owner_since=await database_now(log.connection),
        epoch=epoch,
        staff_spoke_at=None,
        silence_alerted_at=None,
    )
    if owner == "queue":
        await summaries.want(log.connection, log.id, log.seq)
    log.add(OwnerChanged(owner=owner, epoch=epoch, by=by, expected_minutes=minutes))
    return int(epoch)
