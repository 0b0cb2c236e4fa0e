"""What is done for campaigns every few seconds: whose moment has come is written to, at the campaign's pace, where the rules let them.

One transaction a campaign and batch, under the campaign's row: whoever pauses or stops it waits for that batch and for no other. A worker
that dies in one has written none of it, and a text's key makes it one text besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import floor
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from business.campaigns import recipient
from business.campaigns.life import Means
from business.campaigns.recipient import Batch
from business.channels import consent
from business.staff import audit
from kernel import outbox
from kernel.jobs import CampaignPaused
from kernel.tables.core import Customer
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import TextMessage

BATCH = 40
BURST = timedelta(seconds=5)
"""As much of its pace as a campaign may make up for at once: workers look that often."""
MINUTE = timedelta(minutes=1)
SHARE = 0.75
"""Of what the account may send, for all campaigns together: whoever writes to us is not to wait for them."""
OPT_OUT_SHARE, OPT_OUTS_AT_LEAST = 0.01, 3
LAST, FAILED_AT_LEAST = 20, 10
"""The provider is taken for broken where so many of the last texts failed."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one batch did. `more`: the campaign has more whose moment has come, and may go on at once."""

    written: int = 0
    skipped: int = 0
    waits: int = 0
    more: bool = False
    paused: str | None = None


async def running(connection: AsyncConnection) -> list[UUID]:
    """Campaigns that send, the oldest first."""
    return list(await connection.scalars(select(Campaign.id).where(Campaign.state == "running").order_by(Campaign.started_at, Campaign.id)))


async def tick(connection: AsyncConnection, means: Means, campaign: UUID, beside: int, now: datetime) -> Ticked:
    """One batch of one campaign, of which `beside` run. Nothing where another worker has it, or it does not run any more."""
    held = select(Campaign).where(Campaign.id == campaign, Campaign.state == "running").with_for_update(skip_locked=True)
    row = (await connection.execute(held)).one_or_none()
    if row is None:
        return Ticked()
    why = await _alarming(connection, row)
    if why is not None:
        await _pause(connection, row, why)
        return Ticked(paused=why)
    pace = _pace(row, means, beside)
    begin = max(row.next_at or now, now - BURST)
    free = floor((now - begin) / pace) + 1 if begin <= now else 0
    done = await _batch(connection, means, row, min(free, BATCH), now) if free else Ticked()
    if done.written:
        await connection.execute(update(Campaign).where(Campaign.id == campaign).values(next_at=begin + done.written * pace))
    if done.written == BATCH < free:
        done = replace(done, more=True)
    if not done.more and await _is_over(connection, campaign):
        await _finish(connection, campaign, now)
    return done


def _pace(row: Any, means: Means, beside: int) -> timedelta:
    """Between two of its texts, so that no minute has more of them than it may, a burst included."""
    return (MINUTE + BURST) / per_minute(row.per_minute, means, beside)


def per_minute(wanted: int, means: Means, beside: int = 1) -> int:
    """Texts a minute: what the campaign asks for, and no more than its part of what the account may send."""
    return max(1, min(wanted, floor(means.sms.per_minute * SHARE / max(beside, 1))))


async def _batch(connection: AsyncConnection, means: Means, row: Any, free: int, now: datetime) -> Ticked:
    """First texts before reminders. Their numbers are held at once, in order, so that two batches never wait for one another."""
    first = await _due(connection, row.id, now, free)
    reminders = await _to_remind(connection, row.id, now, free - len(first)) if len(first) < free else ()
    await consent.hold(connection, *(one.number for one in (*first, *reminders)))
    batch = Batch(connection, means, row, means.wording(row, now), now)
    became = [await recipient.first_text(batch, one) for one in first] + [await recipient.reminder(batch, one) for one in reminders]
    written = became.count("written")
    more = written < free and len(became) >= free
    return Ticked(written, became.count("skipped"), became.count("waits"), more)


async def _due(connection: AsyncConnection, campaign: UUID, now: datetime, most: int) -> Sequence[Any]:
    due = (CampaignRecipient.campaign_id == campaign, CampaignRecipient.state == "planned", CampaignRecipient.due_at <= now)
    return await _some(connection, campaign, due, CampaignRecipient.due_at, most)


