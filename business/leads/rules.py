"""How promising a lead is: pure, every weight from the profile."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from business.profile.schemas import Profile

Temperature = Literal["hot", "warm", "cold"]
BY_CHANNEL = {"web": "chat", "sms": "sms"}
SETTLED = ("converted", "disqualified")


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


def days_ahead(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days


def _date_points(profile: Profile, ahead: int | None) -> int:
    """Of the windows that a day lies in, the first of the profile counts."""
    if ahead is None:
        return 0
    return next((window.score for window in profile.leads.score.dates if window.from_days <= ahead <= window.to_days), 0)
