"""Campaigns over HTTP: everybody who is signed in sees, drafts and may pause or stop them; what is sent, to whom and when, owners and
admins approve, start and resume. Whoever got one, by number, is for them, too."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agents.campaigns.wish import CampaignWish, Draft
from business.campaigns import audience, life, records, results
from business.campaigns.checks import Content, check
from business.campaigns.conditions import Asked
from business.campaigns.filters import EVERYBODY, parsed, stored
from business.campaigns.life import Means
from business.campaigns.rendering import Wording
from business.profile.schemas import Profile
from business.reports.sheet import MARK, cell, line
from business.staff import audit
from gateway.http import campaign_results_wire as came
from gateway.http import campaigns_shown as shown
from gateway.http import campaigns_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import NO_STORE, Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from kernel.database import Database
from kernel.errors import RateLimited
from kernel.settings.schema import SmsSettings

Deed = Callable[[AsyncConnection], Awaitable[Any]]
Drafts = Callable[[CampaignWish], Awaitable[list[Draft]]]
_FILE = (
    "number",
    "name",
    "locale",
    "zone",
    "state",
    "text_state",
    "why",
    "due_at",
    "written_at",
    "replied_at",
    "booked_at",
    "opted_out_at",
)


class CampaignsHttp:
    """The handlers, by the operation's name. Whatever changes one answers with it as it is then."""

    def __init__(
        self,
        door: Door,
        database: Database,
        profile: Callable[[], Profile],
        sms: SmsSettings,
        link: Callable[[], str],
        drafts: Drafts,
        now: Callable[[], datetime],
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._sms = sms
        self._link = link
        self._drafts = drafts
        self._now = now
        self.handlers: dict[str, Handler] = {
            "campaigns": self._list,
            "campaign_seasons": self._seasons,
            "campaign_preview": self._preview,
            "campaign_drafts": self._draft,
            "campaign_create": self._create,
            "campaign": self._one,
            "campaign_change": self._change,
            "campaign_approve": self._approve,
            "campaign_withdraw": self._withdraw,
            "campaign_start": self._start,
            "campaign_pause": self._pause,
            "campaign_resume": self._resume,
            "campaign_stop": self._stop,
            "campaign_duplicate": self._duplicate,
            "campaign_results": self._results,
            "campaign_recipients": self._recipients,
            "campaign_export": self._export,
        }

    def _means(self) -> Means:
        return Means(self._profile(), self._sms, self._link())

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.CampaignsQuery)
        async with self._database.transaction(self._database.reading) as connection:
            page = await records.page(connection, asked.state, asked.before, asked.limit)
            tallies = await results.tallies(connection, [row.id for row in page.rows if row.started_at is not None])
        return answer(wire.CampaignsAnswer(items=tuple(shown.card(row, tallies.get(row.id)) for row in page.rows), before=page.before))

    async def _seasons(self, request: Request) -> Response:
        await self._door.caller(request)
        means = self._means()
        today = means.today(self._now())
        async with self._database.transaction(self._database.reading) as connection:
            made = await records.of_seasons(connection, today.replace(year=today.year - 1, day=1))
        return answer(shown.calendar(means, today, made))

    async def _preview(self, request: Request) -> Response:
        await self._door.caller(request)
        body, means = await read_body(request, wire.CampaignPreviewBody), self._means()
        today = means.today(self._now())
        wording = Wording.of(means.profile, means.link, body.season, body.offer_percent, today)
        hours = 24 if any(body.reminder.values()) else None
        content = Content(body.season, body.variant, body.texts, body.reminder, hours, body.offer_percent, None)
        return answer(
            wire.CampaignPreviewAnswer(
                samples=shown.samples(body.texts, wording, body.first_name),
                reminder_samples=shown.samples(body.reminder, wording, body.first_name),
                checks=tuple(map(shown.checked, check(content, wording, today))),
            )
        )

    async def _draft(self, request: Request) -> Response:
        session, body = await self._door.enter(request), await read_body(request, wire.CampaignDraftsBody)
        if wait := await self._door.bearer.take(session.staff_id):
            raise RateLimited("You ask too fast. Give it a moment.", retry_after_ms=wait)
        means, now = self._means(), self._now()
        async with self._database.transaction(self._database.reading) as connection:
            saved = parsed((await records.segment(connection, body.segment)).filter) if body.segment is not None else None
            filter = saved or (body.audience.filter if body.audience is not None else EVERYBODY)
            counted = await audience.count(connection, filter, Asked(means.profile, now), means.sms.countries)
        wish = CampaignWish(
            season=body.season,
            variant=body.variant,
            link=means.link,
            now=now,
            audience=body.described,
            offer_percent=body.offer_percent,
            recipients=counted.locales,
            microdollars_per_segment=round(means.sms.cents_per_segment * shown.MICRODOLLARS_OF_CENT),
            drafts=body.drafts,
        )
        made = await self._drafts(wish)
        return answer(wire.CampaignDraftsAnswer(drafts=tuple(map(shown.drafted, made)), recipients=counted.reachable))

    async def _create(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.CampaignBody)
        values = _columns(body.model_dump(exclude={"audience", "segment"})) | _audience(body)
        await self._database.unit(lambda c: life.create(c, values, caller.staff_id))
        return await self._record(body.id)

    async def _one(self, request: Request) -> Response:
        await self._door.caller(request)
        return await self._record(path_id(request, "campaign"))

    async def _change(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.CampaignPatch)
        values = _columns(body.model_dump(exclude_unset=True, exclude={"rev", "audience", "segment"})) | _audience(body)
        return await self._done(request, lambda c: life.change(c, path_id(request, "campaign"), body.rev, values, caller.staff_id))

    async def _approve(self, request: Request) -> Response:
        caller, body, now = await self._chief(request), await read_body(request, wire.CampaignRevBody), self._now()
        campaign, means = path_id(request, "campaign"), self._means()
        return await self._done(request, lambda c: life.approve(c, means, campaign, body.rev, caller.staff_id, now))

    async def _withdraw(self, request: Request) -> Response:
        caller, body = await self._chief(request), await read_body(request, wire.CampaignRevBody)
        return await self._done(request, lambda c: life.withdraw(c, path_id(request, "campaign"), body.rev, caller.staff_id))

    async def _start(self, request: Request) -> Response:
        caller, body, now = await self._chief(request), await read_body(request, wire.StartCampaignBody), self._now()
        campaign, means, when = path_id(request, "campaign"), self._means(), (body.send_on, body.send_from)
        return await self._done(request, lambda c: life.start(c, means, campaign, body.rev, *when, caller.staff_id, now))

    async def _pause(self, request: Request) -> Response:
        session = await self._door.enter(request)
        return await self._done(request, lambda c: life.pause(c, path_id(request, "campaign"), session.staff_id))

    async def _resume(self, request: Request) -> Response:
        caller, now = await self._chief(request), self._now()
        return await self._done(request, lambda c: life.resume(c, path_id(request, "campaign"), caller.staff_id, now))

    async def _stop(self, request: Request) -> Response:
        session = await self._door.enter(request)
        return await self._done(request, lambda c: life.stop(c, path_id(request, "campaign"), session.staff_id))

    async def _duplicate(self, request: Request) -> Response:
        caller, body = await self._door.caller(request), await read_body(request, wire.DuplicateCampaignBody)
        campaign = path_id(request, "campaign")
        await self._database.unit(lambda c: life.duplicate(c, campaign, body.id, caller.staff_id))
        return await self._record(body.id)

    async def _results(self, request: Request) -> Response:
        await self._door.caller(request)
        campaign, zone, now = path_id(request, "campaign"), self._profile().business.zone, self._now()
        async with self._database.transaction(self._database.reading) as connection:
            row = await records.one(connection, campaign)
            tally = (await results.tallies(connection, [campaign])).get(campaign, results.Tally())
            skipped, zones = await results.skipped(connection, campaign), await results.zones(connection, campaign)
            unit, points = await results.series(connection, campaign, row.started_at, now, zone)
        return answer(shown.results(tally, skipped, zones, unit, points))

    async def _recipients(self, request: Request) -> Response:
        await self._chief(request)
        asked, campaign = read_query(request, came.RecipientsQuery), path_id(request, "campaign")
        async with self._database.transaction(self._database.reading) as connection:
            await records.one(connection, campaign)
            rows = await results.recipients(connection, campaign, asked.outcome, asked.after, asked.limit)
        after = rows[asked.limit - 1].number if len(rows) > asked.limit else None
        return answer(came.RecipientsAnswer(items=tuple(map(shown.recipient, rows[: asked.limit])), after=after))

    async def _export(self, request: Request) -> Response:
        caller, campaign = await self._chief(request), path_id(request, "campaign")
        async with self._database.transaction(self._database.reading) as connection:
            await records.one(connection, campaign)
        await self._database.unit(lambda c: audit.record(c, "staff", caller.staff_id, "campaign.exported", campaign))
        headers = {
            **NO_STORE,
            "Content-Disposition": f'attachment; filename="campaign-{campaign}.csv"',
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(self._lines(campaign), media_type="text/csv; charset=utf-8", headers=headers)

    async def _lines(self, campaign: UUID) -> AsyncIterator[bytes]:
        zone = self._profile().business.zone
        yield MARK + line(list(_FILE))
        after: str | None = None
        while True:
            async with self._database.transaction(self._database.reading) as connection:
                rows = await results.recipients(connection, campaign, None, after, results.PAGE)
            some = rows[: results.PAGE]
            yield b"".join(line([cell(getattr(row, name), "moment", zone) for name in _FILE]) for row in some)
            if len(rows) <= results.PAGE:
                return
            after = some[-1].number

    async def _chief(self, request: Request) -> Any:
        """A person who may answer for what is sent."""
        return await self._door.enter(request, roles=CHIEFS)

    async def _done(self, request: Request, deed: Deed) -> Response:
        await self._database.unit(deed)
        return await self._record(path_id(request, "campaign"))

    async def _record(self, campaign: UUID) -> Response:
        means, now = self._means(), self._now()
        async with self._database.transaction() as connection:
            return answer(await shown.record(connection, means, campaign, now))


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    """Without texts that say nothing."""
    for name in ("texts", "reminder"):
        if given.get(name) is not None:
            given[name] = {locale: text for locale, text in given[name].items() if text.strip()}
    return given


def _audience(body: Any) -> dict[str, Any]:
    """Of a saved segment or of a filter of its own: one takes the other's place."""
    if body.segment is not None:
        return {"segment_id": body.segment, "filter": {}}
    if body.audience is not None:
        return {"segment_id": None, "filter": stored(body.audience.filter)}
    return {"segment_id": None} if "segment" in body.model_fields_set and not isinstance(body, wire.CampaignBody) else {}
