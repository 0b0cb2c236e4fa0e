"""What is done about complaints: whoever must hear of one, and that somebody looks after it again."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from business.complaints import follow_ups, telling
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.jobs import ComplaintRecorded, FollowUpDue, Job
from workers.handlers import Handler, Publication, announced


def handlers(profile: Callable[[], Profile], links: Links, clock: Clock) -> dict[type[Job], Handler]:
    """Those of this file."""

    async def recorded(connection: AsyncConnection, job: ComplaintRecorded, key: str) -> list[Publication]:
        await telling.tell(connection, profile(), links, job, clock())
        return []

    async def follow_up(connection: AsyncConnection, job: FollowUpDue, key: str) -> list[Publication]:
        return announced(await follow_ups.remind(connection, profile(), job.follow_up))

    return {ComplaintRecorded: recorded, FollowUpDue: follow_up}
