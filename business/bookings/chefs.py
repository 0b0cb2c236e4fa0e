"""Which chef comes: pure. Who works then, takes a party of that size, is free, and gets there in time from the party before and to the
one after; of those the one with the highest score, which says what it is made of."""

from collections.abc import Mapping
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
    """A party that needs a place. `asked`: the chef whom the customer asks for, `known`: who has cooked for them before."""

    day: date
    slot: time
    hours: Hours
    guests: int
    spot: Spot = Spot()
    asked: int | None = None
    known: frozenset[int] = frozenset()


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


Out = Literal["size", "hours", "busy", "way"]
"""Why a chef cannot come: the party is too large for them, they do not work then, they cook elsewhere, the way is too long in between."""

HALF = 50


@dataclass(frozen=True, slots=True)
class Scored:
    """A chef and their points for one party; `parts` adds up to `score`. `out`: why they cannot come; None where they can."""

    chef: Chef
    parts: Mapping[str, int]
    out: Out | None

    @property
    def score(self) -> int:
        return sum(self.parts.values())


def choice(profile: Profile, station: Station, chefs: tuple[Chef, ...], engaged: tuple[Engaged, ...], wanted: Wanted) -> tuple[Chef, ...]:
    """Who may take the party, the first choice first. Empty also where those who may are needed for parties that have no chef yet."""
    able = [one.chef for one in ranked(profile, station, chefs, engaged, wanted) if one.out is None]
    if len(able) <= sum(party.chef is None and party.overlaps(wanted.hours) for party in engaged):
        return ()
    return tuple(able)


def ranked(profile: Profile, station: Station, chefs: tuple[Chef, ...], engaged: tuple[Engaged, ...], wanted: Wanted) -> tuple[Scored, ...]:
    """Every chef with their points: who can come first, by points, the lower number where they are even."""
    scored = [
        Scored(chef, points(profile, station, chef, engaged, wanted), reason(profile, station, chef, engaged, wanted)) for chef in chefs
    ]
    return tuple(sorted(scored, key=lambda one: (one.out is not None, -one.score, one.chef.number)))


def points(profile: Profile, station: Station, chef: Chef, engaged: tuple[Engaged, ...], wanted: Wanted) -> dict[str, int]:
    """What speaks for a chef, in whole points up to the profile's weights. `travel`: the shorter the way from where they come; nothing is
    left of it at the distance that a person confirms. `skill`: the closer their largest class is to the party's, so that who can take the
    large ones stays free for them. `workload`: the fewer parties that day. `rating`: of five; unrated counts as half. `preference`: they
    have cooked for this customer. `asked_for`: the customer asks for them."""
    weights, slots = profile.slots.chef_choice, len(profile.slots.times)
    above = SIZES.index(chef.largest) - SIZES.index(size(profile, wanted.guests))
    parties = sum(party.chef == chef.number and party.day == wanted.day for party in engaged)
    longest = station.confirm_over_miles * 60 / profile.travel.planning_mph
    way = way_minutes(profile, station, chef, engaged, wanted)
    shares = {
        "travel": (weights.travel, 100 * max(0.0, 1 - way / longest) if longest else 0),
        "skill": (weights.skill, 100 * (1 - abs(above) / len(SIZES))),
        "workload": (weights.workload, 100 * max(0.0, 1 - parties / slots)),
        "rating": (weights.rating, HALF if chef.rating is None else float(chef.rating) * 20),
        "preference": (weights.preference, 100 * (chef.number in wanted.known)),
        "asked_for": (weights.asked_for, 100 * (chef.number == wanted.asked)),
    }
    return {name: round(weight * percent / 100) for name, (weight, percent) in shares.items()}


def way_minutes(profile: Profile, station: Station, chef: Chef, engaged: tuple[Engaged, ...], wanted: Wanted) -> int:
    """Planned minutes to the party from the chef's one before it on that day, else from the station."""
    before = [p for p in engaged if p.chef == chef.number and p.day == wanted.day and p.busy_to <= wanted.hours.busy_from]
    if before:
        last = max(before, key=lambda party: party.busy_to)
        return travel_minutes(profile, station, last.spot, wanted.spot, last.busy_to)
    home = Spot(station.latitude, station.longitude, Decimal(0))
    return travel_minutes(profile, station, home, wanted.spot, wanted.hours.busy_from)


def reason(profile: Profile, station: Station, chef: Chef, engaged: tuple[Engaged, ...], wanted: Wanted) -> Out | None:
    """Why the chef cannot come; None where they work then, take such parties, and can be at this one besides those that are theirs."""
    if SIZES.index(size(profile, wanted.guests)) > SIZES.index(chef.largest):
        return "size"
    if not works(profile, chef, wanted.day, wanted.hours):
        return "hours"
    theirs = [party for party in engaged if party.chef == chef.number]
    if any(party.overlaps(wanted.hours) for party in theirs):
        return "busy"
    return None if all(_fits(profile, station, party, wanted) for party in theirs) else "way"


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
    """Whether the way between two parties that do not overlap can be made in time."""
    hours = wanted.hours
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
