"""Which chef comes: pure. Who works then, takes a party of that size, is free, and gets there in time from the party before and to the
one after; of those the one with the fewest parties that day, then the better rated."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Literal

from business.bookings.rules import SIZES, Hours, Size, size
from business.profile.schemas import Profile
from business.profile.terms import WEEKDAYS, Station
from business.travel.rules import great_circle_miles


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a party is, as far as it is known. `miles`: one way from the station."""

    latitude: float | None = None
    longitude: float | None = None
    miles: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WorkTime:
    """A line of a chef's calendar, as in `ops.chef_time`."""

    kind: Literal["weekly", "on", "off"]
    weekday: int | None = None
    day: date | None = None
    from_minute: int | None = None
    to_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Chef:
    number: int
    name: str
    largest: Size
    rating: Decimal | None = None
    times: tuple[WorkTime, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A party that needs a place."""

    day: date
    slot: time
    hours: Hours
    guests: int
    spot: Spot = Spot()


@dataclass(frozen=True, slots=True)
class Engaged:
    """A party that has one. `chef`: None while none was chosen."""

    day: date
    slot: time
    lane: int
    busy_from: datetime
    busy_to: datetime
    chef: int | None
    spot: Spot = Spot()

    def overlaps(self, hours: Hours) -> bool:
        return self.busy_from < hours.busy_to and hours.busy_from < self.busy_to


def choice(profile: Profile, station: Station, chefs: tuple[Chef, ...], engaged: tuple[Engaged, ...], wanted: Wanted) -> tuple[Chef, ...]:
    """Who may take the party, the first choice first. Empty also where those who may are needed for parties that have no chef yet."""
    able = [chef for chef in chefs if may_take(profile, station, chef, engaged, wanted)]
    if len(able) <= sum(party.chef is None and party.overlaps(wanted.hours) for party in engaged):
        return ()

    def parties(chef: Chef) -> int:
        return sum(party.chef == chef.number and party.day == wanted.day for party in engaged)

    return tuple(sorted(able, key=lambda chef: (parties(chef), -(chef.rating or 0), chef.number)))


def may_take(profile: Profile, station: Station, chef: Chef, engaged: tuple[Engaged, ...], wanted: Wanted) -> bool:
    """Whether the chef works then, takes such parties, and can be at this one besides those that are theirs."""
    if SIZES.index(size(profile, wanted.guests)) > SIZES.index(chef.largest) or not works(profile, chef, wanted.day, wanted.hours):
        return False
    return all(_fits(profile, station, party, wanted) for party in engaged if party.chef == chef.number)


def works(profile: Profile, chef: Chef, day: date, hours: Hours) -> bool:
    """Whether the whole of the busy time lies in a span in which the chef works on that day. Without any hours: in all that are not off."""

    def span(line: WorkTime) -> tuple[datetime, datetime]:
        return _at(profile, day, line.from_minute or 0), _at(profile, day, line.to_minute or 24 * 60)

    for line in chef.times:
        if line.kind == "off" and line.day == day:
            if line.from_minute is None:
                return False
            from_time, to_time = span(line)
            if from_time < hours.busy_to and hours.busy_from < to_time:
                return False
    theirs = [line for line in chef.times if (line.day == day and line.kind == "on") or line.weekday == day.weekday()]
    if not any(line.kind == "weekly" for line in chef.times):
        return True
    return any(from_time <= hours.busy_from and hours.busy_to <= to_time for from_time, to_time in map(span, theirs))


def travel_minutes(profile: Profile, station: Station, one: Spot, other: Spot, leaves: datetime) -> int:
    """Planned minutes between two parties, rounded up; slower in the rush. Never told to a customer."""
    travel, local = profile.travel, leaves.astimezone(profile.business.zone)
    in_rush = WEEKDAYS[local.weekday()] in travel.rush.days and travel.rush.from_time <= local.time() < travel.rush.to_time
    mph = travel.rush_mph if in_rush else travel.planning_mph
    return ceil(_miles(profile, station, one, other) * 60 / mph)


def _fits(profile: Profile, station: Station, party: Engaged, wanted: Wanted) -> bool:
    hours = wanted.hours
    if party.overlaps(hours):
        return False
    leaves, arrives = (party.busy_to, hours.busy_from) if party.busy_to <= hours.busy_from else (hours.busy_to, party.busy_from)
    return leaves + timedelta(minutes=travel_minutes(profile, station, party.spot, wanted.spot, leaves)) <= arrives


def _miles(profile: Profile, station: Station, one: Spot, other: Spot) -> float:
    """By the road between two known places; else by way of the station, where an unknown place is as far as the free miles go."""
    if one.latitude is not None and one.longitude is not None and other.latitude is not None and other.longitude is not None:
        straight = great_circle_miles(one.latitude, one.longitude, other.latitude, other.longitude)
        return straight * profile.travel.road_percent / 100
    return sum(float(station.free_miles if spot.miles is None else spot.miles) for spot in (one, other))


def _at(profile: Profile, day: date, minute: int) -> datetime:
    """A minute by the clock on the wall, counted from the day's midnight."""
    on = day + timedelta(days=minute // (24 * 60))
    local = datetime.combine(on, time(minute // 60 % 24, minute % 60), profile.business.zone)
    return local.astimezone(UTC)
