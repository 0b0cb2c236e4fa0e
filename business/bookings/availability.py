"""What is free: asked of the database, each time. The answer is a picture of a moment; a hold alone is a promise."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import diary, rules
from business.bookings.chefs import Spot
from business.bookings.diary import Alternative, Question, SlotAvailability
from business.profile.schemas import Profile
from business.profile.terms import Station
from kernel.errors import NotFound

NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class DayAvailability:
    """A day's slots in order. `asked`: the slot that was asked for, with the start moved as asked; state `not_a_slot` where the time
    belongs to none; None where no time was given. `alternatives`: where what was asked for is not free."""

    day: date
    slots: tuple[SlotAvailability, ...]
    asked: SlotAvailability | None
    alternatives: tuple[Alternative, ...]

    @property
    def free(self) -> tuple[SlotAvailability, ...]:
        return tuple(slot for slot in self.slots if slot.free)


async def check(
    connection: AsyncConnection,
    profile: Profile,
    *,
    day: date,
    at: time | None,
    guests: int,
    station: str | None,
    now: datetime,
    spot: Spot = NOWHERE,
    besides: UUID | None = None,
) -> DayAvailability:
    """How a day stands for a party. `at`: the start that is asked for, at the venue; `station` None: the first of the profile;
    `besides`: the asking conversation, whose own hold is not in its way. Raises NotFound for an unknown station."""
    question = Question(station_of(profile, station), guests, spot, now)
    there = await diary.read(connection, question.station.key, diary.days_to_read(day), besides)
    slots = tuple(there.slot(profile, question, day, slot) for slot in sorted(profile.slots.times))
    if at is None:
        some = any(slot.free for slot in slots)
        others = () if some else there.alternatives(profile, question, day, profile.slots.times[0])
        return DayAvailability(day, slots, None, others)
    asked = asked_slot(profile, there, question, day, at)
    if asked.state != "not_a_slot":
        slots = tuple(asked if slot.slot == asked.slot else slot for slot in slots)
    return DayAvailability(day, slots, asked, () if asked.free else there.alternatives(profile, question, day, at))


def asked_slot(profile: Profile, there: diary.Diary, question: Question, day: date, at: time) -> SlotAvailability:
    """How the slot stands that a start belongs to."""
    placed = rules.placed(profile, at)
    if placed is None:
        return SlotAvailability(at, at, rules.moment(profile, day, at), "not_a_slot")
    return there.slot(profile, question, day, placed.slot, at)


def station_of(profile: Profile, key: str | None) -> Station:
    """The station of this key, the first without one. Raises NotFound."""
    if key is None:
        return profile.travel.stations[0]
    for station in profile.travel.stations:
        if station.key == key:
            return station
    raise NotFound("There is no such station.")