async def _to_remind(connection: AsyncConnection, campaign: UUID, now: datetime, most: int) -> Sequence[Any]:
    due = (CampaignRecipient.campaign_id == campaign, CampaignRecipient.remind_at.is_not(None), CampaignRecipient.remind_at <= now)
    return await _some(connection, campaign, due, CampaignRecipient.remind_at, most)


async def _some(connection: AsyncConnection, campaign: UUID, due: Any, order: Any, most: int) -> Sequence[Any]:
    """Rows with `name`, and `had_it`: it went to the same person at another number, for two customers turned out to be one."""
    few = select(CampaignRecipient.number).where(*due).order_by(order).limit(most).cte("few")  # before anything is joined to thousands
    other = aliased(CampaignRecipient)
    same = (other.campaign_id == CampaignRecipient.campaign_id, other.customer_id == CampaignRecipient.customer_id)
    had_it = exists().where(*same, other.number != CampaignRecipient.number, other.state == "written")
    query = (
        select(CampaignRecipient, Customer.name, had_it.label("had_it"))
        .join(few, few.c.number == CampaignRecipient.number)
        .outerjoin(Customer, Customer.id == CampaignRecipient.customer_id)
        .where(CampaignRecipient.campaign_id == campaign)
        .order_by(order, CampaignRecipient.number)
    )
    return (await connection.execute(query)).all()


async def _alarming(connection: AsyncConnection, row: Any) -> Literal["opt_outs", "provider"] | None:
    """Whether it should go on only after a person has looked. What was before it was resumed counts no more."""
    since = row.resumed_at or row.started_at
    went = (CampaignRecipient.campaign_id == row.id, CampaignRecipient.written_at >= since)
    left = select(func.count()).where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.opted_out_at >= since)
    opted_out = await connection.scalar(left) or 0
    if opted_out >= OPT_OUTS_AT_LEAST and too_many_opt_outs(opted_out, await _reached(connection, went)):
        return "opt_outs"
    settled = select(TextMessage.state).join(CampaignRecipient, CampaignRecipient.text_id == TextMessage.id)
    settled = settled.where(*went, TextMessage.state.in_(("sent", "delivered", "failed", "unknown")))
    states = list(await connection.scalars(settled.order_by(CampaignRecipient.written_at.desc()).limit(LAST)))
    return "provider" if sum(state in ("failed", "unknown") for state in states) >= FAILED_AT_LEAST else None


async def _reached(connection: AsyncConnection, went: Sequence[ColumnElement[bool]]) -> int:
    texts = select(func.count()).select_from(CampaignRecipient).join(TextMessage, TextMessage.id == CampaignRecipient.text_id)
    return await connection.scalar(texts.where(*went, TextMessage.state.in_(("sent", "delivered")))) or 0


def too_many_opt_outs(opted_out: int, reached: int) -> bool:
    """More than one in a hundred of those whom it reached, and at least three: of a small campaign one is nothing yet."""
    return opted_out >= OPT_OUTS_AT_LEAST and opted_out > OPT_OUT_SHARE * reached


async def _pause(connection: AsyncConnection, row: Any, why: Literal["opt_outs", "provider"]) -> None:
    """By itself: owners and admins are told (telling.py)."""
    values = {"state": "paused", "pause_reason": why, "rev": Campaign.rev + 1, "changed_at": func.clock_timestamp()}
    await connection.execute(update(Campaign).where(Campaign.id == row.id).values(**values))
    told = CampaignPaused(campaign=row.id, rev=row.rev + 1, why=why)
    await outbox.enqueue(connection, told, key=told.key)
    await audit.record(connection, "system", None, "campaign.paused", row.id, {"why": why})


async def _is_over(connection: AsyncConnection, campaign: UUID) -> bool:
    """Nobody is to be written to any more."""
    to_come = or_(CampaignRecipient.state == "planned", CampaignRecipient.remind_at.is_not(None))
    left = select(CampaignRecipient.number).where(CampaignRecipient.campaign_id == campaign, to_come)
    return await connection.scalar(left.limit(1)) is None


async def _finish(connection: AsyncConnection, campaign: UUID, now: datetime) -> None:
    values = {"state": "done", "finished_at": now, "rev": Campaign.rev + 1, "changed_at": func.clock_timestamp()}
    await connection.execute(update(Campaign).where(Campaign.id == campaign).values(**values))
    await audit.record(connection, "system", None, "campaign.done", campaign)
