"""When people answer: pure questions to the profile's hours, `now` given, daylight saving minded."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from business.profile.schemas import Profile
from business.profile.terms import WEEKDAYS

# A profile closed for longer than this has no next opening: long enough for a business's own holidays.
LOOK_AHEAD_DAYS = 62
Span = tuple[time, time]


def is_open(profile: Profile, now: datetime) -> bool:
    """Whether people answer at `now` (aware)."""
    return any(start <= now < end for start, end in _spans(profile, now, 1))


def next_open(profile: Profile, now: datetime) -> datetime | None:
    """When people answer next, in the business's zone: `now` itself while open; None if never within two months."""
    local = now.astimezone(profile.business.zone)
    if is_open(profile, now):
        return local
    return next((start for start, _ in _spans(profile, now, LOOK_AHEAD_DAYS) if start > now), None)


def expected_minutes(profile: Profile, now: datetime, answer: int | None = None) -> int | None:
    """Minutes until a person has probably answered, rounded up; None where no opening is in sight. `answer`: minutes that it takes while
    people are there, else what the profile says."""
    opening = next_open(profile, now)
    if opening is None:
        return None
    wait = opening.astimezone(UTC) - now.astimezone(UTC)
    return -int(-wait.total_seconds() // 60) + (profile.people.reply_minutes if answer is None else answer)


def after_open(profile: Profile, start: datetime, minutes: int) -> datetime | None:
    """When people have been there for so many minutes since `start`; None where that is not within two months."""
    left = timedelta(minutes=minutes)
    for opens, closes in _spans(profile, start, LOOK_AHEAD_DAYS):
        begins = max(opens.astimezone(UTC), start.astimezone(UTC))
        there = closes.astimezone(UTC) - begins
        if there >= left:
            return begins + left
        left -= max(there, timedelta())
    return None


def hours_on(profile: Profile, day: date) -> tuple[Span, ...]:
    """When people answer on a date, in order: a special day's own hours, else those of its weekday."""
    for special in profile.people.special_days:
        if special.date == day:
            closed = special.from_time is None or special.to_time is None
            return () if closed else ((special.from_time, special.to_time),)  # type: ignore[return-value]
    return weekly(profile, day.weekday())


def weekly(profile: Profile, weekday: int) -> tuple[Span, ...]:
    """The usual hours of a weekday, Monday being 0, in order."""
    name = WEEKDAYS[weekday]
    return tuple(sorted((hours.from_time, hours.to_time) for hours in profile.people.hours if name in hours.days))


def _spans(profile: Profile, now: datetime, ahead: int) -> Iterator[tuple[datetime, datetime]]:
    zone = profile.business.zone
    today = now.astimezone(zone).date()
    for offset in range(ahead):
        day = today + timedelta(days=offset)
        for start, end in hours_on(profile, day):
            yield datetime.combine(day, start, zone), datetime.combine(day, end, zone)
