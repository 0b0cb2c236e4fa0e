"""How campaigns stand, for whoever watches over an install."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.jobs import CampaignPaused
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Notification

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """`states`: how many are in each; `paused`: of those that stand paused, by why; `pauses`: how often one paused by itself in a day."""

    states: Mapping[str, int]
    paused: Mapping[str, int]
    pauses: int


async def figures(connection: AsyncConnection) -> Figures:
    """As they stand now."""
    grouped = select(Campaign.state, Campaign.pause_reason, func.count()).group_by(Campaign.state, Campaign.pause_reason)
    states: dict[str, int] = {}
    paused: dict[str, int] = {}
    for state, why, count in await connection.execute(grouped):
        states[state] = states.get(state, 0) + count
        if why is not None:
            paused[why] = count
    lately = (Notification.kind == CampaignPaused.kind, Notification.created_at > func.now() - DAY)
    return Figures(states, paused, await connection.scalar(select(func.count()).select_from(Notification).where(*lately)) or 0)
