"""A campaign paused by itself: owners and admins, who can resume or stop it, hear of it on their devices and by e-mail, once a pause."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns import results
from business.emails import writing as emails
from business.emails.kinds import CampaignAlert
from business.links.signing import Links
from business.profile.schemas import Profile
from business.push import notices
from kernel.ids import new_id
from kernel.jobs import CampaignPaused
from kernel.tables.core import Staff
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Notification

LOCALE = "en"  # what staff read
TOLD = ("owner", "admin")


async def tell(connection: AsyncConnection, profile: Profile, links: Links, job: CampaignPaused, now: datetime) -> None:
    """Keep that it happened; tell of it while it stands paused: whoever resumed it meanwhile knows. Safe to repeat."""
    kept = insert(Notification).values(id=new_id(), key=job.key, kind=job.kind).on_conflict_do_nothing(index_elements=["key"])
    await connection.execute(kept)
    stands = (Campaign.id == job.campaign, Campaign.state == "paused", Campaign.pause_reason == job.why)
    name = await connection.scalar(select(Campaign.name).where(*stands))
    if name is None:
        return
    query = select(Staff.id, Staff.name, Staff.email).where(Staff.disabled_at.is_(None), Staff.role.in_(TOLD))
    chiefs = (await connection.execute(query.order_by(Staff.created_at, Staff.id))).all()
    await notices.campaign_paused(connection, job, [one.id for one in chiefs], now)
    await _mail(connection, profile, links, job, name, chiefs)


async def _mail(connection: AsyncConnection, profile: Profile, links: Links, job: CampaignPaused, name: str, chiefs: Sequence[Any]) -> None:
    came = (await results.tallies(connection, [job.campaign])).get(job.campaign)
    told = CampaignAlert(
        campaign=name,
        cause=job.why,
        sent=came.sent if came is not None else 0,
        opted_out=came.opted_out if came is not None else 0,
        link=f"{links.base}/console#/campaigns/{job.campaign}",
    )
    for one in chiefs:
        await emails.write(
            connection,
            profile,
            links,
            kind="campaign_paused",
            to=one.email,
            to_name=one.name,
            locale=LOCALE,
            values=told,
            key=f"{job.key}:{one.id}",
        )
