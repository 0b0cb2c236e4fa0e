"""From something that staff must hear of to an effect for each device, and from such an effect to what the device shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.push import rules, subscriptions
from business.push.sending import Message
from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import CampaignPaused, NotifyMention, NotifyStaff, PushReason, SendPush
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer
from kernel.tables.crm import Lead
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Handoff, Mention

# What was to be said is old news after that.
WORTH: dict[PushReason, int] = {
    "handoff": 1800,
    "handoff_due": 1800,
    "human_silent": 1800,
    "follow_up": 43_200,
    "lead_waits": 43_200,
    "text_stop": 43_200,
    "text_loop": 43_200,
    "text_flood": 43_200,
    "campaign_paused": 43_200,
    "mention": 43_200,
    "test": 120,
}


async def fan_out(connection: AsyncConnection, job: NotifyStaff, key: str, now: datetime) -> None:
    """One effect for each device that must hear of it, in the transaction that keeps it."""
    staff: Sequence[UUID] | None = None
    if job.reason == "human_silent":
        owner = await connection.scalar(select(ChatSession.owner_staff_id).where(ChatSession.id == job.conversation))
        staff = [] if owner is None else [owner]
    elif job.staff is not None:
        staff = [job.staff]  # theirs in turn; where nobody comes in time, everybody hears of it
    handoff = await _handoff(connection, job.handoff)
    asked = SendPush(
        device=new_id(),
        reason=job.reason,
        conversation=job.conversation,
        handoff=job.handoff,
        lead=job.lead,
        claimed=handoff is not None and handoff.state == "claimed",
        urgent=job.urgency == "severe",
        asked_at=now,
    )
    for device in await subscriptions.devices_of(connection, staff):
        await outbox.enqueue(connection, asked.model_copy(update={"device": device}), key=f"push:{key}:{device}")


async def mention(connection: AsyncConnection, job: NotifyMention, key: str, now: datetime) -> None:
    """One effect for each device of the colleague who was mentioned."""
    for device in await subscriptions.devices_of(connection, [job.staff]):
        push = SendPush(device=device, reason="mention", conversation=job.conversation, mention=job.mention, by=job.by, asked_at=now)
        await outbox.enqueue(connection, push, key=f"push:{key}:{device}")


async def campaign_paused(connection: AsyncConnection, job: CampaignPaused, staff: Sequence[UUID], now: datetime) -> None:
    """One effect for each device of theirs."""
    for device in await subscriptions.devices_of(connection, staff):
        push = SendPush(device=device, reason="campaign_paused", campaign=job.campaign, asked_at=now)
        await outbox.enqueue(connection, push, key=f"push:{job.key}:{device}")


async def test(connection: AsyncConnection, device: UUID, now: datetime) -> None:
    """A push that says that pushes work, to one device."""
    await outbox.enqueue(connection, SendPush(device=device, reason="test", asked_at=now), key=f"push:test:{new_id()}")


async def message(connection: AsyncConnection, job: SendPush, now: datetime) -> Message | None:
    """What the device shows; None where that is no longer so, or too old to be said."""
    life = WORTH[job.reason] - int((now - job.asked_at).total_seconds())
    handoff = await _handoff(connection, job.handoff)
    if life <= 0 or not await _still(connection, job, handoff):
        return None
    about = () if handoff is None else (handoff.kind, handoff.urgency)
    title, body = rules.words(job.reason, await _customer(connection, job.conversation), job.by, *about)
    return Message(title, body, _path(job), f"{_class(job.reason)}:{job.campaign or job.conversation}", life)


def _path(job: SendPush) -> str:
    """Where a click on it leads."""
    if job.lead is not None:
        return f"/console#/leads/{job.lead}"
    if job.campaign is not None:
        return f"/console#/campaigns/{job.campaign}"
    return f"/console#/c/{job.conversation}" if job.conversation else "/console#/settings/notifications"


def _class(reason: PushReason) -> str:
    """Reasons that replace each other on a device."""
    return "need" if reason in ("handoff", "handoff_due", "human_silent") else reason


async def _handoff(connection: AsyncConnection, handoff: UUID | None) -> Any | None:
    if handoff is None:
        return None
    query = select(Handoff.kind, Handoff.urgency, Handoff.state).where(Handoff.id == handoff)
    return (await connection.execute(query)).one_or_none()


async def _still(connection: AsyncConnection, job: SendPush, handoff: Any | None) -> bool:
    """Whether a person is needed still: somebody may have come while the push service was away."""
    if job.reason == "campaign_paused":
        by_itself = (Campaign.id == job.campaign, Campaign.state == "paused", Campaign.pause_reason != "staff")
        return await connection.scalar(select(Campaign.id).where(*by_itself)) is not None
    if job.reason in ("handoff", "handoff_due"):
        return handoff is not None and (handoff.state == "open" or (handoff.state == "claimed" and job.claimed))
    if job.reason == "human_silent":
        alerted = await connection.scalar(select(ChatSession.silence_alerted_at).where(ChatSession.id == job.conversation))
        return alerted is not None
    if job.reason == "lead_waits":
        return await connection.scalar(select(Lead.id).where(Lead.id == job.lead, Lead.status == "new")) is not None
    if job.reason == "mention":
        return await connection.scalar(select(Mention.id).where(Mention.id == job.mention, Mention.seen_at.is_(None))) is not None
    return True


async def _customer(connection: AsyncConnection, conversation: UUID | None) -> str | None:
    name: str | None = await connection.scalar(
        select(Customer.name).join(ChatSession, ChatSession.customer_id == Customer.id).where(ChatSession.id == conversation)
    )
    return name
