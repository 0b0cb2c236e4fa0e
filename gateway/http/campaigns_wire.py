"""What HTTP offers of campaigns, as values (see operations.py)."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from business.campaigns.filters import Audience
from gateway.http.campaign_results_wire import CampaignResults, CampaignTally, RecipientsAnswer, RecipientsQuery
from gateway.http.operations import Edge, Operation
from gateway.http.segments_wire import AudienceCount

CampaignState = Literal["draft", "approved", "running", "paused", "stopped", "done"]
PauseReason = Literal["staff", "opt_outs", "provider"]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
CampaignText = Annotated[str, Field(min_length=1, max_length=1000)]
CampaignTexts = Annotated[dict[Locale, CampaignText], Field(max_length=10)]
CampaignName = Annotated[str, Field(min_length=1, max_length=120)]
SeasonKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ReminderHours = Annotated[int, Field(ge=1, le=24 * 14)]
OfferPercent = Annotated[int, Field(ge=1, le=100)]
PerMinute = Annotated[int, Field(ge=1, le=10_000)]
CampaignRev = Annotated[int, Field(ge=1, le=2**53)]


class CampaignsQuery(Edge):
    state: CampaignState | None = None
    before: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class CampaignCard(Edge):
    """A campaign in a list. `rev` counts what people changed of it; `approved_by` and `drafted_name`: colleagues' names. `tally` is absent
    until it was started."""

    id: UUID
    name: str
    season: str | None = None
    variant: str
    state: CampaignState
    pause_reason: PauseReason | None = None
    rev: int
    drafted_by: Literal["staff", "generator"]
    drafted_name: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    send_on: date | None = None
    send_from: time | None = None
    per_minute: int
    created_at: datetime
    changed_at: datetime
    tally: CampaignTally | None = None


class CampaignsAnswer(Edge):
    """The newest first; `before` is absent on the last page."""

    items: tuple[CampaignCard, ...]
    before: UUID | None = None


class CampaignCheck(Edge):
    """Why it cannot be approved, or what to look at first. `field`: texts.en, reminder.es, season, offer_percent, filter ..."""

    code: str
    level: Literal["error", "warning"]
    message: str
    field: str | None = None


class CampaignSample(Edge):
    """A text as its sample recipient would get it."""

    locale: Locale
    text: str
    encoding: Literal["gsm7", "ucs2"]
    segments: int


class ZoneStart(Edge):
    """Recipients by whose clock it would begin at `first_at`."""

    zone: str
    recipients: int
    first_at: datetime


class CampaignForecast(Edge):
    """What would happen were it started now with its day and hour: `segments` and `cost_microdollars` of all first texts, `minutes` that
    the throttle makes of them. `per_minute`: as it would be, after the account's limit."""

    recipients: int
    segments: int
    cost_microdollars: int
    minutes: int
    per_minute: int
    zones: tuple[ZoneStart, ...]


class CampaignRecord(Edge):
    """One campaign, whole. `count` and `forecast` are told while it is not started. `editable`: what is sent may still be changed."""

    campaign: CampaignCard
    segment: UUID | None = None
    segment_name: str | None = None
    audience: Audience
    texts: dict[str, str]
    reminder: dict[str, str]
    reminder_after_hours: int | None = None
    offer_percent: int | None = None
    editable: bool
    checks: tuple[CampaignCheck, ...]
    samples: tuple[CampaignSample, ...]
    reminder_samples: tuple[CampaignSample, ...] = ()
    count: AudienceCount | None = None
    forecast: CampaignForecast | None = None


