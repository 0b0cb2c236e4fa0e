"""Holds: a slot given to one conversation for a while, in one short transaction. The database decides who gets it.

Locks are taken in one order, so that no two transactions wait for each other: the conversation's row, the chefs' days, bookings by id.
Who loses a race meets a constraint (a lane of the slot, or a chef's time), looks again, and is told what else is free.
"""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import amounts, diary, rules
from business.bookings.availability import asked_slot, station_of
from business.bookings.chefs import Wanted
from business.bookings.diary import LAPSED, Alternative, Question, Seat, SlotAvailability
from business.bookings.records import NOW, around, change, lock_chefs, raced, show, tell
from business.bookings.requests import CLOCK, BookingView, By, Changed, Held, HoldRequest, Taken, view
from business.bookings.rules import OCCUPYING
from business.conversations.log import Writing, writing
from business.customers import details as contacts
from business.leads import service as leads
from business.profile.schemas import Profile
from business.profile.terms import Station
from kernel.errors import BadRequest, NotFound, Unavailable
from kernel.ids import new_id
from kernel.tables.ops import Booking, Chef, Quote

TRIES = 6


async def hold(connection: AsyncConnection, profile: Profile, request: HoldRequest, now: datetime) -> Held | Taken:
    """Hold a start for a conversation; the same request again is the same hold, another one replaces the conversation's earlier hold.

    Must bear being repeated as a whole, and does: run it in a `Database.unit`. `now` is for lead times alone; how long a hold stands
    is measured by PostgreSQL. Raises BadRequest for what cannot be a party, NotFound, Unavailable where so many raced that nobody knows.
    """
    station = station_of(profile, request.station)
    _possible(profile, station, request)
    said = contacts.details(request.name, request.email, request.phone, None, None, profile.business.phone)
    request = replace(request, name=said.name, phone=said.phone, email=said.email)
    async with writing(connection, request.conversation) as log:
        told = await _own_quote(connection, request)
        await _own_chef(connection, station, request)
        async with connection.begin_nested() as attempt:
            result = await _held(log, profile, station, request, told, now)
            if not isinstance(result, Held):
                await attempt.rollback()  # what was locked on the way is the next one's at once
    announcement = log.announcement if isinstance(result, Held) and not result.repeated else None
    announcement = await contacts.tell(connection, request.conversation, said, "") or announcement
    if isinstance(result, Held):
        return Held(result.booking, result.repeated, result.moved_from, announcement)
    asked, others = result
    lead = await leads.save(connection, profile, request.conversation, _lead_facts(request), now, failed=asked.state)
    return Taken(request.day, request.at, asked.state, others, lead.id, announcement)


async def release(connection: AsyncConnection, profile: Profile, conversation: UUID) -> Changed | None:
    """The conversation gives its hold back. None where it holds nothing."""
    async with writing(connection, conversation) as log:
        values = {"status": "cancelled", "ended": "released"}
        own = and_(Booking.conversation_id == log.id, Booking.status == "held", ~LAPSED)
        rows = await change(connection, own, values, "released", _customer(None))
        if not rows:
            return None
        booking = await show(log, profile, rows[0])
    return Changed(booking, log.announcement)


async def of_conversation(connection: AsyncConnection, conversation: UUID) -> BookingView | None:
    """What the conversation holds or has booked by now, the newest; None where nothing."""
    query = select(Booking).where(Booking.conversation_id == conversation, Booking.status.in_(OCCUPYING), ~LAPSED)
    row = (await connection.execute(query.order_by(Booking.number.desc()).limit(1))).one_or_none()
    return None if row is None else view(row)


async def lapsed(connection: AsyncConnection, at_most: int = 50) -> list[tuple[UUID, UUID]]:
    """Holds that are over, and bookings whose conversation was not told of their end yet: `(booking, conversation)`."""
    untold = Booking.card_version < Booking.version
    query = select(Booking.id, Booking.conversation_id).where(or_(LAPSED, untold)).order_by(Booking.changed_at).limit(at_most)
    return [(row.id, row.conversation_id) for row in await connection.execute(query)]


