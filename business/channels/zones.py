"""In which time zones somebody may be, by their number and by where they live, and when it is day in all of them. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from business.profile.schemas import Profile

# A number that belongs to no place (toll-free, of a pager, of a whole country) may be anywhere among the states and provinces. Islands of
# the western Pacific are left out: with them no hour of summer is day for everybody.
_ANYWHERE = (
    "America/St_Johns", "America/Halifax", "America/Puerto_Rico", "America/New_York", "America/Chicago", "America/Denver",
    "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip
# Area codes whose places lie in more zones than the table says: laid over an older one that is split, or split at the edge of a state.
_EAST, _MIDDLE, _MOUNTAIN, _WEST = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
_ALSO = {
    "1236": ("America/Vancouver", "America/Edmonton"), "1334": (_EAST, _MIDDLE), "1364": (_EAST, _MIDDLE),
    "1367": ("America/Toronto", "America/Halifax"), "1402": (_MIDDLE, _MOUNTAIN), "1432": (_MIDDLE, _MOUNTAIN),
    "1448": (_EAST, _MIDDLE), "1458": (_MOUNTAIN, _WEST), "1474": ("America/Regina", "America/Edmonton"),
    "1531": (_MIDDLE, _MOUNTAIN), "1581": ("America/Toronto", "America/Halifax"), "1672": ("America/Vancouver", "America/Edmonton"),
    "1689": (_EAST,), "1729": (_EAST, _MIDDLE), "1778": ("America/Vancouver", "America/Edmonton"), "1879": ("America/Halifax",),
    "1930": (_EAST, _MIDDLE), "1931": (_EAST, _MIDDLE), "1986": (_MOUNTAIN, _WEST),
}  # fmt: skip
_STEP = timedelta(minutes=15)
_AHEAD = timedelta(days=3)


@lru_cache(maxsize=4096)
def zones_of(number: str) -> tuple[ZoneInfo, ...]:
    """Every zone that a number (E.164) may be in: of North America all zones of its area code, since numbers move with people;
    elsewhere those of its country or region."""
    from phonenumbers import parse
    from phonenumbers.timezone import time_zones_for_number

    parsed = parse(number)
    if parsed.country_code == 1:
        return _zones(_of_area(number[1:5]))
    return _zones([name for name in time_zones_for_number(parsed) if name != "Etc/Unknown"] or _ANYWHERE)


def zones_at(zip_code: str | None) -> tuple[ZoneInfo, ...]:
    """The zone of a US ZIP code; none where it is not known."""
    import zipcodes

    code = (zip_code or "")[:5]
    if len(code) != 5 or not (code.isascii() and code.isdecimal()):  # other digits make the table's code panic
        return ()
    rows = zipcodes.matching(code)  # type: ignore[no-untyped-call]
    return _zones(sorted({row["timezone"] for row in rows if row["timezone"]}))


def is_open(now: datetime, zones: Iterable[ZoneInfo], profile: Profile) -> bool:
    """Whether texts that nobody waits for may go: in each of the zones it is day, by the profile's hours."""
    rules = profile.messages.sms
    return all(_within(now.astimezone(zone).time(), rules.from_time, rules.to_time) for zone in zones)


def opening(now: datetime, zones: Sequence[ZoneInfo], profile: Profile) -> datetime:
    """Now, or the first moment from now on at which it is day in all zones. Where they have no hour in common, as with the narrow hours of
    some profile, those that stand first count: the address before the number."""
    if is_open(now, zones, profile):
        return now
    moment = _quarter(now)
    while moment <= now + _AHEAD:
        if is_open(moment, zones, profile):
            return moment
        moment += _STEP
    return opening(now, zones[:-1], profile) if len(zones) > 1 else now + _AHEAD


def _within(at: time, opens: time, closes: time) -> bool:
    return opens <= at < closes


def _quarter(now: datetime) -> datetime:
    """The next full quarter of an hour: each zone is so many of them from UTC."""
    bare = now.replace(second=0, microsecond=0)
    return bare + timedelta(minutes=15 - bare.minute % 15)


def _of_area(area: str) -> tuple[str, ...]:
    found = {*_areas().get(area, ()), *_ALSO.get(area, ())}
    return tuple(sorted(found)) or _ANYWHERE


@lru_cache(maxsize=1)
def _areas() -> dict[str, set[str]]:
    """Zones by country code 1 and area code, put together from every exchange of it."""
    from phonenumbers.tzdata import TIMEZONE_DATA

    areas: dict[str, set[str]] = {}
    for prefix, names in TIMEZONE_DATA.items():
        if len(prefix) >= 4 and prefix.startswith("1"):
            areas.setdefault(prefix[:4], set()).update(names)
    return areas


def _zones(names: Iterable[str]) -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in names)
