"""How promising a lead is, where it may be moved, and until when somebody should look after it: pure, every figure from the profile."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from business.profile import hours
from business.profile.schemas import Profile

Temperature = Literal["hot", "warm", "cold"]
TEMPERATURES: tuple[Temperature, ...] = ("cold", "warm", "hot")
Status = Literal["new", "working", "qualified", "nurturing", "converted", "disqualified"]
STATUSES: tuple[Status, ...] = get_args(Status)
BY_CHANNEL = {"web": "chat", "sms": "sms"}
SETTLED: tuple[Status, ...] = ("converted", "disqualified")
MOVES: dict[Status, tuple[Status, ...]] = {
    "new": ("working", "qualified", "nurturing", "converted", "disqualified"),
    "working": ("qualified", "nurturing", "converted", "disqualified"),
    "qualified": ("working", "nurturing", "converted", "disqualified"),
    "nurturing": ("working", "qualified", "converted", "disqualified"),
    "converted": ("working",),
    "disqualified": ("working", "nurturing"),
}
"""Where a person may move a lead. Nobody has looked after a new one, so that nothing becomes new again; what is settled opens again
before it is settled otherwise."""


@dataclass(frozen=True, slots=True)
class Score:
    """`points` are those of `reasons` added up, and no more than the profile's most."""

    points: int
    temperature: Temperature
    reasons: dict[str, int]


def score(
    profile: Profile,
    *,
    source: str,
    adults: int | None,
    budget_cents: int | None,
    days_ahead: int | None,
    verified_contacts: int,
    recent_events: int,
) -> Score:
    """`days_ahead`: days until the party; `recent_events`: quotes and holds of the last days that the profile counts."""
    rule = profile.leads.score
    reasons = {
        "source": rule.source.get(source, 0),
        "adults": min(rule.per_adult * max(adults or 0, 0), rule.adults_at_most),
        "budget": min(max(budget_cents or 0, 0) // max(rule.budget_cents_per_point, 1), rule.budget_at_most),
        "date": _date_points(profile, days_ahead),
        "contacts": rule.per_verified_contact * verified_contacts,
        "events": rule.per_recent_event * recent_events,
    }
    points = min(sum(reasons.values()), rule.at_most)
    return Score(points, temperature(profile, points), {name: value for name, value in reasons.items() if value})


def temperature(profile: Profile, points: int) -> Temperature:
    rule = profile.leads.score
    if points >= rule.hot_from:
        return "hot"
    return "warm" if points >= rule.warm_from else "cold"


def as_hot(one: Temperature, other: Temperature) -> bool:
    """Whether `one` is as promising as `other`, or more."""
    return TEMPERATURES.index(one) >= TEMPERATURES.index(other)


def may_move(one: Status, to: Status) -> bool:
    return to in MOVES[one]


def waits_until(profile: Profile, found: Temperature, now: datetime) -> datetime | None:
    """When staff are told of a new lead that became so promising `now`, where nobody looks after it: never while nobody is there. None:
    nobody is told of it."""
    rule = next((rule for rule in profile.leads.untouched if rule.temperature == found), None)
    if rule is None:
        return None
    until = hours.after_open(profile, now, rule.minutes) if rule.open_hours else now + timedelta(minutes=rule.minutes)
    return None if until is None else hours.next_open(profile, until) or until


def days_ahead(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days


def _date_points(profile: Profile, ahead: int | None) -> int:
    """Of the windows that a day lies in, the first of the profile counts."""
    if ahead is None:
        return 0
    return next((window.score for window in profile.leads.score.dates if window.from_days <= ahead <= window.to_days), 0)
