"""The life of a booking after its hold: terms, deposit, confirmation, the party itself, and its end. Each verb is one short transaction
that may be repeated: run it in a `Database.unit`, and announce what comes back.

A verb that finds what it would do done already changes nothing and answers with the booking as it stands. Where the state does not allow
it, `Conflict` says so in a sentence. Deadlines are PostgreSQL's clock; `now` is for lead times. Moving is in `moving.py`, cancelling in
`cancelling.py`, chefs in `assigning.py`, other guests in `resizing.py`; they are named here too, so that a caller needs one module.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import amounts, holds, rules
from business.bookings.assigning import assign_best, assign_chef, scores
from business.bookings.availability import station_of
from business.bookings.cancelling import ask_cancel, decide_cancel, refundable, refundable_until
from business.bookings.moving import fee, place, reschedule
from business.bookings.records import NOW, around, change, changed, lock_chefs, locked, read, refused, show, written
from business.bookings.requests import CLOCK, By, Changed, FeeNeeded, NotFree, Paid, view
from business.bookings.resizing import change_party
from business.conversations.log import Writing
from business.payments import ledger
from business.profile.schemas import Profile
from kernel.errors import Conflict
from kernel.tables.ops import Booking

__all__ = [
    "CLOCK",
    "By",
    "Changed",
    "FeeNeeded",
    "NotFree",
    "Paid",
    "accept_terms",
    "ask_cancel",
    "assign_best",
    "assign_chef",
    "change_party",
    "complete",
    "confirm",
    "decide_cancel",
    "deposit_paid",
    "expire_unpaid",
    "fee",
    "keep",
    "no_show",
    "refundable",
    "refundable_until",
    "reschedule",
    "scores",
    "start",
]

BOOKED = ("confirmed", "in_progress", "completed", "no_show")


async def accept_terms(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """The customer agrees to the terms: from now on the slot is theirs until the deposit's deadline, or for good where none is asked for.
    Raises NotFound, Conflict where the hold is over."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status not in rules.OCCUPYING:
            raise refused(row)
        if row.terms_accepted_at is not None:
            return Changed(view(row), log.announcement)
        values: dict[str, Any] = {"terms_accepted_at": NOW}
        if row.status == "held" and amounts.deposit(profile, row.deposit_cents) == 0:
            return await changed(log, profile, row, {**values, "status": "confirmed", "confirmed_at": NOW}, "confirmed", by)
        if row.status == "held":
            values["status"] = "deposit_pending"
        return await changed(log, profile, row, values, "terms_accepted", by)


