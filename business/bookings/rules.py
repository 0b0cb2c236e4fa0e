"""When a party may be, and how long it takes: pure rules over the profile. Days and times of day are the venue's, moments are aware.

A party has a *nominal* slot of the day; its start may be moved from it by some minutes. Whatever counts hours counts real ones, also
over a change of the clocks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from business.profile.schemas import Profile
from business.profile.terms import Station

OCCUPYING = ("held", "deposit_pending", "confirmed", "in_progress", "cancellation_requested")
"""The states of a booking in which it holds its lane of the slot, and its chef."""

SlotState = Literal["free", "taken", "too_soon", "too_far_ahead", "past", "not_a_slot"]
Closed = Literal["too_soon", "too_far_ahead", "past"]
Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = ("small", "medium", "large")


@dataclass(frozen=True, slots=True)
class Placed:
    """A start that somebody asked for, at the slot that it belongs to. `moved`: minutes after the slot, negative before it."""

    slot: time
    moved: int
    usual: bool  # not moved by more than is usual


@dataclass(frozen=True, slots=True)
class Hours:
    """A party's hours in UTC. From `busy_from` to `busy_to` it binds a chef: with set-up and clean-up."""

    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_to: datetime


def duration_minutes(profile: Profile, guests: int) -> int:
    """Minutes of cooking and eating for so many guests, set-up and clean-up not counted."""
    rule = profile.slots.duration
    cap = rule.large_cap_minutes if guests >= rule.large_from_guests else rule.cap_minutes
    return min(rule.base_minutes + rule.per_guest_minutes * guests, cap)


def placed(profile: Profile, at: time) -> Placed | None:
    """The nearest slot, the earlier of two; None where `at` is farther from it than a start may be moved."""
    asked = _minute(at)
    slot = min(profile.slots.times, key=lambda slot: (abs(asked - _minute(slot)), slot))
    moved = asked - _minute(slot)
    if abs(moved) > profile.slots.shift_minutes_at_most:
        return None
    return Placed(slot, moved, abs(moved) <= profile.slots.shift_minutes)


def moment(profile: Profile, day: date, at: time) -> datetime | None:
    """That time of that day, in UTC; None where the clocks skip it. Where they show it twice, the first."""
    local = datetime.combine(day, at, profile.business.zone)
    in_utc = local.astimezone(UTC)
    back = in_utc.astimezone(profile.business.zone)
    return in_utc if (back.date(), back.time()) == (day, at) else None


def hours(profile: Profile, starts_at: datetime, guests: int) -> Hours:
    """From the begin of the set-up to the end of the clean-up."""
    rule, start = profile.slots.duration, starts_at.astimezone(UTC)
    end = start + timedelta(minutes=duration_minutes(profile, guests))
    return Hours(start, end, start - timedelta(minutes=rule.set_up_minutes), end + timedelta(minutes=rule.clean_up_minutes))


def closed(profile: Profile, starts_at: datetime, now: datetime) -> Closed | None:
    """Why nobody may book a start at all any more, or yet; None where they may."""
    ahead = starts_at.astimezone(UTC) - now.astimezone(UTC)
    if ahead <= timedelta(0):
        return "past"
    if ahead < timedelta(hours=profile.slots.ahead_at_least_hours):
        return "too_soon"
    zone = profile.business.zone
    days = starts_at.astimezone(zone).date() - now.astimezone(zone).date()
    return "too_far_ahead" if days.days > profile.slots.ahead_at_most_days else None


def chefs_decide(profile: Profile, starts_at: datetime, now: datetime) -> bool:
    """Whether the chefs' own time decides by now; before that the station's capacity does."""
    return starts_at - now <= timedelta(days=profile.slots.chefs_decide_within_days)


def size(profile: Profile, guests: int) -> Size:
    """The class of a party."""
    rule = profile.slots.chef_choice
    if guests <= rule.small_up_to:
        return "small"
    return "medium" if guests <= rule.medium_up_to else "large"


def person_decides(
    profile: Profile,
    *,
    guests: int | None = None,
    miles: Decimal | None = None,
    station: Station | None = None,
    starts_at: datetime | None = None,
    now: datetime | None = None,
    topics: Collection[str] = (),
) -> tuple[str, ...]:
    """Why a person has to decide, of what is known: `guests`, `soon`, `far`, and the profile's topics that came up. Empty: nobody."""
    found = []
    if guests is not None and guests >= profile.booking.person_from_guests:
        found.append("guests")
    if starts_at is not None and now is not None and closed(profile, starts_at, now) in ("too_soon", "past"):
        found.append("soon")
    if miles is not None and miles > (station or profile.travel.stations[0]).confirm_over_miles:
        found.append("far")
    return (*found, *(topic for topic in profile.booking.person_decides if topic in topics))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