async def expire_due(connection: AsyncConnection, profile: Profile, booking: UUID, conversation: UUID) -> Changed | None:
    """End a hold that is over and tell its conversation. None where that was done already, or it is not over."""
    async with writing(connection, conversation) as log:
        await expire(connection, Booking.id == booking)
        untold = select(Booking).where(Booking.id == booking, Booking.card_version < Booking.version).with_for_update()
        row = (await connection.execute(untold)).one_or_none()
        if row is None:
            return None
        expired = await show(log, profile, row)
    return Changed(expired, log.announcement)


def _possible(profile: Profile, station: Station, request: HoldRequest) -> None:
    party, miles = request.party, request.spot.miles
    if min(party.adults, party.children, party.under_six) < 0 or party.adults == 0:
        raise BadRequest("A party has at least one adult.")
    if not request.address.strip():
        raise BadRequest("Say where the party will be.")
    if miles is not None and miles > station.decline_over_miles:
        raise BadRequest("That is farther than our chefs can go.")


async def _own_quote(connection: AsyncConnection, request: HoldRequest) -> Any | None:
    """The quote that the request names, its row."""
    if request.quote is None:
        return None
    theirs = select(Quote).where(Quote.id == request.quote, Quote.conversation_id == request.conversation)
    row = (await connection.execute(theirs)).one_or_none()
    if row is None:
        raise NotFound("There is no such quote in this conversation.")
    return row


async def _own_chef(connection: AsyncConnection, station: Station, request: HoldRequest) -> None:
    theirs = select(Chef.number).where(Chef.number == request.chef, Chef.station == station.key, Chef.active)
    if request.chef is not None and await connection.scalar(theirs) is None:
        raise NotFound("There is no such chef.")


async def _held(
    log: Writing, profile: Profile, station: Station, request: HoldRequest, told: Any | None, now: datetime
) -> Held | tuple[SlotAvailability, tuple[Alternative, ...]]:
    """The hold, or how the slot stands and what else is free. The conversation's row is locked."""
    connection, key = log.connection, request.key(station.key)
    same = select(Booking).where(Booking.idem == key, Booking.status.in_(OCCUPYING), ~LAPSED)
    row = (await connection.execute(same)).one_or_none()
    if row is not None:
        return Held(view(row), True, None, None)
    known = await diary.known_chefs(connection, log.row.customer_id)
    question = Question(station, request.party.guests, request.spot, now, request.chef, known)
    days = diary.days_to_read(request.day)
    starts_at = rules.moment(profile, request.day, request.at)
    if starts_at is not None and rules.chefs_decide(profile, starts_at, now):
        await lock_chefs(connection, station, around(request.day))
    own = and_(Booking.status == "held", Booking.conversation_id == log.id)
    await expire_stale(connection, station, request.day, own)
    earlier = (await connection.execute(select(Booking).where(Booking.conversation_id == log.id, Booking.status == "held"))).one_or_none()
    for _ in range(TRIES + station.capacity_per_slot):
        there = await diary.read(connection, station.key, days, log.id)
        asked = asked_slot(profile, there, question, request.day, request.at)
        if asked.starts_at is None or not asked.free:
            return asked, there.alternatives(profile, question, request.day, request.at)
        wanted = question.wanted(profile, request.day, asked.slot, asked.starts_at)
        seat = there.seat(profile, station, wanted, now)
        assert seat is not None  # it was free a line ago, of the same diary
        row = await _insert(log, profile, station, request, told, wanted, seat, earlier)
        if row is not None:
            booking = await show(log, profile, row)
            return Held(booking, False, earlier.id if earlier is not None else None, None)
    raise Unavailable("So many asked for this slot at once that we do not know yet. Please try again.", retry_after_ms=1000)