class CampaignBody(Edge):
    """A new draft; `id` makes a repeated send the same campaign. Either a saved `segment`, or an `audience` of its own; neither: everybody.
    `drafted_by` generator: its texts are those of a draft that was made."""

    id: UUID
    name: CampaignName
    season: SeasonKey | None = None
    variant: SeasonKey = "general"
    segment: UUID | None = None
    audience: Audience | None = None
    texts: CampaignTexts = Field(default_factory=dict)
    reminder: CampaignTexts = Field(default_factory=dict)
    reminder_after_hours: ReminderHours | None = None
    offer_percent: OfferPercent | None = None
    send_on: date | None = None
    send_from: time | None = None
    per_minute: PerMinute = 30
    drafted_by: Literal["staff", "generator"] = "staff"


class CampaignPatch(Edge):
    """What is given is changed, null takes it away. Whatever changes what is sent, to whom or when makes an approved one a draft again;
    its name does not."""

    rev: CampaignRev
    name: CampaignName | None = None
    season: SeasonKey | None = None
    variant: SeasonKey | None = None
    segment: UUID | None = None
    audience: Audience | None = None
    texts: CampaignTexts | None = None
    reminder: CampaignTexts | None = None
    reminder_after_hours: ReminderHours | None = None
    offer_percent: OfferPercent | None = None
    send_on: date | None = None
    send_from: time | None = None
    per_minute: PerMinute | None = None

    @model_validator(mode="after")
    def _null_where_it_may(self) -> "CampaignPatch":
        kept = [name for name in ("name", "variant", "texts", "reminder", "per_minute") if self._is_null(name)]
        if kept:
            raise ValueError(f"{kept[0]} cannot be taken away. Leave it out, or give another")
        return self

    def _is_null(self, name: str) -> bool:
        return name in self.model_fields_set and getattr(self, name) is None


class CampaignRevBody(Edge):
    """The `rev` that the person saw."""

    rev: CampaignRev


class StartCampaignBody(Edge):
    """When: that day from that hour on by each recipient's clock; neither: as the campaign says, else now."""

    rev: CampaignRev
    send_on: date | None = None
    send_from: time | None = None


class DuplicateCampaignBody(Edge):
    """`id` of the new draft."""

    id: UUID


class CampaignPreviewBody(Edge):
    """What stands in the editor, saved or not."""

    season: SeasonKey | None = None
    variant: SeasonKey = "general"
    texts: CampaignTexts = Field(default_factory=dict)
    reminder: CampaignTexts = Field(default_factory=dict)
    offer_percent: OfferPercent | None = None
    first_name: Annotated[str, Field(max_length=80)] | None = "Maria"


class CampaignPreviewAnswer(Edge):
    """As a sample recipient would get it, and what keeps it from being approved."""

    samples: tuple[CampaignSample, ...]
    reminder_samples: tuple[CampaignSample, ...]
    checks: tuple[CampaignCheck, ...]


class CampaignDraftsBody(Edge):
    """What is wanted: `audience` and `described`, in a colleague's words, say whom it goes to; `offer_percent` what a win-back offers."""

    season: SeasonKey | None = None
    variant: SeasonKey = "general"
    segment: UUID | None = None
    audience: Audience | None = None
    described: Annotated[str, Field(max_length=400)] = ""
    offer_percent: OfferPercent | None = None
    drafts: Annotated[int, Field(ge=1, le=5)] = 3


class DraftedText(Edge):
    """One text with its placeholders, what it takes for a long name, and who worded it."""

    locale: Locale
    text: str
    encoding: Literal["gsm7", "ucs2"]
    segments: int
    model: str


class CampaignDraft(Edge):
    """Texts and reminders by language; what they would cost to everybody who would get them now, in microdollars."""

    texts: tuple[DraftedText, ...]
    reminder: tuple[DraftedText, ...]
    cost_microdollars: int
    reminder_cost_microdollars: int


class CampaignDraftsAnswer(Edge):
    """To choose from; nothing is kept. `recipients`: who would get it now."""

    drafts: tuple[CampaignDraft, ...]
    recipients: int


