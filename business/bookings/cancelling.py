"""Cancelling in two steps: somebody wishes it, and the slot stays theirs; a person decides. A hold is simply let go."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.records import changed, locked, refused, written
from business.bookings.requests import BookingView, By, Changed, view
from business.payments import ledger
from business.profile.schemas import Profile
from kernel.errors import Conflict
from kernel.tables.ops import BookingEvent


def refundable_until(profile: Profile, booking: BookingView) -> date:
    """The last day, at the venue, on which whoever cancels gets the deposit back."""
    return booking.day - timedelta(days=profile.booking.refundable_until_days)


def refundable(profile: Profile, booking: BookingView, now: datetime) -> bool:
    """Whether the deposit goes back where the wish to cancel comes now."""
    return now.astimezone(profile.business.zone).date() <= refundable_until(profile, booking)


async def ask_cancel(connection: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime, reason: str) -> Changed:
    """Somebody wishes to cancel; whether the deposit goes back counts from this moment, not from the decision. A hold ends at once.
    Raises NotFound, Conflict where the party has begun or there is nothing to cancel."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status == "cancellation_requested" or row.ended in ("released", "cancelled"):
            return Changed(view(row), log.announcement)
        if row.status == "held":
            return await changed(log, profile, row, {"status": "cancelled", "ended": "released"}, "released", by, {"reason": reason})
        if row.status not in ("deposit_pending", "confirmed"):
            raise refused(row)
        if row.starts_at <= now:
            raise Conflict("This party has begun: it cannot be cancelled any more.", status=row.status)
        details = {"reason": reason, "refundable": refundable(profile, view(row), now)}
        values = {"status": "cancellation_requested", "before_cancel": row.status}
        return await changed(log, profile, row, values, "cancellation_requested", by, details)


async def decide_cancel(
    connection: AsyncConnection, profile: Profile, booking: UUID, approve: bool, by: By, now: datetime, reason: str = ""
) -> Changed:
    """The slot is free, or the booking is again what it was. Whether the deposit goes back is in the event's details (`refundable`).
    Raises NotFound, Conflict where nobody wishes to cancel."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if approve and row.ended == "cancelled":
            return Changed(view(row), log.announcement)
        if row.status != "cancellation_requested":
            raise refused(row)
        if not approve:
            back: dict[str, Any] = {"status": row.before_cancel, "before_cancel": None}
            return await changed(log, profile, row, back, "cancellation_rejected", by, {"reason": reason})
        asked_by, wish = await _wish(connection, row)
        details = {"reason": reason, "refundable": bool(wish.get("refundable")), "asked_by": asked_by}
        gone = {"status": "cancelled", "ended": "cancelled", "before_cancel": None}
        result = await changed(log, profile, row, gone, "cancelled", by, details)
    if not details["refundable"]:
        await ledger.post_kept_deposit(connection, booking)
    return result


async def _wish(connection: AsyncConnection, row: Any) -> tuple[str | None, dict[str, Any]]:
    """Who wished to cancel, and what was kept of that moment."""
    events = select(BookingEvent).where(BookingEvent.booking_id == row.id, BookingEvent.kind == "cancellation_requested")
    newest = (await connection.execute(events.order_by(BookingEvent.version.desc()).limit(1))).one_or_none()
    return (None, {}) if newest is None else (newest.by_kind, newest.details)
