"""The end of a turn whose agents called a person: the customer stands in the queue, and reads how long it may take."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from business.conversations.log import Writing, database_now
from business.handoffs import lines, records
from business.handoffs.expected import waits
from business.handoffs.owning import own
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.wire.server import Author


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Called in the transaction that ends the turn, once its reply and its end are in the log. Staff have heard of it by then."""

    profile: Callable[[], Profile]
    clock: Clock
    assistant: str

    async def __call__(self, log: Writing, handoff: UUID) -> None:
        """Nothing happens where the handoff was settled meanwhile, or the conversation closed."""
        record = await records.locked(log.connection, handoff)
        if record.state not in records.UNSETTLED or log.get("state") != "open" or log.get("owner") != "ai":
            return
        profile = self.profile()
        now = self.clock()
        line, minutes = lines.waiting(profile, now, log.get("locale"), await waits(log.connection, profile, log.id, now))
        if log.get("waiting_since") is None:
            log.change(waiting_since=await database_now(log.connection))
        if record.claimed_by is not None:
            log.change(assignee_id=record.claimed_by)
        await own(log, "queue", Author(kind="ai", name=self.assistant), minutes=minutes)
        log.say(Author(kind="system", name=profile.business.name), line)
