"""When people answer: pure questions to the profile's hours, `now` given, daylight saving minded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from business.profile.schemas import Profile
from business.profile.terms import WEEKDAYS

# A profile closed for longer than this has no next opening.
LOOK_AHEAD_DAYS = 8


def is_open(profile: Profile, now: datetime) -> bool:
    """Whether people answer at `now` (aware)."""
    return any(start <= now < end for start, end in _spans(profile, now))


def next_open(profile: Profile, now: datetime) -> datetime | None:
    """When people answer next, in the business's zone: `now` itself while open; None if never within a week."""
    local = now.astimezone(profile.business.zone)
    if is_open(profile, now):
        return local
    return min((start for start, _ in _spans(profile, now) if start > now), default=None)


def expected_minutes(profile: Profile, now: datetime) -> int | None:
    """Minutes until a person has probably answered, rounded up; None where no opening is in sight."""
    opening = next_open(profile, now)
    if opening is None:
        return None
    wait = opening.astimezone(UTC) - now.astimezone(UTC)
    return -int(-wait.total_seconds() // 60) + profile.people.reply_minutes


def _spans(profile: Profile, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    zone = profile.business.zone
    today = now.astimezone(zone).date()
    for offset in range(-1, LOOK_AHEAD_DAYS):
        day = today + timedelta(days=offset)
        for hours in profile.people.hours:
            if WEEKDAYS[day.weekday()] in hours.days:
                yield (
                    datetime.combine(day, hours.from_time, zone),
                    datetime.combine(day, hours.to_time, zone),
                )
