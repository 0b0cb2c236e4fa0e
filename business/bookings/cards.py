"""The card of a hold, and of the booking that it becomes: one for as long as the conversation holds something, the next version at each
change."""

from business.bookings.requests import BookingView
from business.cards.wording import Labels, labels
from business.profile.schemas import Profile
from kernel.wire.cards import Card, CardAction, CardLine

STATES = {"cancelled": "released"}
UNPAID = ("held", "deposit_pending")
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
    elif booking.status == "deposit_pending" and booking.deposit_until is not None:
        due = booking.deposit_until.astimezone(zone)
        lines.append(CardLine(label=words.say("hold", "deposit_until"), value=words.moment(due.date(), due.time())))
    return Card(
        id=card_id,
        type="booking" if booked else "hold",
        state=STATES.get(booking.status, booking.status),
        version=booking.version,
        title=words.say("hold", "booking" if booked else "title", number=str(booking.number)),
        lines=lines,
        action=_action(words, booking),
    )


def _action(words: Labels, booking: BookingView) -> CardAction | None:
    """What may be done with it on its own page. Where that is no page to link to (an install on plain HTTP), the customer says so."""
    if booking.page is None or booking.status not in (*UNPAID, *BOOKED):
        return None
    if booking.status in UNPAID:
        return CardAction(label=words.say("hold", "pay"), url=booking.page, say=words.say("hold", "say_pay"))
    return CardAction(label=words.say("hold", "open"), url=booking.page)
