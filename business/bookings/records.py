"""Writing a booking's row: each change is one version of it, one event, one effect for those whom it concerns, and one card.

Locks are taken in one order, so that no two transactions wait for each other: the conversation's row, the chefs' days, bookings by id.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import diary, timers
from business.bookings.cards import hold_card
from business.bookings.diary import LAPSED
from business.bookings.requests import BookingView, By, Changed, view
from business.bookings.rules import OCCUPYING
from business.conversations.log import Writing, writing
from business.coupons.returning import give_back
from business.payments.ledger import COSTS_NOTHING
from business.profile.schemas import Profile
from business.profile.terms import Station
from kernel import locks, outbox
from kernel.database import UNIQUE_VIOLATION, sqlstate
from kernel.errors import Conflict, NotFound
from kernel.jobs import BookingChange, BookingChanged
from kernel.tables.ops import Booking, BookingEvent
from kernel.wire.server import CardEvent

DEADLOCK, EXCLUSION_VIOLATION = "40P01", "23P01"
RACED = ("uq_booking_lane", "ex_booking_chef")
NOW = func.clock_timestamp()

OVER = "The time of this hold is over. Ask for the date again: it may still be free."
STATES = {
    "held": "is held",
    "deposit_pending": "waits for its deposit",
    "confirmed": "is confirmed",
    "in_progress": "is in progress",
    "completed": "is over",
    "cancellation_requested": "waits for a decision about its cancellation",
    "cancelled": "is cancelled",
    "expired": "was held, and is not any more",
    "no_show": "did not take place",
}


@asynccontextmanager
async def written(connection: AsyncConnection, booking: UUID) -> AsyncIterator[Writing]:
    """The log of the booking's conversation, whose row is locked. Raises NotFound."""
    conversation = await connection.scalar(select(Booking.conversation_id).where(Booking.id == booking))
    if conversation is None:
        raise NotFound("There is no such booking.")
    async with writing(connection, conversation) as log:
        yield log


async def read(connection: AsyncConnection, booking: UUID) -> Any:
    """The booking's row as it is now, not locked."""
    return (await connection.execute(select(Booking).where(Booking.id == booking))).one()


async def locked(connection: AsyncConnection, booking: UUID) -> Any:
    """The booking's row, locked, as it stands. Its conversation is locked already."""
    return (await connection.execute(select(Booking).where(Booking.id == booking).with_for_update())).one()


async def lock_chefs(connection: AsyncConnection, station: Station, days: Sequence[date]) -> None:
    """One holder at a time for each chef and day, so that the way between two parties can be looked at."""
    numbers = [chef.number for chef in await diary.read_chefs(connection, station.key)]
    if numbers:
        names = {f"chef {number} on {day.isoformat()}" for number in numbers for day in days}
        await locks.hold(connection, *names)


def around(day: date) -> list[date]:
    """The day with its neighbours: a party may reach over midnight."""
    return [day + timedelta(days=n) for n in (-1, 0, 1)]


async def change(
    connection: AsyncConnection,
    which: Any,
    values: Mapping[str, Any],
    what: BookingChange,
    by: By,
    details: Mapping[str, Any] | None = None,
) -> list[Any]:
    """The rows in their new state, a version, an event and an effect each; those for which `which` holds no more are left out. None of
    them is a hold after that."""
    values = {"hold_until": None, **values, "version": Booking.version + 1, "changed_at": NOW}
    if values.get("status", OCCUPYING[0]) not in OCCUPYING:
        values["idem"] = None
    rows = list((await connection.execute(update(Booking).where(which).values(values).returning(Booking))).all())
    for row in rows:
        await tell(connection, row, what, by, details)
        if row.status in COSTS_NOTHING:
            await give_back(connection, row.id, row.version)
    return rows


async def tell(connection: AsyncConnection, row: Any, what: BookingChange, by: By, details: Mapping[str, Any] | None = None) -> None:
    """Keep what happened in this version of the row, and let those hear of it whom it concerns."""
    event = {"kind": what, "by_kind": by.kind, "by_id": by.id, "by_name": by.name, "details": dict(details or {})}
    await connection.execute(insert(BookingEvent).values(booking_id=row.id, version=row.version, **event))
    job = BookingChanged(booking=row.id, version=row.version, what=what)
    await outbox.enqueue(connection, job, key=f"booking:{row.id}:{row.version}")


async def show(log: Writing, profile: Profile, row: Any) -> BookingView:
    """Write the booking's card into its conversation, as it stands, and see to what comes by the clock."""
    booking = view(row)
    await timers.arm(log.connection, profile, booking)
    log.add(CardEvent(card=hold_card(profile, str(row.card_id), booking, log.row.locale)))
    await log.connection.execute(update(Booking).where(Booking.id == row.id).values(card_version=row.version))
    return booking


async def changed(
    log: Writing,
    profile: Profile,
    row: Any,
    values: dict[str, Any],
    what: BookingChange,
    by: By,
    details: dict[str, Any] | None = None,
) -> Changed:
    """The locked row in its new state; Conflict where it is a hold whose time is over."""
    rows = await change(log.connection, and_(Booking.id == row.id, ~LAPSED), values, what, by, details)
    if not rows:
        raise Conflict(OVER, status="expired")
    return Changed(await show(log, profile, rows[0]), log.announcement)


def refused(row: Any) -> Conflict:
    """`status` goes with it, for pages that say it in their own words."""
    return Conflict(f"Booking {row.number} {STATES[row.status]}: that cannot be done with it now.", status=row.status)


def raced(error: DBAPIError) -> bool:
    """Whether somebody else got what we wanted, or we got into each other's way."""
    state, constraint = sqlstate(error), getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    return state == DEADLOCK or (state in (UNIQUE_VIOLATION, EXCLUSION_VIOLATION) and constraint in RACED)
