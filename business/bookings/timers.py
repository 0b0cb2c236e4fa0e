"""What comes by the clock in a booking's life: which moments it has ahead, as it stands. Pure, but for `arm`.

Each moment is an effect of the outbox that is due then, under a key of its own, so it happens once. What it was counted from is in it: the
hold, or the start. Of a booking that was moved, ended or confirmed meanwhile it finds another state, and does nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.requests import BookingView
from business.profile.schemas import Profile
from kernel import outbox
from kernel.jobs import BookingMoment, BookingTimer

FROM_HOLD: tuple[BookingMoment, ...] = ("deposit_reminder", "deposit_end")
MUST: tuple[BookingMoment, ...] = ("deposit_end", "chef", "start", "end")
"""What happens also where its moment was missed; a reminder that comes late is none."""


@dataclass(frozen=True, slots=True)
class Moment:
    what: BookingMoment
    at: datetime
    number: int = 0


def ahead(profile: Profile, booking: BookingView) -> tuple[Moment, ...]:
    """The moments of a booking in its state, the past ones too, in their order."""
    return tuple(sorted(_moments(profile, booking), key=lambda moment: (moment.at, moment.what)))


def counted_from(booking: BookingView, what: BookingMoment) -> datetime:
    """The moment that this one is counted from."""
    return booking.created_at if what in FROM_HOLD else booking.starts_at


def stands(booking: BookingView) -> bool:
    """Whether the party takes place, as far as is known: it is confirmed, or kept without a deposit."""
    return booking.status == "confirmed" or (booking.status == "deposit_pending" and booking.kept)


def concerns(profile: Profile, booking: BookingView, job: BookingTimer) -> bool:
    """Whether a moment that has come is still this booking's, in the state that it has now."""
    return job.of == counted_from(booking, job.what) and any(moment.what == job.what for moment in _moments(profile, booking))


async def arm(connection: AsyncConnection, profile: Profile, booking: BookingView) -> None:
    """See to it that each moment ahead comes; those that are there already stay as they are."""
    effects = []
    for moment in ahead(profile, booking):
        late = moment.at <= booking.changed_at
        if late and moment.what not in MUST:
            continue
        # What was missed, as while somebody wished to cancel, comes at once, and is told apart from what came in vain.
        number = booking.version if late else moment.number
        job = BookingTimer(booking=booking.id, what=moment.what, of=counted_from(booking, moment.what), number=number)
        key = f"booking:{booking.id}:{moment.what}:{job.of:%Y%m%dT%H%M%S.%fZ}:{number}"
        effects.append((job, key, None if late else moment.at))
    await outbox.enqueue_all(connection, effects)


def _moments(profile: Profile, booking: BookingView) -> Iterator[Moment]:
    rule, held_at = profile.booking, booking.created_at
    unpaid = booking.status == "deposit_pending" and not booking.kept
    for number, minutes in enumerate(rule.reminder_minutes):
        at = held_at + timedelta(minutes=minutes)
        if unpaid or (booking.status == "held" and booking.hold_until is not None and at < booking.hold_until):
            yield Moment("deposit_reminder", at, number)
    if unpaid and booking.deposit_until is not None:
        yield Moment("deposit_end", booking.deposit_until)
    if stands(booking):
        yield from _before_the_party(profile, booking)
        yield Moment("start", booking.starts_at)
    if booking.status == "in_progress":
        yield Moment("end", booking.ends_at)
    if booking.status == "completed":
        yield from _after_the_party(profile, booking)


def _before_the_party(profile: Profile, booking: BookingView) -> Iterator[Moment]:
    slots, reminders, start = profile.slots, profile.booking.reminders, booking.starts_at
    final_count = last_search(profile, booking)
    if booking.chef is None:
        yield Moment("chef", start - timedelta(days=slots.chefs_decide_within_days))
        yield Moment("chef", final_count, 1)
    yield Moment("final_count", final_count)
    yield Moment("menu", start - timedelta(hours=slots.menu_freeze_hours + reminders.menu_hours))
    yield Moment("day_before", _on_the_day_before(profile, start, reminders.day_before_at))


def _after_the_party(profile: Profile, booking: BookingView) -> Iterator[Moment]:
    nurture = profile.leads.nurture_hours
    for number, after in enumerate(nurture.get("after_event_review", ())):
        yield Moment("review", booking.ends_at + timedelta(hours=after), number)
    for number, after in enumerate(nurture.get("after_event_referral", ())):
        yield Moment("referral", booking.ends_at + timedelta(hours=after), number)


def last_search(profile: Profile, booking: BookingView) -> datetime:
    """Whoever has not found a chef by then finds none by itself: with the reminder of the final count."""
    return booking.starts_at - timedelta(hours=profile.slots.final_count_hours + profile.booking.reminders.final_count_hours)


def _on_the_day_before(profile: Profile, start: datetime, at: time) -> datetime:
    zone = profile.business.zone
    return datetime.combine(start.astimezone(zone).date() - timedelta(days=1), at, zone)
