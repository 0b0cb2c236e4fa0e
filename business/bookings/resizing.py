"""Other guests than were told: the same start, another length, another price; chefs are looked at anew."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import amounts
from business.bookings.availability import station_of
from business.bookings.moving import own, place
from business.bookings.records import read, show, written
from business.bookings.requests import BookingView, By, Changed, NotFree, view
from business.pricing.rules import Party
from business.profile.schemas import Profile
from kernel.errors import BadRequest, Conflict, NotAllowed


async def change_party(connection: AsyncConnection, profile: Profile, booking: UUID, party: Party, by: By, now: datetime) -> Changed:
    """So many guests come. Until the deadline of the final count; after it, and from as many guests on as a person decides, staff alone may
    say so. Raises NotFound, NotAllowed, BadRequest, Conflict where nobody can cook for so many at that time, or it is too late."""
    if party.adults < 1 or min(party.children, party.under_six) < 0:
        raise BadRequest("A party has at least one adult.")
    async with written(connection, booking) as log:
        before = view(await read(connection, booking))
        local = before.starts_at.astimezone(profile.business.zone)
        row = await own(log, profile, before, before.day, local.time(), now)
        standing = view(row)
        if standing.party == party:
            return Changed(standing, log.announcement)
        _may(profile, standing, party, by, now)
        values = {**_values(profile, standing, party), "status": row.status, "hold_until": row.hold_until, "idem": None}
        # Whoever cooks goes on, where they can.
        larger = replace(standing, guests=party.guests, asked_chef=standing.asked_chef or standing.chef)
        details = {"from": asdict(standing.party), "to": asdict(party), "total_cents": values["total_cents"]}
        there = (standing.day, local.time(), now)
        placed = await place(log, profile, larger, *there, values, "party_changed", by, details, short_notice=True)
        if isinstance(placed, NotFree):
            raise Conflict("Nobody can cook for so many guests at that time. Move the party, or ask another chef first.", why=placed.why)
        return Changed(await show(log, profile, placed), log.announcement)


def _may(profile: Profile, booking: BookingView, party: Party, by: By, now: datetime) -> None:
    if by.kind == "human":
        return
    if party.guests >= profile.booking.person_from_guests:
        raise NotAllowed("A party of that size is for a person of the team to agree to.")
    if booking.starts_at - now < timedelta(hours=profile.slots.final_count_hours):
        raise Conflict("The final number of guests was due before now. A person of the team can tell whether it is still possible.")


def _values(profile: Profile, booking: BookingView, party: Party) -> dict[str, Any]:
    station = station_of(profile, booking.station)
    costs = amounts.of_party(profile, station, party, booking.facts, booking.miles, None)
    if costs.total_cents is None and booking.total_cents is not None:
        raise BadRequest("So few guests cannot eat the upgrades that were chosen. Change those first.")
    deposit = booking.deposit_cents
    if deposit is not None and costs.total_cents is not None:
        deposit = min(deposit, costs.total_cents)
    return {"party": asdict(party), "guests": party.guests, "total_cents": costs.total_cents, "deposit_cents": deposit}
