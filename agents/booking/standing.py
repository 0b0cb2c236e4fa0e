"""What a customer wants of a booking that stands: decided from what the tool found, what was heard and what was asked. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from agents.matter import Matter, Wish
from agents.understanding.lexing import lex
from agents.understanding.standing import PLAIN, Standing, StandingEar
from agents.understanding.text import fold, with_digits
from business.pricing.rules import Party

# What our last question was about, where a yes or a no answers it.
TERMS, MOVE, CANCEL, MOVE_TO, PARTY = "terms", "move", "cancel", "move_to", "party"
YES_OR_NO = {MOVE: "move", CANCEL: "cancel", PARTY: "guests"}
# What a booking is made of besides guests and start, with the name under which a person reads it.
ELSE: Mapping[str, str] = {
    "where": "the address",
    "proteins": "the picks",
    "upgrades": "the upgrades",
    "add_ons": "the add-ons",
    "premium_extras": "the extras",
    "diets": "the diets",
    "allergens": "the allergies",
}
# A booking that is on its way, and moves by asking.
MOVABLE = frozenset({"deposit_pending", "confirmed"})
UP = frozenset({"held", "deposit_pending", "confirmed", "in_progress", "cancellation_requested"})
PRICES = frozenset({"price", "how_much"})
ANEW = frozenset({"wants_booking", "how_booking"})
# The asked weekday within so many days of the party is the one that is meant.
NEAR_DAYS = 3
_EAR = StandingEar()
# A weekday with more beside it: a month, a number, "next", "this".
_DATED = re.compile(r"[MDHSOYewntmy456]|W[,h]*N|NW")


def may_concern(matter: Matter) -> bool:
    """Whether it has to be known how the customer's bookings stand, before anybody can say whose turn it is."""
    if matter.before.booking or matter.context.database is None:
        return False
    return matter.before.held is not None or bool(PLAIN & _EAR.listen(matter.heard_text).keys)


def asks_how_it_stands(matter: Matter) -> bool:
    """ "So is it booked?"."""
    return "status" in _EAR.listen(matter.heard_text).keys


def booking_of(matter: Matter) -> Mapping[str, Any] | None:
    """The booking that is spoken of: this conversation's newest, else another one of the customer's; None where there is none."""
    found = matter.found.get("booking_status")
    bookings = found.data["bookings"] if found is not None else []
    return bookings[0] if bookings else None


def is_booked(matter: Matter) -> bool:
    """Whether what is spoken of is more than a hold, so that nothing of it is simply held anew."""
    booking = booking_of(matter)
    return booking is not None and booking["status"] in UP and booking["status"] != "held"


def lets_go(matter: Matter) -> bool:
    """Whether what is spoken of is a hold of this conversation."""
    booking = booking_of(matter)
    return booking is not None and booking["status"] == "held" and bool(booking["here"])


def wish_of(matter: Matter) -> Wish | None:
    """None where the message is about something else."""
    if "booking_status" not in matter.found or ANEW & set(matter.heard.topics):
        return None
    said, booking = _EAR.listen(matter.heard_text), booking_of(matter)
    if booking is None or booking["status"] not in UP:
        return _of_nothing(matter, said, booking)
    return (
        _answered(matter, said, booking)
        or _off(matter, said, booking)
        or _rain(matter, said, booking)
        or _changed(matter, said, booking)
        or _moved(matter, said, booking)
        or _asked(matter, said, booking)
    )


def _of_nothing(matter: Matter, said: Standing, ended: Mapping[str, Any] | None) -> Wish | None:
    """Something is wanted of a booking, and none stands."""
    if matter.before.asked == TERMS and ("accept" in said.keys or matter.heard.answer == "yes"):
        return Wish("lapsed")
    if "status" in said.keys or ("cancel" in said.keys and "rules" not in said.keys):
        return Wish("status" if ended is not None else "none")
    return None


