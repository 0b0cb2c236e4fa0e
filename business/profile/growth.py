"""How the business grows: leads, reviews, loyalty, messages and campaigns."""

from typing import Annotated, Literal

from pydantic import Field

from business.profile.fields import Cents, Count, Hours, Key, LocalText, Part, Percent, Points, TimeOfDay

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Window(Part):
    """A score for an event that is between so many days away."""

    from_days: Count
    to_days: Count
    score: Count


class LeadScore(Part):
    source: dict[Key, Count]
    per_adult: Count
    adults_at_most: Count
    budget_cents_per_point: Cents
    budget_at_most: Count
    dates: tuple[Window, ...]
    per_verified_contact: Count
    per_recent_event: Count
    recent_days: Count
    at_most: Count
    hot_from: Count
    warm_from: Count


class Untouched(Part):
    """How long a new lead of this temperature may wait before staff are told. `open_hours`: only while people answer it counts."""

    temperature: Literal["hot", "warm", "cold"]
    minutes: Annotated[int, Field(strict=True, ge=1, le=60 * 24 * 60)]
    open_hours: bool = False


class Leads(Part):
    sources: tuple[Key, ...]
    statuses: tuple[Key, ...]
    # Of a temperature that is not named here nobody is told.
    untouched: tuple[Untouched, ...] = ()
    score: LeadScore
    # Hours after the cause at which a message goes out.
    nurture_hours: dict[Key, tuple[Hours, ...]]


class Coupon(Part):
    """The lesser of both limits; only with a person's approval."""

    percent_at_most: Percent
    cents_at_most: Cents
    active_per_customer: Count
    months: Count
    needs_approval: bool


class Reviews(Part):
    answers: dict[Key, Key]
    sites: tuple[str, ...]
    coupon: Coupon


class Tier(Part):
    name: str
    from_points: Points


class Reward(Part):
    points: Points
    cents: Cents


class Loyalty(Part):
    earn: dict[Key, Points]
    tiers: tuple[Tier, ...]
    rewards: tuple[Reward, ...]
    expires: bool


class Sms(Part):
    """Consent is kept with its text, time and source. Words count only as the whole message."""

    per_month: Count
    from_time: TimeOfDay
    to_time: TimeOfDay
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]
    help_words: tuple[str, ...]
    characters: Count


class Season(Part):
    """A campaign's send window, by month and day of any year; without an end it starts there."""

    key: Key
    name: LocalText
    opens: MonthDay
    closes: MonthDay | None = None


class Campaigns(Part):
    seasons: tuple[Season, ...]
    win_back_months: Count
    win_back_percent: Percent
    variants: tuple[Key, ...]
    needs_approval: bool


class Messages(Part):
    sms: Sms
    campaigns: Campaigns
    emails: tuple[Key, ...]
