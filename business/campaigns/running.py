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

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns.life import Means
from business.campaigns.rendering import Wording, in_locale, render
from business.channels import gate, writing
from business.channels.gate import Candidate, Refuse, Wait
from business.channels.segments import segments
from business.staff import audit
from kernel.ids import new_id
from kernel.tables.core import Customer
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import Notification, TextMessage

BATCH = 40
BURST = timedelta(seconds=5)
"""As much of its pace as a campaign may make up for at once: workers look that often."""
MINUTE = timedelta(minutes=1)
SHARE = 0.75
"""Of what the account may send, for all campaigns together: whoever writes to us is not to wait for them."""
OPT_OUT_SHARE, OPT_OUTS_AT_LEAST = 0.01, 3
LAST, FAILED_AT_LEAST = 20, 10
"""The provider is taken for broken where so many of the last texts failed."""

Step = Literal["text", "reminder"]


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
    """First texts before reminders; numbers in order, so that two batches never wait for one another."""
    wording = means.wording(row, now)
    written = skipped = waits = 0
    first, reminders = await _due(connection, row.id, now), await _to_remind(connection, row.id, now)
    asked = [("text", one) for one in sorted(first, key=_number)] + [("reminder", one) for one in sorted(reminders, key=_number)]
    for step, one in asked:
        if written == free:
            break
        became = await _one(connection, means, row, step, one, wording, now)
        written += became == "written"
        skipped += became == "skipped"
        waits += became == "waits"
    return Ticked(written, skipped, waits, more=written < free and len(asked) >= BATCH)


def _number(one: Any) -> str:
    return str(one.number)


async def _due(connection: AsyncConnection, campaign: UUID, now: datetime) -> Sequence[Any]:
    due = (CampaignRecipient.campaign_id == campaign, CampaignRecipient.state == "planned", CampaignRecipient.due_at <= now)
    return await _some(connection, due, CampaignRecipient.due_at)


async def _to_remind(connection: AsyncConnection, campaign: UUID, now: datetime) -> Sequence[Any]:
    due = (CampaignRecipient.campaign_id == campaign, CampaignRecipient.remind_at.is_not(None), CampaignRecipient.remind_at <= now)
    return await _some(connection, due, CampaignRecipient.remind_at)


async def _some(connection: AsyncConnection, due: Any, order: Any) -> Sequence[Any]:
    query = (
        select(CampaignRecipient, Customer.name)
        .outerjoin(Customer, Customer.id == CampaignRecipient.customer_id)
        .where(*due)
        .order_by(order, CampaignRecipient.number)
        .limit(BATCH)
    )
    return (await connection.execute(query)).all()


async def _one(
    connection: AsyncConnection, means: Means, row: Any, step: str, one: Any, wording: Wording, now: datetime
) -> Literal["written", "skipped", "waits", "none"]:
    """Write to one recipient, or say why not, or when."""
    if step == "reminder" and not await _unanswered(connection, one):
        await _change(connection, one, remind_at=None)
        return "none"
    worded = in_locale(row.reminder if step == "reminder" else row.texts, one.locale, means.profile)
    if worded is None:
        return await _not(connection, one, step, "NoText")
    locale, text = worded
    words = render(text, wording.values(locale), one.name).text
    candidate = Candidate(one.number, "marketing", campaign=row.id, customer=one.customer_id, parts=segments(words))
    verdict = await gate.verdict(connection, means.profile, means.sms, candidate, now)
    if isinstance(verdict, Wait):
        await _change(connection, one, **{"remind_at" if step == "reminder" else "due_at": verdict.until})
        return "waits"
    if isinstance(verdict, Refuse):
        return await _not(connection, one, step, verdict.why)
    made = await writing.write(
        connection,
        means.profile,
        to=one.number,
        text=words,
        purpose="marketing",
        key=f"campaign:{row.id}:{one.number}:{2 if step == 'reminder' else 1}",
        locale=locale,
        now=now,
        customer=one.customer_id,
        campaign=row.id,
        limits=means.sms,
    )
    if made.state in ("refused", "held", "cancelled"):
        return await _not(connection, one, step, made.why or made.state)
    if step == "reminder":
        await _change(connection, one, remind_at=None, reminder_id=made.id)
    else:
        later = now + timedelta(hours=row.reminder_after_hours) if row.reminder_after_hours is not None else None
        await _change(connection, one, state="written", written_at=now, text_id=made.id, remind_at=later)
    return "written"


async def _unanswered(connection: AsyncConnection, one: Any) -> bool:
    """Whether they got the first text and did nothing."""
    if one.replied_at or one.opted_out_at or one.booked_at or one.reminder_id:
        return False
    state = await connection.scalar(select(TextMessage.state).where(TextMessage.id == one.text_id))
    return state in ("sent", "delivered")


async def _not(connection: AsyncConnection, one: Any, step: str, why: str) -> Literal["skipped", "none"]:
    """They get it not at all. A reminder that may not go is just not written."""
    if step == "reminder":
        await _change(connection, one, remind_at=None)
        return "none"
    await _change(connection, one, state="skipped", why=why)
    return "skipped"


async def _change(connection: AsyncConnection, one: Any, **values: Any) -> None:
    here = (CampaignRecipient.campaign_id == one.campaign_id, CampaignRecipient.number == one.number)
    await connection.execute(update(CampaignRecipient).where(*here).values(**values))


async def _alarming(connection: AsyncConnection, row: Any) -> Literal["opt_outs", "provider"] | None:
    """Whether it should go on only after a person has looked. What was before it was resumed counts no more."""
    since = row.resumed_at or row.started_at
    went = (CampaignRecipient.campaign_id == row.id, CampaignRecipient.written_at >= since)
    sent = select(func.count()).select_from(CampaignRecipient).join(TextMessage, TextMessage.id == CampaignRecipient.text_id)
    reached = await connection.scalar(sent.where(*went, TextMessage.state.in_(("sent", "delivered")))) or 0
    left = select(func.count()).where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.opted_out_at >= since)
    opted_out = await connection.scalar(left) or 0
    if too_many_opt_outs(opted_out, reached):
        return "opt_outs"
    settled = select(TextMessage.state).join(CampaignRecipient, CampaignRecipient.text_id == TextMessage.id)
    settled = settled.where(*went, TextMessage.state.in_(("sent", "delivered", "failed", "unknown")))
    states = list(await connection.scalars(settled.order_by(CampaignRecipient.written_at.desc()).limit(LAST)))
    return "provider" if sum(state in ("failed", "unknown") for state in states) >= FAILED_AT_LEAST else None


def too_many_opt_outs(opted_out: int, reached: int) -> bool:
    """More than one in a hundred of those whom it reached, and at least three: of a small campaign one is nothing yet."""
    return opted_out >= OPT_OUTS_AT_LEAST and opted_out > OPT_OUT_SHARE * reached


async def _pause(connection: AsyncConnection, row: Any, why: str) -> None:
    """By itself: staff are told."""
    values = {"state": "paused", "pause_reason": why, "rev": Campaign.rev + 1, "changed_at": func.clock_timestamp()}
    await connection.execute(update(Campaign).where(Campaign.id == row.id).values(**values))
    told = {"id": new_id(), "key": f"campaign_paused:{row.id}:{row.rev}", "kind": "campaign_paused"}
    await connection.execute(insert(Notification).values(**told))
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
