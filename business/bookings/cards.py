"""The card of a hold, and of the booking that it becomes: one for as long as the conversation holds something, the next version at each
change."""

from business.bookings.requests import BookingView
from business.cards.wording import labels
from business.profile.schemas import Profile
from kernel.wire.cards import Card, CardLine

STATES = {"cancelled": "released"}
BOOKED = ("confirmed", "in_progress", "completed", "cancellation_requested", "no_show")


def hold_card(profile: Profile, card_id: str, booking: BookingView, locale: str | None) -> Card:
    """The booking as its conversation sees it."""
    words, zone = labels(locale), profile.business.zone
    start, booked = booking.starts_at.astimezone(zone), booking.status in BOOKED
    lines = [
        CardLine(label=words.say("hold", "when"), value=words.moment(start.date(), start.time())),
        CardLine(label=words.say("hold", "guests"), value=f"{booking.guests:,}"),
        CardLine(label=words.say("hold", "where"), value=booking.address),
    ]
    if booking.hold_until is not None:
        until = booking.hold_until.astimezone(zone)
        lines.append(CardLine(label=words.say("hold", "until"), value=words.moment(until.date(), until.time())))
    return Card(
        id=card_id,
        type="booking" if booked else "hold",
        state=STATES.get(booking.status, booking.status),
        version=booking.version,
        title=words.say("hold", "booking" if booked else "title", number=str(booking.number)),
        lines=lines,
    )