async def confirm(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """It is booked, by hand, whatever was paid. Raises NotFound, Conflict where it is neither held nor waits for its deposit."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status == "confirmed":
            return Changed(view(row), log.announcement)
        if row.status not in ("held", "deposit_pending"):
            raise refused(row)
        return await changed(log, profile, row, {"status": "confirmed", "confirmed_at": NOW}, "confirmed", by)


async def keep(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """It stays without a deposit: no reminder and no deadline ends it. Raises NotFound, Conflict."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.kept and row.status == "deposit_pending":
            return Changed(view(row), log.announcement)
        if row.status not in ("held", "deposit_pending"):
            raise refused(row)
        return await changed(log, profile, row, {"status": "deposit_pending", "kept": True}, "kept", by)


async def deposit_paid(connection: AsyncConnection, profile: Profile, booking: UUID, now: datetime) -> Paid:
    """The deposit is there: it is booked. Money that comes after the slot was given up has it again where it is still free, by the rules of
    a new hold. In the transaction that stores the payment, which books it once. Raises NotFound."""
    async with written(connection, booking) as log:
        before = view(await read(connection, booking))
        station = station_of(profile, before.station)
        if rules.chefs_decide(profile, before.starts_at, now):
            await lock_chefs(connection, station, around(before.day))
        await holds.expire_stale(connection, station, before.day, Booking.id == booking)
        row = await locked(connection, booking)
        if row.status in BOOKED or row.before_cancel == "confirmed":
            return Paid("already", view(row), log.announcement)
        paid = {"confirmed_at": NOW, "ended": None}
        if row.status == "cancellation_requested":
            # The wish to cancel goes on; a deposit is no longer missing where it is rejected.
            return await _booked(log, profile, row, {**paid, "before_cancel": "confirmed"})
        if row.status in ("held", "deposit_pending"):
            return await _booked(log, profile, row, {**paid, "status": "confirmed"})
        return await _reheld(log, profile, row, now, paid)


async def _booked(log: Writing, profile: Profile, row: Any, values: dict[str, Any]) -> Paid:
    """The locked row has its slot still, and keeps it, also in the instant in which its time runs out."""
    (row,) = await change(log.connection, Booking.id == row.id, values, "confirmed", CLOCK, {"deposit": True})
    return Paid("confirmed", await show(log, profile, row), log.announcement)


async def _reheld(log: Writing, profile: Profile, row: Any, now: datetime, values: dict[str, Any]) -> Paid:
    """The slot once more, for what was given up for want of an answer alone: what somebody cancelled stays so."""
    booking = view(row)
    if row.ended not in ("lapsed", "unpaid"):
        return Paid("lost", booking, log.announcement)
    at = booking.starts_at.astimezone(profile.business.zone).time()
    values = {**values, "status": "confirmed", "idem": None}
    details = {"deposit": True, "reheld": True}
    placed = await place(log, profile, booking, booking.day, at, now, values, "confirmed", CLOCK, details)
    if isinstance(placed, NotFree):
        return Paid("lost", booking, log.announcement)
    return Paid("reheld", await show(log, profile, placed), log.announcement)


async def expire_unpaid(connection: AsyncConnection, profile: Profile, booking: UUID, now: datetime) -> Changed | None:
    """End a booking whose deposit has not come by its deadline. None where it has, where it is not over yet, or somebody keeps it."""
    async with written(connection, booking) as log:
        await locked(connection, booking)
        waits = or_(Booking.status == "deposit_pending", Booking.before_cancel == "deposit_pending")
        over = and_(Booking.id == booking, waits, Booking.deposit_until <= NOW, Booking.kept.is_(False))
        values = {"status": "cancelled", "ended": "unpaid", "before_cancel": None}
        rows = await change(connection, over, values, "cancelled", CLOCK, {"unpaid": True})
        if not rows:
            return None
        return Changed(await show(log, profile, rows[0]), log.announcement)


async def start(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """The party begins. Raises NotFound, Conflict where it is not the day of it, or it does not stand."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status == "in_progress":
            return Changed(view(row), log.announcement)
        if not (row.status == "confirmed" or (row.status == "deposit_pending" and row.kept)):
            raise refused(row)
        if by.kind != "system" and now.astimezone(profile.business.zone).date() < row.day:
            raise Conflict("This party is on another day. It can be started on its day.")
        return await changed(log, profile, row, {"status": "in_progress"}, "started", by)


async def complete(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """The party is over, and its total is earned. Raises NotFound, Conflict where it has not begun."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status == "completed":
            return Changed(view(row), log.announcement)
        if row.status not in ("in_progress", "confirmed"):
            raise refused(row)
        if by.kind != "system" and now < row.starts_at:
            raise Conflict("This party has not begun. It can be completed after its start.")
        result = await changed(log, profile, row, {"status": "completed"}, "completed", by)
    await ledger.post_completion(connection, booking)
    return result


async def no_show(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
    """Nobody was there: nothing is owed, what was paid stays. Raises NotFound, Conflict where the party has not begun, or is over and
    its total earned, or it does not stand."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status == "no_show":
            return Changed(view(row), log.announcement)
        if row.status not in ("confirmed", "in_progress"):
            raise refused(row)
        if now < row.starts_at:
            raise Conflict("This party has not begun. Whether somebody is there is known after its start.")
        result = await changed(log, profile, row, {"status": "no_show"}, "no_show", by)
    await ledger.post_kept_deposit(connection, booking)
    return result
