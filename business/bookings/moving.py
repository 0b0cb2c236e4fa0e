"""Moving a booking to another start: the same row, the same number, the same deposit; chefs are chosen anew. What moving costs is asked
first, and is posted with the move."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import diary, rules
from business.bookings.availability import asked_slot, station_of
from business.bookings.chefs import Wanted
from business.bookings.diary import Question, Seat
from business.bookings.holds import TRIES, expire_stale
from business.bookings.records import around, change, lock_chefs, locked, raced, read, refused, show, written
from business.bookings.requests import BookingView, By, Changed, FeeNeeded, NotFree, view
from business.conversations.log import Writing
from business.payments import ledger
from business.profile.schemas import Profile
from kernel.errors import Conflict, NotAllowed, Unavailable
from kernel.jobs import BookingChange
from kernel.tables.ops import Booking

MOVABLE = ("held", "deposit_pending", "confirmed")


def fee(profile: Profile, booking: BookingView, now: datetime, *, weather: bool = False) -> int:
    """What moving the booking costs now, in cents: nothing for a hold or the weather, nor for as many moves as are free, in time."""
    rule = profile.booking
    if booking.status == "held" or (weather and rule.weather_reschedule_free):
        return 0
    in_time = booking.starts_at - now >= timedelta(hours=rule.reschedule_until_hours)
    return 0 if in_time and booking.reschedules < rule.free_reschedules else rule.reschedule_fee_cents


async def reschedule(
    connection: AsyncConnection,
    profile: Profile,
    booking: UUID,
    day: date,
    at: time,
    by: By,
    now: datetime,
    *,
    weather: bool = False,
    fee_agreed: int | None = None,
    dry: bool = False,
) -> Changed | NotFree | FeeNeeded:
    """Move it to a start at the venue. `weather`: staff alone may say so; it then may be sooner than a customer may ask for.
    `fee_agreed`: what the customer agreed to pay for it, in cents; staff may let it be less, or nothing. `dry`: what would come of it, and
    nothing is written. Raises NotFound, NotAllowed, Conflict where it cannot be moved, Unavailable where so many raced that nobody knows.
    """
    if weather and by.kind != "human":
        raise NotAllowed("Whether the weather is a reason to move a party, a person of the staff decides.")
    async with written(connection, booking) as log:
        row = await own(log, profile, view(await read(connection, booking)), day, at, now)
        there = row.starts_at.astimezone(profile.business.zone)
        if (there.date(), there.time()) == (day, at):
            return Changed(view(row), log.announcement)
        result = await _moved(log, profile, view(row), (day, at), by, now, weather, fee_agreed, dry)
        if isinstance(result, NotFree | FeeNeeded) or dry:
            return Changed(view(row), log.announcement) if result is None else result
        return Changed(await show(log, profile, result), log.announcement)


async def own(log: Writing, profile: Profile, before: BookingView, day: date, at: time, now: datetime) -> Any:
    """The booking's row, which may be moved, and all that stands in its way, locked in their order."""
    station, starts_at = station_of(profile, before.station), rules.moment(profile, day, at)
    if starts_at is not None and rules.chefs_decide(profile, starts_at, now):
        await lock_chefs(log.connection, station, around(day))
    await expire_stale(log.connection, station, day, Booking.id == before.id)
    row = await locked(log.connection, before.id)
    if row.status not in MOVABLE:
        raise refused(row)
    if row.starts_at <= now:
        raise Conflict("This party has begun: it cannot be moved any more.", status=row.status)
    return row


async def _moved(
    log: Writing,
    profile: Profile,
    booking: BookingView,
    to: tuple[date, time],
    by: By,
    now: datetime,
    weather: bool,
    agreed: int | None,
    dry: bool,
) -> Any | NotFree | FeeNeeded | None:
    """The row at its new start; None where it could be there, and is not to be."""
    costs = fee(profile, booking, now, weather=weather)
    staff_lets_it = by.kind == "human" and agreed is not None and agreed <= costs
    asks = costs if costs and agreed != costs and not staff_lets_it else None
    if dry or asks is not None:
        free = await look(log.connection, profile, booking, *to, now, short_notice=weather)
        if isinstance(free, NotFree) or asks is None:
            return free if isinstance(free, NotFree) else None
        return FeeNeeded(asks)
    pays = min(costs, agreed or 0)
    counts = 0 if weather or booking.status == "held" else 1
    values = {"status": booking.status, "hold_until": booking.hold_until, "idem": None, "reschedules": booking.reschedules + counts}
    details = {"from": booking.starts_at.isoformat(), "weather": weather, "fee_cents": pays}
    row = await place(log, profile, booking, *to, now, values, "rescheduled", by, details, short_notice=weather)
    if not isinstance(row, NotFree) and pays:
        await ledger.post_fee(log.connection, booking.id, pays, key=f"reschedule:{booking.id}:{row.version}")
    return row


async def place(
    log: Writing,
    profile: Profile,
    booking: BookingView,
    day: date,
    at: time,
    now: datetime,
    values: Mapping[str, Any],
    what: BookingChange,
    by: By,
    details: Mapping[str, Any],
    *,
    short_notice: bool = False,
) -> Any | NotFree:
    """The row in a place of its own at this start, with `values`; or why not, and nothing was changed. All that stands in its way is
    locked. Raises Unavailable."""
    for _ in range(TRIES + station_of(profile, booking.station).capacity_per_slot):
        found = await look(log.connection, profile, booking, day, at, now, short_notice=short_notice)
        if isinstance(found, NotFree):
            return found
        wanted, seat = found
        hours = wanted.hours
        at_start = {
            "day": day,
            "slot": wanted.slot,
            "lane": seat.lane,
            # Who was chosen for just this start stays, where chefs do not decide yet.
            "chef_number": booking.chef if seat.chef is None and hours.starts_at == booking.starts_at else seat.chef,
            "starts_at": hours.starts_at,
            "ends_at": hours.ends_at,
            "busy": Range(hours.busy_from, hours.busy_to, bounds="[)"),
        }
        try:
            async with log.connection.begin_nested():
                (row,) = await change(log.connection, Booking.id == booking.id, {**at_start, **values}, what, by, details)
                return row
        except DBAPIError as error:
            if not raced(error):
                raise
    raise Unavailable("So many asked for this slot at once that we do not know yet. Please try again.", retry_after_ms=1000)


async def look(
    connection: AsyncConnection,
    profile: Profile,
    booking: BookingView,
    day: date,
    at: time,
    now: datetime,
    *,
    short_notice: bool = False,
) -> tuple[Wanted, Seat] | NotFree:
    """A place for this booking at another start, as it looks now; or why there is none, and what else is free."""
    question = await question_of(connection, profile, booking, now, short_notice=short_notice)
    there = await diary.read(connection, booking.station, diary.days_to_read(day), without=booking.id)
    asked = asked_slot(profile, there, question, day, at)
    if asked.starts_at is None or not asked.free:
        return NotFree(day, at, asked.state, there.alternatives(profile, question, day, at))
    wanted = question.wanted(profile, day, asked.slot, asked.starts_at)
    seat = there.seat(profile, question.station, wanted, now)
    assert seat is not None  # it was free a line ago, of the same diary
    return wanted, seat


async def question_of(
    connection: AsyncConnection, profile: Profile, booking: BookingView, now: datetime, *, short_notice: bool = False
) -> Question:
    """What is asked of the diary for this booking."""
    known = await diary.known_chefs(connection, booking.customer)
    station = station_of(profile, booking.station)
    return Question(station, booking.guests, booking.spot, now, booking.asked_chef, known, short_notice)
