"""Who cooks a party: chosen by points, or by a person, who sees what the points are made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import chefs, diary
from business.bookings.availability import station_of
from business.bookings.chefs import Out, Scored
from business.bookings.moving import question_of
from business.bookings.records import around, changed, lock_chefs, locked, raced, read, refused, written
from business.bookings.requests import CLOCK, BookingView, By, Changed, view
from business.bookings.rules import OCCUPYING
from business.conversations.log import Writing
from business.profile.schemas import Profile
from kernel.errors import Conflict, NotFound

WHY: dict[Out, str] = {
    "size": "{name} does not take parties of that size.",
    "hours": "{name} does not work then.",
    "busy": "{name} cooks at another party then.",
    "way": "{name} cannot get there in time from another party.",
}


async def scores(connection: AsyncConnection, profile: Profile, booking: BookingView, now: datetime) -> tuple[Scored, ...]:
    """Every chef of the station with their points for this party, the best first; who cannot come last, with the reason."""
    question = await question_of(connection, profile, booking, now)
    there = await diary.read(connection, booking.station, around(booking.day), without=booking.id)
    wanted = question.wanted(profile, booking.day, booking.slot, booking.starts_at)
    return chefs.ranked(profile, question.station, there.chefs, there.engaged, wanted)


async def assign_chef(
    connection: AsyncConnection, profile: Profile, booking: UUID, chef_number: int | None, by: By, now: datetime
) -> Changed:
    """This chef comes; None: nobody yet. Raises NotFound, Conflict where they cannot come, in a sentence."""
    async with written(connection, booking) as log:
        row = await _own(log, profile, booking)
        if row.chef_number == chef_number:
            return Changed(view(row), log.announcement)
        if chef_number is not None:
            _may_come(await scores(connection, profile, view(row), now), chef_number)
        return await _assigned(log, profile, row, chef_number, by)


async def assign_best(connection: AsyncConnection, profile: Profile, booking: UUID, now: datetime) -> Changed | None:
    """Who has the most points comes, where nobody was chosen. None where somebody was, or nobody can."""
    async with written(connection, booking) as log:
        row = await _own(log, profile, booking)
        able = [one.chef.number for one in await scores(connection, profile, view(row), now) if one.out is None]
        if row.chef_number is not None or not able:
            return None
        return await _assigned(log, profile, row, able[0], CLOCK)


async def _own(log: Writing, profile: Profile, booking: UUID) -> Any:
    """The row, which has a place, with the chefs of its days locked."""
    before = view(await read(log.connection, booking))
    await lock_chefs(log.connection, station_of(profile, before.station), around(before.day))
    row = await locked(log.connection, booking)
    if row.status not in OCCUPYING:
        raise refused(row)
    return row


def _may_come(ranked: tuple[Scored, ...], number: int) -> None:
    found = next((one for one in ranked if one.chef.number == number), None)
    if found is None:
        raise NotFound("There is no such chef at this station.")
    if found.out is not None:
        raise Conflict(WHY[found.out].format(name=found.chef.name), why=found.out)


async def _assigned(log: Writing, profile: Profile, row: Any, chef: int | None, by: By) -> Changed:
    values = {"chef_number": chef, "hold_until": row.hold_until}
    try:
        async with log.connection.begin_nested():
            return await changed(log, profile, row, values, "chef_assigned", by, {"from": row.chef_number, "to": chef})
    except DBAPIError as error:
        if not raced(error):
            raise
        raise Conflict("This chef was given another party at that time just now.", why="busy") from error
