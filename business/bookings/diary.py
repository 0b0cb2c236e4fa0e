"""Whether there is room at a station: pure answers from what stands on some days, and the one reader that fetches it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import chefs, rules
from business.bookings.chefs import Chef, Engaged, Spot, Wanted, WorkTime
from business.bookings.rules import OCCUPYING, SlotState
from business.profile.schemas import Profile
from business.profile.terms import Station
from kernel.tables import ops

LAPSED = and_(ops.Booking.status == "held", ops.Booking.hold_until <= func.clock_timestamp())
"""A hold that is over, by PostgreSQL's clock, also where nobody has written so yet."""

AlternativeKind = Literal["same_day", "next_day", "next_week"]


@dataclass(frozen=True, slots=True)
class Seat:
    """What a party gets: a lane of its slot, and a chef where chefs decide."""

    lane: int
    chef: int | None


@dataclass(frozen=True, slots=True)
class SlotAvailability:
    """How a slot stands. `at`: the start, moved from the slot where that was asked for; `starts_at` None where the clocks skip it."""

    slot: time
    at: time
    starts_at: datetime | None
    state: SlotState

    @property
    def free(self) -> bool:
        return self.state == "free"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another slot that is free. `kind`: why it is offered."""

    kind: AlternativeKind
    day: date
    slot: time
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one day: how many guests, where, at which station. `asked`, `known`: chefs by number, as in `Wanted`.
    `short_notice`: it may be sooner than a customer may ask for."""

    station: Station
    guests: int
    spot: Spot
    now: datetime
    asked: int | None = None
    known: frozenset[int] = frozenset()
    short_notice: bool = False

    def wanted(self, profile: Profile, day: date, slot: time, starts_at: datetime) -> Wanted:
        """The party at that start."""
        hours = rules.hours(profile, starts_at, self.guests)
        return Wanted(day, slot, hours, self.guests, self.spot, self.asked, self.known)


@dataclass(frozen=True, slots=True)
class Diary:
    """What stands at a station on the days that were read, and who cooks there. No chefs: none are registered."""

    engaged: tuple[Engaged, ...]
    chefs: tuple[Chef, ...]

    def seat(self, profile: Profile, station: Station, wanted: Wanted, now: datetime) -> Seat | None:
        """A place for the party; None where there is none."""
        used = {party.lane for party in self.engaged if (party.day, party.slot) == (wanted.day, wanted.slot)}
        lane = next(lane for lane in count(1) if lane not in used)
        if self.chefs and rules.chefs_decide(profile, wanted.hours.starts_at, now):
            able = chefs.choice(profile, station, self.chefs, self.engaged, wanted)
            return Seat(lane, able[0].number) if able else None
        return Seat(lane, None) if lane <= station.capacity_per_slot else None

    def slot(self, profile: Profile, asked: Question, day: date, slot: time, at: time | None = None) -> SlotAvailability:
        """How a slot of a day stands, for a start at `at`."""
        at = at or slot
        starts_at = rules.moment(profile, day, at)
        if starts_at is None:
            return SlotAvailability(slot, at, None, "not_a_slot")
        closed = rules.closed(profile, starts_at, asked.now)
        if closed is not None and not (closed == "too_soon" and asked.short_notice):
            return SlotAvailability(slot, at, starts_at, closed)
        seat = self.seat(profile, asked.station, asked.wanted(profile, day, slot, starts_at), asked.now)
        return SlotAvailability(slot, at, starts_at, "taken" if seat is None else "free")

    def alternatives(self, profile: Profile, asked: Question, day: date, at: time) -> tuple[Alternative, ...]:
        """At most one of each kind, in the profile's order, free ones alone. The asked slot itself is none of them."""
        placed = rules.placed(profile, at)
        slot = placed.slot if placed else None
        nearest = sorted(profile.slots.times, key=lambda other: (abs(_minutes(other) - _minutes(at)), other))
        candidates: dict[AlternativeKind, tuple[date, list[time]]] = {
            "same_day": (day, [other for other in nearest if other != slot]),
            "next_day": (day + timedelta(days=1), nearest),
            "next_week": (day + timedelta(days=7), nearest[:1]),
        }
        found = []
        for kind in profile.slots.alternatives:
            on, slots = candidates[kind]
            for other in slots:
                seen = self.slot(profile, asked, on, other)
                if seen.free and seen.starts_at is not None:
                    found.append(Alternative(kind, on, other, seen.starts_at))
                    break
        return tuple(found)


def days_to_read(day: date) -> set[date]:
    """The day and those on which alternatives lie, each with its neighbours: a chef's party may reach over midnight."""
    return {day + timedelta(days=n + near) for n in (0, 1, 7) for near in (-1, 0, 1)}


async def read(
    connection: AsyncConnection, station: str, days: Collection[date], besides: UUID | None = None, without: UUID | None = None
) -> Diary:
    """What occupies a station on these days by now. `besides`: a conversation whose own hold shall not be in its way; `without`: a booking
    that is about to move."""
    booking = ops.Booking
    query = select(
        booking.day,
        booking.slot,
        booking.lane,
        booking.busy,
        booking.chef_number,
        booking.latitude,
        booking.longitude,
        booking.miles,
    ).where(booking.station == station, booking.day.in_(days), booking.status.in_(OCCUPYING), not_(LAPSED))
    if besides is not None:
        query = query.where(or_(booking.status != "held", booking.conversation_id != besides))
    if without is not None:
        query = query.where(booking.id != without)
    engaged = tuple(
        Engaged(
            row.day,
            row.slot,
            row.lane,
            row.busy.lower,
            row.busy.upper,
            row.chef_number,
            Spot(row.latitude, row.longitude, row.miles),
        )
        for row in await connection.execute(query)
    )
    return Diary(engaged, await read_chefs(connection, station))


async def read_chefs(connection: AsyncConnection, station: str) -> tuple[Chef, ...]:
    """Who cooks from a station now, with their calendars."""
    active = select(ops.Chef).where(ops.Chef.station == station, ops.Chef.active).order_by(ops.Chef.number)
    rows = (await connection.execute(active)).all()
    times: dict[UUID, list[WorkTime]] = {row.id: [] for row in rows}
    if rows:
        lines = select(ops.ChefTime).where(ops.ChefTime.chef_id.in_(times))
        for line in await connection.execute(lines):
            times[line.chef_id].append(WorkTime(line.kind, line.weekday, line.day, line.from_minute, line.to_minute))
    return tuple(Chef(row.number, row.name, row.largest, row.rating, tuple(times[row.id])) for row in rows)


async def known_chefs(connection: AsyncConnection, customer: UUID) -> frozenset[int]:
    """Who has cooked for this customer, by number."""
    cooked = (ops.Booking.customer_id == customer, ops.Booking.status == "completed", ops.Booking.chef_number.is_not(None))
    return frozenset(await connection.scalars(select(ops.Booking.chef_number).where(*cooked).distinct()))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
