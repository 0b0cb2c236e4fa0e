"""What people do with a campaign. Each is one transaction that may be repeated, with its line in the trail.

draft -> approved -> running -> done; running <-> paused; approved -> draft (withdrawn, or changed); whatever is not over -> stopped.

An owner or an admin approves, whoever drafted it: what counts is that a person has looked at what is sent, to whom and when, and that the
trail says who. Whoever changes, approves or starts one names the `rev` that they saw. To pause and to stop need none: they come at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns import audience, records
from business.campaigns.checks import check
from business.campaigns.conditions import Asked
from business.campaigns.filters import stored
from business.campaigns.rendering import Wording, in_locale
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import Conflict, NotFound
from kernel.settings.schema import SmsSettings
from kernel.tables.marketing import Campaign, CampaignRecipient, Segment
from kernel.tables.ops import TextMessage

AT_ONCE = 2000  # recipients of one statement
EDITABLE = ("draft", "approved")


@dataclass(frozen=True, slots=True)
class Means:
    """What campaigns are made with: the business, how this install sends, where `{{link}}` leads."""

    profile: Profile
    sms: SmsSettings
    link: str

    def today(self, now: datetime) -> date:
        return now.astimezone(self.profile.business.zone).date()

    def wording(self, row: Any, now: datetime) -> Wording:
        """Of a campaign; its season is that of its day."""
        day = row.send_on or self.today(row.started_at or now)
        return Wording.of(self.profile, self.link, row.season, row.offer_percent, day)


async def create(connection: AsyncConnection, values: Mapping[str, Any], staff: UUID) -> None:
    """A draft; the same id again is the same. Raises NotFound for a segment that there is not."""
    await _segment_there(connection, values.get("segment_id"))
    if await records.insert_campaign(connection, {**values, "staff_id": staff}):
        await audit.record(connection, "staff", staff, "campaign.created", values["id"], {"drafted_by": values.get("drafted_by", "staff")})


async def change(connection: AsyncConnection, campaign: UUID, rev: int, values: Mapping[str, Any], staff: UUID) -> None:
    """Before it is started. Where what is sent changes, an approval is gone. Raises NotFound, Conflict."""
    row = await _held(connection, campaign, rev)
    if row.state not in EDITABLE:
        raise Conflict(f"A campaign that is {row.state} is not changed any more. Make a copy of it.")
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    await _segment_there(connection, changed.get("segment_id"))
    content = any(name in records.CONTENT for name in changed)
    undone = {"state": "draft", "approved_by": None, "approved_at": None} if content and row.state == "approved" else {}
    await _write(connection, campaign, **changed, **undone)
    await audit.record(connection, "staff", staff, "campaign.changed", campaign, {"what": sorted(changed), "approval_gone": bool(undone)})


async def approve(connection: AsyncConnection, means: Means, campaign: UUID, rev: int, staff: UUID, now: datetime) -> None:
    """What is sent, to whom and when, as it is now. Raises NotFound; Conflict with everything that keeps it from being approved."""
    row = await _held(connection, campaign, rev)
    if row.state != "draft":
        raise Conflict(f"Only a draft is approved; this campaign is {row.state}.")
    whole = await records.one(connection, campaign)
    found = check(records.content_of(whole), means.wording(whole, now), means.today(now))
    wrong = [one.message for one in found if one.level == "error"]
    if wrong:
        raise Conflict(" ".join(wrong), codes=[one.code for one in found if one.level == "error"])
    kept = stored(records.filter_of(whole))
    await _write(connection, campaign, state="approved", filter=kept, approved_by=staff, approved_at=now)
    await audit.record(connection, "staff", staff, "campaign.approved", campaign, {"rev": row.rev + 1})


async def withdraw(connection: AsyncConnection, campaign: UUID, rev: int, staff: UUID) -> None:
    """The approval is taken back. Raises NotFound, Conflict."""
    row = await _held(connection, campaign, rev)
    if row.state != "approved":
        raise Conflict(f"There is no approval to take back: this campaign is {row.state}.")
    await _write(connection, campaign, state="draft", approved_by=None, approved_at=None)
    await audit.record(connection, "staff", staff, "campaign.withdrawn", campaign)


async def start(
    connection: AsyncConnection, means: Means, campaign: UUID, rev: int, day: date | None, hour: time | None, staff: UUID, now: datetime
) -> int:
    """Fix the recipients, each with the moment from which it may be written to; how many there are. `day`, `hour`: by the recipient's
    clock, None: as the campaign says. Raises NotFound; Conflict where nothing can be sent or nobody would get it."""
    row = await _held(connection, campaign, rev)
    if row.state != "approved":
        raise Conflict(f"Only an approved campaign is started; this one is {row.state}.")
    if means.sms.provider == "none":
        raise Conflict("Nobody carries text messages here: set up [sms] first (docs/ringcentral.md).")
    day, hour = day or row.send_on, hour or row.send_from
    if day is not None and day < means.today(now):
        raise Conflict("Its day is over. Choose another.")
    asked = Asked(means.profile, now)
    whom = await audience.reached(connection, records.filter_of(row), asked, means.sms.countries)
    dues: dict[tuple[str, str | None], audience.Due] = {}
    for one in whom:
        if _place(one) not in dues:
            dues[_place(one)] = audience.due(means.profile, one.number, one.zip, day, hour, now)
    planned = [_recipient(means, row, one, dues[_place(one)]) for one in whom]
    if not planned:
        raise Conflict("Nobody would get it: the count says why.")
    for some in range(0, len(planned), AT_ONCE):
        await connection.execute(insert(CampaignRecipient).values(planned[some : some + AT_ONCE]))
    await _write(connection, campaign, state="running", started_at=now, send_on=day, send_from=hour, next_at=None)
    await audit.record(connection, "staff", staff, "campaign.started", campaign, {"recipients": len(planned)})
    return len(planned)


async def pause(connection: AsyncConnection, campaign: UUID, staff: UUID) -> None:
    """Nothing is written any more, and what waits for the provider goes on waiting. Raises NotFound, Conflict."""
    row = await _held(connection, campaign)
    if row.state == "paused":
        return
    if row.state != "running":
        raise Conflict(f"Only a campaign that runs is paused; this one is {row.state}.")
    await _write(connection, campaign, state="paused", pause_reason="staff")
    await audit.record(connection, "staff", staff, "campaign.paused", campaign)


async def resume(connection: AsyncConnection, campaign: UUID, staff: UUID, now: datetime) -> None:
    """It goes on where it was, whyever it was paused: a person has looked. Raises NotFound, Conflict."""
    row = await _held(connection, campaign)
    if row.state == "running":
        return
    if row.state != "paused":
        raise Conflict(f"Only a paused campaign is resumed; this one is {row.state}.")
    await _write(connection, campaign, state="running", pause_reason=None, resumed_at=now, next_at=None)
    await audit.record(connection, "staff", staff, "campaign.resumed", campaign, {"was": row.pause_reason})


async def stop(connection: AsyncConnection, campaign: UUID, staff: UUID) -> None:
    """For good: what has not left does not leave. Stopped already is as good. Raises NotFound; Conflict where it is done and everything
    has left."""
    row = await _held(connection, campaign)
    if row.state == "stopped":
        return
    cancelled = await cancel(connection, campaign)
    if row.state == "done" and not cancelled:
        raise Conflict("This campaign is done: everything has left.")
    await connection.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.campaign_id == campaign, CampaignRecipient.state == "planned")
        .values(state="skipped", why="CampaignStopped")
    )
    reminders = update(CampaignRecipient).where(CampaignRecipient.campaign_id == campaign, CampaignRecipient.remind_at.is_not(None))
    await connection.execute(reminders.values(remind_at=None))
    await _write(connection, campaign, state="stopped", pause_reason=None, finished_at=func.clock_timestamp())
    await audit.record(connection, "staff", staff, "campaign.stopped", campaign, {"was": row.state, "cancelled": cancelled})


async def cancel(connection: AsyncConnection, campaign: UUID) -> int:
    """Its texts that nobody has begun to send are not sent; how many."""
    waiting = update(TextMessage).where(TextMessage.campaign_id == campaign, TextMessage.state.in_(("waiting", "held")))
    stopped = {"state": "cancelled", "error": "CampaignStopped", "changed_at": func.clock_timestamp()}
    return (await connection.execute(waiting.values(**stopped))).rowcount


async def duplicate(connection: AsyncConnection, campaign: UUID, copy: UUID, staff: UUID) -> None:
    """A draft like it, without its day; the same id again is the same. Raises NotFound."""
    row = await records.one(connection, campaign)
    names = ("season", "variant", "segment_id", "texts", "reminder", "reminder_after_hours", "offer_percent", "send_from", "per_minute")
    kept = {name: getattr(row, name) for name in names}
    filter = row.filter if row.segment_id is None else {}
    values = {"id": copy, "name": f"{row.name[:110]} (copy)", "filter": filter, "drafted_by": row.drafted_by, **kept}
    await create(connection, values, staff)


def _place(one: audience.Reached) -> tuple[str, str | None]:
    """Those of one area code of North America, and of one ZIP code, are due at the same moment."""
    return one.number[:5] if one.number.startswith("+1") else one.number, one.zip


def _recipient(means: Means, row: Any, one: audience.Reached, due: audience.Due) -> dict[str, Any]:
    worded = in_locale(row.texts, one.locale, means.profile)
    return {
        "campaign_id": row.id,
        "number": one.number,
        "customer_id": one.customer,
        "locale": worded[0] if worded is not None else one.locale,
        "zone": due.zone,
        "due_at": due.at,
    }


async def _held(connection: AsyncConnection, campaign: UUID, rev: int | None = None) -> Any:
    """The row, until the end of the transaction; `rev`: as the person saw it."""
    row = (await connection.execute(select(Campaign).where(Campaign.id == campaign).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign.")
    if rev is not None and row.rev != rev:
        raise Conflict("Somebody changed this campaign meanwhile. Look at it again.", rev=row.rev)
    return row


async def _write(connection: AsyncConnection, campaign: UUID, **values: Any) -> None:
    values |= {"rev": Campaign.rev + 1, "changed_at": func.clock_timestamp()}
    await connection.execute(update(Campaign).where(Campaign.id == campaign).values(**values))


async def _segment_there(connection: AsyncConnection, segment: UUID | None) -> None:
    """It stays until the end of the transaction."""
    if segment is None:
        return
    if await connection.scalar(select(Segment.id).where(Segment.id == segment).with_for_update(read=True, key_share=True)) is None:
        raise NotFound("There is no such segment.")