class CampaignSeason(Edge):
    """A window of the calendar in one year. `day`: the day that it is for; absent where it is for no day. `running`: a campaign for it is
    approved, runs or ran within it."""

    key: str
    name: dict[str, str]
    opens: date
    closes: date
    day: date | None = None
    open_now: bool
    campaigns: tuple[UUID, ...] = ()


class CampaignSeasonsAnswer(Edge):
    """The windows from today on for a year and those of this year that are over, in order; what a campaign may be for beside them
    (`birthday`, `win_back`), its variants, and what a win-back may offer."""

    seasons: tuple[CampaignSeason, ...]
    others: tuple[str, ...]
    variants: tuple[str, ...]
    win_back_percent: int
    win_back_months: int
    placeholders: tuple[str, ...]


_PATH = "/api/admin/campaigns"
_ONE = f"{_PATH}/{{id}}"
_RECORD = (CampaignRecord,)


def _deed(verb: str, name: str, summary: str, body: type[Edge] | None = None) -> Operation:
    """Something that a person does to one: no token may."""
    return Operation("POST", f"{_ONE}/{verb}", name, summary, _RECORD, body, errors=(404, 409))


CAMPAIGNS: tuple[Operation, ...] = (
    Operation("GET", _PATH, "campaigns", "Campaigns, the newest first", (CampaignsAnswer,), query=CampaignsQuery, scope="read"),
    Operation(
        "GET",
        f"{_PATH}/seasons",
        "campaign_seasons",
        "Windows of this year and the next",
        (CampaignSeasonsAnswer,),
        scope="read",
    ),
    Operation(
        "POST",
        f"{_PATH}/preview",
        "campaign_preview",
        "Texts as a sample recipient would get them; nothing is kept",
        (CampaignPreviewAnswer,),
        CampaignPreviewBody,
        scope="read",
    ),
    Operation(
        "POST",
        f"{_PATH}/drafts",
        "campaign_drafts",
        "Have texts drafted, by a model where there is one; nothing is kept",
        (CampaignDraftsAnswer,),
        CampaignDraftsBody,
        errors=(404, 429),
    ),
    Operation("POST", _PATH, "campaign_create", "Make a draft", _RECORD, CampaignBody, errors=(404, 409), scope="write"),
    Operation("GET", _ONE, "campaign", "One campaign, whole", _RECORD, errors=(404,), scope="read"),
    Operation("PATCH", _ONE, "campaign_change", "Change it before it is started", _RECORD, CampaignPatch, errors=(404, 409), scope="write"),
    _deed("approve", "campaign_approve", "Approve what is sent, to whom and when (owner, admin)", CampaignRevBody),
    _deed("withdraw", "campaign_withdraw", "Take the approval back (owner, admin)", CampaignRevBody),
    _deed("start", "campaign_start", "Fix the recipients and begin, at once or at its day and hour (owner, admin)", StartCampaignBody),
    _deed("pause", "campaign_pause", "Stop sending until it is resumed"),
    _deed("resume", "campaign_resume", "Go on sending (owner, admin)"),
    _deed("stop", "campaign_stop", "Stop it for good; what has not left does not leave"),
    Operation(
        "POST",
        f"{_ONE}/duplicate",
        "campaign_duplicate",
        "Make a draft like it",
        _RECORD,
        DuplicateCampaignBody,
        errors=(404, 409),
        scope="write",
    ),
    Operation("GET", f"{_ONE}/results", "campaign_results", "What came of it", (CampaignResults,), errors=(404,), scope="read"),
    Operation(
        "GET",
        f"{_ONE}/recipients",
        "campaign_recipients",
        "Who got it, and what they did (owner, admin)",
        (RecipientsAnswer,),
        query=RecipientsQuery,
        errors=(404,),
    ),
    Operation(
        "POST",
        f"{_ONE}/export",
        "campaign_export",
        "All recipients as a CSV file, which the trail remembers (owner, admin)",
        (),
        errors=(404,),
        gives="text/csv",
    ),
)