def _answered(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """A yes or a no to what we asked; the terms may be taken in words of the customer's own at any time."""
    asked, answer = matter.before.asked, matter.heard.answer
    more = matter.heard.when.dates or matter.heard.when.time or _party(matter, said, booking)
    if asked in YES_OR_NO and answer in ("yes", "no") and not more:
        return Wish(f"{YES_OR_NO[asked]}_{answer}")  # type: ignore[arg-type]
    if booking["terms_accepted"] or booking["status"] not in ("held", "deposit_pending") or not booking["here"]:
        return None
    agrees = asked == TERMS and (answer == "yes" or (answer is None and "agrees" in said.keys)) and not matter.heard.changed
    if "accept" in said.keys or agrees:
        return Wish("accept")
    if "unsure" in said.keys and asked == TERMS:
        return Wish("terms")
    refused = "refuse" in said.keys or (asked == TERMS and answer == "no" and not said.keys)
    return Wish("decline") if refused and not matter.heard.changed else None


def _off(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    topics, question = set(matter.heard.topics), "?" in matter.heard_text
    wished = "cancel" in said.keys or ("cancel" in topics and not question) or ("release" in topics and booking["status"] != "held")
    return Wish("cancel") if wished and "rules" not in said.keys else None


def _rain(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """Rain that is coming; what would be if it came is a question in general."""
    if booking["status"] not in MOVABLE:
        return None
    near = "weather" in matter.heard.topics and ("?" not in matter.heard_text or bool(matter.heard.when.dates))
    return Wish("weather") if (near or "weather" in said.keys) and "rules" not in said.keys else None


def _moved(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """Another day or time: of a booking, since a hold is simply held anew."""
    when, wished = matter.heard.when, "move" in said.keys
    told = bool(when.dates or when.time)
    if "rules" in said.keys or set(matter.heard.topics) & PRICES:
        return None
    if booking["status"] == "held":
        return Wish("move") if wished and not told and "make it" not in fold(matter.heard_text) else None
    if not told:
        return Wish("move") if wished else None
    here = dt.date.fromisoformat(booking["date"]), dt.time.fromisoformat(booking["time"])
    day, at = _meant(matter, booking) or here[0], when.time or here[1]
    # Their own party is no other date.
    if (day, at) == here:
        return Wish("move") if wished else None
    return Wish("move", day=day, at=at)


def _meant(matter: Matter, booking: Mapping[str, Any]) -> dt.date | None:
    """The day that was named. A bare weekday is the one nearest to the party, not the next one from today."""
    dates = matter.heard.when.dates
    if not dates:
        return None
    day, party = dates[0], dt.date.fromisoformat(booking["date"])
    _, letters = lex(with_digits(fold(matter.heard_text)))
    if len(dates) > 1 or "W" not in letters or _DATED.search(letters):
        return day
    near = party + dt.timedelta(days=(day.weekday() - party.weekday() + NEAR_DAYS) % 7 - NEAR_DAYS)
    return near if near > matter.today else day


def _changed(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """Other guests, another place or menu, an allergy. A hold is simply held anew; what it would cost is a question."""
    if booking["status"] == "held" or set(matter.heard.topics) & PRICES:
        return None
    fresh, before = matter.heard.fresh, matter.before.facts
    other = tuple(words for name, words in ELSE.items() if getattr(fresh, name) and getattr(matter.facts, name) != getattr(before, name))
    party = _party(matter, said, booking)
    if other:
        return Wish("change", party=party, other=other)
    return Wish("guests", party=party) if party is not None else None


def _party(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Party | None:
    """Who comes now; None where it is not about that. Of whom no age was told counts as an adult, which is read back."""
    known, fresh = Party(booking.get("adults", 0), booking.get("children", 0), booking.get("under_six", 0)), matter.heard.fresh
    others = known.children + known.under_six
    if said.more is not None and not fresh.children and not fresh.under_six:
        return _with_adults(known, known.adults + said.more)
    if fresh.people is not None:
        return _with_adults(known, fresh.people - others)
    if fresh.has_party:
        told = Party(
            _newest(fresh.adults, known.adults), _newest(fresh.children, known.children), _newest(fresh.under_six, known.under_six)
        )
        return told if told != known else None
    if said.total is not None and not matter.heard.when.time:
        return _with_adults(known, said.total - others)
    return None


def _newest(told: int | None, known: int) -> int:
    return known if told is None else told


def _with_adults(known: Party, adults: int) -> Party | None:
    party = Party(max(adults, 1), known.children, known.under_six)
    return party if party != known else None


def _asked(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    if "rules" in said.keys:
        return None
    if "ready" in said.keys:
        return Wish("ready")
    if said.keys & {"status", "asks"}:
        return Wish("status")
    if {"pay", "deposit"} & set(matter.heard.topics) and matter.heard.payment is None and booking["deposit_due_cents"]:
        return Wish("pay")
    when = matter.heard.when
    spoken_of = booking["status"] != "held" and ("book" in matter.heard.topics or bool(when.dates or when.time))
    return Wish("status") if "mine" in said.keys or spoken_of else None
