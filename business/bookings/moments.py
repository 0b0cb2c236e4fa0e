"""What is done when a moment of a booking's life has come: a reminder, the end of a deadline, the begin and the end of the party."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import diary, life, timers
from business.bookings.records import locked, read, written
from business.bookings.requests import CLOCK, view
from business.bookings.telling import Telling, deposit_values
from business.cards.wording import labels
from business.conversations.log import Announcement
from business.handoffs.opening import open_for
from business.links.signing import Links
from business.profile.figures import money
from business.profile.schemas import Profile
from kernel.errors import Conflict
from kernel.jobs import BookingMoment, BookingTimer
from kernel.wire.server import Author

Remind = Callable[[Telling, BookingTimer], Awaitable[None]]


async def come(connection: AsyncConnection, profile: Profile, links: Links, job: BookingTimer, now: datetime) -> Announcement | None:
    """The moment is there. None where it is not this booking's any more: it was moved, has ended, is paid."""
    if job.what == "chef":
        return await _find_chef(connection, profile, job, now)
    if job.what in _DO:
        return await _done(connection, profile, job, now)
    async with written(connection, job.booking) as log:
        booking = view(await locked(connection, job.booking))
        if not timers.concerns(profile, booking, job):
            return None
        await _REMIND[job.what](Telling(connection, profile, links, log, booking, labels(log.row.locale), now), job)
    return log.announcement


async def _done(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> Announcement | None:
    """What changes the booking looks at it under its own lock; whoever was faster is right."""
    if not timers.concerns(profile, view(await read(connection, job.booking)), job):
        return None
    try:
        changed = await _DO[job.what](connection, profile, job, now)
    except Conflict:
        return None
    return None if changed is None else changed.announcement


async def _start(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> life.Changed:
    return await life.start(connection, profile, job.booking, CLOCK, now)


async def _end(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> life.Changed:
    return await life.complete(connection, profile, job.booking, CLOCK, now)


async def _deposit_end(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> life.Changed | None:
    return await life.expire_unpaid(connection, profile, job.booking, now)


async def _chef(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> life.Changed | None:
    return await life.assign_best(connection, profile, job.booking, now)


async def _find_chef(connection: AsyncConnection, profile: Profile, job: BookingTimer, now: datetime) -> Announcement | None:
    """Whoever has the most points; where nobody can so shortly before the party, a person looks. Without any chefs the business keeps them
    elsewhere."""
    found = await _done(connection, profile, job, now)
    booking = view(await read(connection, job.booking))
    early = now < timers.last_search(profile, booking)
    if found is not None or early or booking.chef is not None or not timers.concerns(profile, booking, job):
        return found
    if not await diary.read_chefs(connection, booking.station):
        return None
    opened = await open_for(
        connection,
        booking.conversation,
        turn=None,
        kind="booking",
        urgency="high",
        summary=f"Booking {booking.number} has no chef: nobody can cook it",
        facts={"booking": booking.number},
        profile=profile,
        now=now,
        by=Author(kind="system", name=profile.business.name),
    )
    return opened.announcement


async def _deposit_reminder(telling: Telling, job: BookingTimer) -> None:
    booking = telling.booking
    if telling.deposit == 0 or booking.deposit_until is None:
        return
    if booking.hold_until is not None:
        telling.say("accept_reminder", until=telling.when(booking.hold_until))
    else:
        telling.say("deposit_reminder", until=telling.when(booking.deposit_until), deposit=money(telling.deposit))
    until = booking.hold_until or booking.deposit_until
    values = {"until": telling.short(until), "deposit": money(telling.deposit)}
    await telling.text("text_deposit", f"deposit_reminder:{job.number}", until, **values)
    last = job.number == len(telling.profile.booking.reminder_minutes) - 1
    await telling.mail("deposit_reminder", f"deposit_reminder:{job.number}", {**deposit_values(telling), "last": last})


async def _final_count(telling: Telling, job: BookingTimer) -> None:
    hours = telling.profile.slots.final_count_hours
    telling.say("final_count", until=telling.when(telling.booking.starts_at - timedelta(hours=hours)))


async def _menu(telling: Telling, job: BookingTimer) -> None:
    until = telling.booking.starts_at - timedelta(hours=telling.profile.slots.menu_freeze_hours)
    telling.say("menu", until=telling.when(until))
    await telling.mail("menu_reminder", _of(job), {"until": until})


async def _day_before(telling: Telling, job: BookingTimer) -> None:
    guests = str(telling.booking.guests)
    telling.say("day_before", guests=guests)
    await telling.text("text_day_before", _of(job), telling.booking.starts_at, guests=guests, when=telling.when(telling.booking.starts_at))
    stands = await telling.statement()
    values: dict[str, Any] = {"chef": await telling.chef(), "balance_cents": max(stands.balance_cents, 0) if stands.quoted else None}
    await telling.mail("day_before_reminder", _of(job), values)


async def _review(telling: Telling, job: BookingTimer) -> None:
    await telling.mail("review_ask", f"review:{job.number}", {})


async def _referral(telling: Telling, job: BookingTimer) -> None:
    await telling.mail("referral", f"referral:{job.number}", {})


def _of(job: BookingTimer) -> str:
    """A party that was moved is reminded of again."""
    return f"{job.what}:{job.of:%Y%m%dT%H%MZ}"


_DO: dict[BookingMoment, Callable[[AsyncConnection, Profile, BookingTimer, datetime], Awaitable[life.Changed | None]]] = {
    "start": _start,
    "end": _end,
    "deposit_end": _deposit_end,
    "chef": _chef,
}
_REMIND: dict[BookingMoment, Remind] = {
    "deposit_reminder": _deposit_reminder,
    "final_count": _final_count,
    "menu": _menu,
    "day_before": _day_before,
    "review": _review,
    "referral": _referral,
}