async def _insert(
    log: Writing,
    profile: Profile,
    station: Station,
    request: HoldRequest,
    told: Any | None,
    wanted: Wanted,
    seat: Seat,
    earlier: Any | None,
) -> Any | None:
    """The new row, in the place of the conversation's earlier hold; None where somebody was faster, and nothing was changed."""
    connection = log.connection
    try:
        async with connection.begin_nested():
            key = request.key(station.key)
            await connection.execute(update(Booking).where(Booking.idem == key, Booking.status.not_in(OCCUPYING)).values(idem=None))
            if earlier is not None:
                # Its card goes on with the new hold, so that its end is not told.
                moved = {"status": "cancelled", "ended": "moved", "card_version": Booking.version + 1}
                await change(connection, Booking.id == earlier.id, moved, "moved", _customer(request.name))
            values = _row(log, profile, station, request, told, wanted, seat)
            if earlier is not None:
                values |= {"card_id": earlier.card_id, "version": earlier.version + 1, "quote_id": request.quote or earlier.quote_id}
            row = (await connection.execute(insert(Booking).values(values).returning(Booking))).one()
            await tell(connection, row, "held", _customer(request.name))
            return row
    except DBAPIError as error:
        if not raced(error):
            raise
    return None


def _row(
    log: Writing, profile: Profile, station: Station, request: HoldRequest, told: Any | None, wanted: Wanted, seat: Seat
) -> dict[str, Any]:
    id, hours, rule = new_id(), wanted.hours, profile.booking
    costs = amounts.of_party(profile, station, request.party, request.facts, request.spot.miles, told)
    return {
        "id": id,
        "conversation_id": log.id,
        "customer_id": log.row.customer_id,
        "quote_id": request.quote,
        "station": station.key,
        "day": wanted.day,
        "slot": wanted.slot,
        "lane": seat.lane,
        "starts_at": hours.starts_at,
        "ends_at": hours.ends_at,
        "busy": Range(hours.busy_from, hours.busy_to, bounds="[)"),
        "chef_number": seat.chef,
        "asked_chef": request.chef,
        "total_cents": costs.total_cents,
        "deposit_cents": costs.deposit_cents,
        "status": "held",
        "hold_until": NOW + timedelta(minutes=rule.hold_minutes),
        "deposit_until": NOW + timedelta(hours=rule.deposit_enforced_hours),
        "guests": wanted.guests,
        "party": asdict(request.party),
        "facts": dict(request.facts),
        "address": request.address.strip(),
        "latitude": wanted.spot.latitude,
        "longitude": wanted.spot.longitude,
        "miles": wanted.spot.miles,
        "contact_name": request.name,
        "contact_phone": request.phone,
        "contact_email": request.email,
        "page": request.page(id) if request.page is not None else None,
        "idem": request.key(station.key),
        "profile_fingerprint": profile.version,
        "card_id": id,
    }


async def expire_stale(connection: AsyncConnection, station: Station, day: date, own: ColumnElement[bool]) -> None:
    """End the holds around this day that are over, whoever's they are, and lock those that are the caller's `own`; in the order of their
    ids. Their conversations are told by the sweep: their rows are not ours to lock."""
    near = and_(Booking.station == station.key, Booking.day.in_(around(day)), LAPSED)
    ids = list(await connection.scalars(select(Booking.id).where(or_(near, own)).order_by(Booking.id).with_for_update()))
    if ids:
        await expire(connection, Booking.id.in_(ids))


async def expire(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    """End those of these holds that are over."""
    await change(connection, and_(which, LAPSED), {"status": "expired", "ended": "lapsed"}, "expired", CLOCK)


def _customer(name: str | None) -> By:
    return By("customer", name or "")


def _lead_facts(request: HoldRequest) -> dict[str, Any]:
    party = request.party
    return {
        **request.facts,
        "date": request.day.isoformat(),
        "time": request.at.isoformat(timespec="minutes"),
        "adults": party.adults,
        "children": party.children,
        "under_six": party.under_six,
        "address": request.address.strip(),
    }
