"""What is done about leads: staff hear of one that nobody looks after."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from business.leads import untouched
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.jobs import Job, LeadWaits
from workers.handlers import Handler, Publication, announced


def handlers(profile: Callable[[], Profile], clock: Clock) -> dict[type[Job], Handler]:
    """That of this file."""

    async def waits(connection: AsyncConnection, job: LeadWaits, key: str) -> list[Publication]:
        return announced(await untouched.tell(connection, profile(), job, clock()))

    return {LeadWaits: waits}
