"""What is done where a campaign paused by itself: those who can do something about it hear of it."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns import telling
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.jobs import CampaignPaused, Job
from workers.handlers import Handler, Publication


def handlers(profile: Callable[[], Profile], links: Links, clock: Clock) -> dict[type[Job], Handler]:
    """That of this file."""

    async def paused(connection: AsyncConnection, job: CampaignPaused, key: str) -> list[Publication]:
        await telling.tell(connection, profile(), links, job, clock())
        return []

    return {CampaignPaused: paused}
