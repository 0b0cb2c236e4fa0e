"""What came of a campaign, as values (campaigns_wire.py has its operations)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge

Outcome = Literal["planned", "skipped", "waiting", "sent", "delivered", "failed", "replied", "booked", "opted_out"]


class CampaignTally(Edge):
    """Recipients, by what became of them. `recipients` = planned + skipped + written. Of those written: `waiting` for the provider, `sent`
    (with those delivered), `delivered`, `failed`; of all: `replied`, `booked`, `opted_out`, `reminded`."""

    recipients: int
    planned: int
    skipped: int
    waiting: int
    sent: int
    delivered: int
    failed: int
    replied: int
    booked: int
    opted_out: int
    reminded: int
    segments: int
    cost_microdollars: int
    revenue_cents: int


class ResultPoint(Edge):
    """What happened from `at` on, for an hour or a day."""

    at: datetime
    sent: int
    delivered: int
    failed: int
    replied: int
    booked: int
    opted_out: int


class SkippedWhy(Edge):
    why: str
    recipients: int


class ZoneProgress(Edge):
    zone: str
    planned: int
    written: int
    skipped: int
    next_at: datetime | None = None


class CampaignResults(Edge):
    """What came of it. `unit` of the series: hours of the first two days, else days by the business's clock."""

    tally: CampaignTally
    opt_out_share: float
    skipped: tuple[SkippedWhy, ...]
    zones: tuple[ZoneProgress, ...]
    unit: Literal["hour", "day"]
    series: tuple[ResultPoint, ...]


class RecipientsQuery(Edge):
    outcome: Outcome | None = None
    after: Annotated[str, Field(pattern=r"^\+[1-9]\d{7,14}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CampaignRecipient(Edge):
    """`text_state`: of the first text. `why`: it was skipped, or failed."""

    number: str
    customer: UUID
    name: str | None = None
    conversation: UUID | None = None
    locale: str
    zone: str
    state: Literal["planned", "written", "skipped"]
    text_state: str | None = None
    why: str | None = None
    due_at: datetime
    written_at: datetime | None = None
    replied_at: datetime | None = None
    booked_at: datetime | None = None
    booking: UUID | None = None
    opted_out_at: datetime | None = None
    reminded: bool


class RecipientsAnswer(Edge):
    """By number; `after` is absent on the last page."""

    items: tuple[CampaignRecipient, ...]
    after: str | None = None
