"""What is done about people who wait: a handoff goes higher, a reply that was not read goes by e-mail."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from business.handoffs import escalation, unread
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel import rooms
from kernel.clock import Clock
from kernel.jobs import EscalateHandoff, Job, UnreadReply
from workers.handlers import Handler, Publication, announced


def handlers(profile: Callable[[], Profile], links: Links, clock: Clock) -> dict[type[Job], Handler]:
    """Those of this file."""

    async def escalate(connection: AsyncConnection, job: EscalateHandoff, key: str) -> list[Publication]:
        announcement = await escalation.climb(connection, profile(), links, job, clock())
        hint = Publication(rooms.INBOX, {"k": "handoff", "h": str(job.handoff)})
        return [] if announcement is None else [*announced(announcement), hint]

    async def unread_reply(connection: AsyncConnection, job: UnreadReply, key: str) -> list[Publication]:
        return announced(await unread.send(connection, profile(), links, job))

    return {EscalateHandoff: escalate, UnreadReply: unread_reply}
