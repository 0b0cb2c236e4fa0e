"""A campaign as it goes out over HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.campaigns.wish import Draft, DraftText
from business.campaigns import audience, records, running, seasons
from business.campaigns import results as found
from business.campaigns.audience import Counted
from business.campaigns.checks import Check, check, sample
from business.campaigns.conditions import Asked
from business.campaigns.filters import Audience
from business.campaigns.life import EDITABLE, Means
from business.campaigns.rendering import LONG_NAME, NAMES, Wording, in_locale
from business.campaigns.seasons import Window
from business.profile.figures import figures
from gateway.http import campaign_results_wire as came
from gateway.http import campaigns_wire as wire
from gateway.http.segments_wire import AudienceCount, LeftOut

SAMPLE_NAME = "Maria"
MICRODOLLARS_OF_CENT = 10_000


def card(row: Any, tally: found.Tally | None) -> wire.CampaignCard:
    return wire.CampaignCard(
        id=row.id,
        name=row.name,
        season=row.season,
        variant=row.variant,
        state=row.state,
        pause_reason=row.pause_reason,
        rev=row.rev,
        drafted_by=row.drafted_by,
        drafted_name=row.drafter,
        approved_by=row.approver,
        approved_at=row.approved_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        send_on=row.send_on,
        send_from=row.send_from,
        per_minute=row.per_minute,
        created_at=row.created_at,
        changed_at=row.changed_at,
        tally=None if tally is None else came.CampaignTally(**asdict(tally)),
    )


async def record(connection: AsyncConnection, means: Means, campaign: UUID, now: datetime) -> wire.CampaignRecord:
    """One, whole. Raises NotFound."""
    row = await records.one(connection, campaign)
    wording, filter = means.wording(row, now), records.filter_of(row)
    tally = (await found.tallies(connection, [campaign])).get(campaign) if row.started_at is not None else None
    counted = None
    if row.state in EDITABLE:
        counted = await audience.count(connection, filter, Asked(means.profile, now), means.sms.countries)
    today = means.today(now)
    return wire.CampaignRecord(
        campaign=card(row, tally),
        segment=row.segment_id,
        segment_name=row.segment_name,
        audience=Audience(filter=filter),
        texts=row.texts,
        reminder=row.reminder,
        reminder_after_hours=row.reminder_after_hours,
        offer_percent=row.offer_percent,
        editable=row.state in EDITABLE,
        checks=tuple(map(checked, check(records.content_of(row), wording, today))) if row.state in EDITABLE else (),
        samples=samples(row.texts, wording, SAMPLE_NAME),
        reminder_samples=samples(row.reminder, wording, SAMPLE_NAME),
        count=None if counted is None else count(counted),
        forecast=None if counted is None else forecast(means, row, wording, counted, now),
    )


def checked(one: Check) -> wire.CampaignCheck:
    return wire.CampaignCheck(code=one.code, level=one.level, message=one.message, field=one.field)


def samples(texts: Mapping[str, str], wording: Wording, name: str | None) -> tuple[wire.CampaignSample, ...]:
    """Each text as one of its readers gets it."""
    made = [(locale, sample(text, locale, wording, name)) for locale, text in sorted(texts.items()) if text.strip()]
    return tuple(wire.CampaignSample(locale=locale, text=one.text, encoding=one.encoding, segments=one.segments) for locale, one in made)


def count(counted: Counted) -> AudienceCount:
    left_out = tuple(LeftOut(why=why, customers=customers) for why, customers in sorted(counted.left_out.items()))
    return AudienceCount(
        matched=counted.matched, reachable=counted.reachable, locales=counted.locales, zones=counted.zones, left_out=left_out
    )


def forecast(means: Means, row: Any, wording: Wording, counted: Counted, now: datetime) -> wire.CampaignForecast:
    """By groups of recipients who are alike."""
    starts: dict[str, tuple[int, datetime]] = {}
    whole = 0
    for one in counted.groups:
        if one.why is not None or one.sample is None:
            continue
        due = audience.due(means.profile, one.sample, one.zip, row.send_on, row.send_from, now)
        people, first = starts.get(due.zone, (0, due.at))
        starts[due.zone] = (people + one.count, min(first, due.at))
        whole += one.count * _segments(row.texts, one.locale, wording)
    pace = running.per_minute(row.per_minute, means)
    return wire.CampaignForecast(
        recipients=counted.reachable,
        segments=whole,
        cost_microdollars=round(whole * means.sms.cents_per_segment * MICRODOLLARS_OF_CENT),
        minutes=-(-counted.reachable // pace),
        per_minute=pace,
        zones=tuple(wire.ZoneStart(zone=zone, recipients=people, first_at=at) for zone, (people, at) in sorted(starts.items())),
    )


def _segments(texts: Mapping[str, str], locale: str, wording: Wording) -> int:
    worded = in_locale(texts, locale, wording.profile)
    return sample(worded[1], worded[0], wording, LONG_NAME).segments if worded is not None else 0


def calendar(means: Means, today: date, made: Sequence[Any]) -> wire.CampaignSeasonsAnswer:
    """Windows of this year and the next."""
    rules = means.profile.messages.campaigns
    windows = seasons.windows(means.profile, today.year, today.year + 1)
    names = [*NAMES, *sorted(figures(means.profile, means.profile.business.locale))]
    return wire.CampaignSeasonsAnswer(
        seasons=tuple(_season(one, today, [row.id for row in made if _is_for(means, one, row)]) for one in windows),
        others=seasons.OTHERS,
        variants=rules.variants,
        win_back_percent=rules.win_back_percent,
        win_back_months=rules.win_back_months,
        placeholders=tuple(names),
    )


def _season(one: Window, today: date, campaigns: Sequence[UUID]) -> wire.CampaignSeason:
    names = one.season.name.model_dump(exclude_none=True)
    return wire.CampaignSeason(
        key=one.key,
        name=names,
        opens=one.opens,
        closes=one.closes,
        day=one.day,
        open_now=one.holds(today),
        campaigns=tuple(campaigns),
    )


def _is_for(means: Means, window: Window, row: Any) -> bool:
    """Of a campaign with its day by that, else by when it was made: for the window that its text spoke of then."""
    if row.season != window.key:
        return False
    day = row.send_on or means.today(row.started_at or row.created_at)
    return seasons.current(means.profile, window.key, day) == window


def drafted(draft: Draft) -> wire.CampaignDraft:
    """What the generator made."""
    return wire.CampaignDraft(
        texts=_drafted(draft.texts),
        reminder=_drafted(draft.reminder),
        cost_microdollars=draft.cost_microdollars,
        reminder_cost_microdollars=draft.reminder_cost_microdollars,
    )


def _drafted(texts: Mapping[str, DraftText]) -> tuple[wire.DraftedText, ...]:
    return tuple(wire.DraftedText(locale=locale, **asdict(one)) for locale, one in texts.items())


def results(
    tally: found.Tally, skipped: Mapping[str, int], zones: Sequence[Any], unit: Any, points: Sequence[found.Point]
) -> came.CampaignResults:
    names = ("sent", "delivered", "failed", "replied", "booked", "opted_out")
    return came.CampaignResults(
        tally=came.CampaignTally(**asdict(tally)),
        opt_out_share=tally.opt_out_share,
        skipped=tuple(came.SkippedWhy(why=why, recipients=people) for why, people in skipped.items()),
        zones=tuple(came.ZoneProgress.model_validate(dict(row._mapping)) for row in zones),
        unit=unit,
        series=tuple(came.ResultPoint(at=one.at, **{name: one.counts.get(name, 0) for name in names}) for one in points),
    )


def recipient(row: Any) -> came.CampaignRecipient:
    return came.CampaignRecipient(
        number=row.number,
        customer=row.customer_id,
        name=row.name,
        conversation=row.conversation,
        locale=row.locale,
        zone=row.zone,
        state=row.state,
        text_state=row.text_state,
        why=row.why or row.error,
        due_at=row.due_at,
        written_at=row.written_at,
        replied_at=row.replied_at,
        booked_at=row.booked_at,
        booking=row.booking_id,
        opted_out_at=row.opted_out_at,
        reminded=row.reminder_id is not None,
    )
