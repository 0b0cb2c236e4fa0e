"""What a customer wants of a booking that stands: decided from what the tool found, what was heard and what was asked. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from agents.matter import Matter, Wish
from agents.understanding.lexing import lex
from agents.understanding.standing import PLAIN, Standing, StandingEar
from agents.understanding.text import fold, with_digits

# What our last question was about, where a yes or a no answers it.
TERMS, MOVE, CANCEL, MOVE_TO = "terms", "move", "cancel", "move_to"
# Of what was told, what a booking is made of, with the name under which a person reads it.
PARTY = frozenset({"adults", "children", "under_six", "people"})
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
        or _moved(matter, said, booking)
        or _changed(matter, said, booking)
        or _asked(said)
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
    if asked in (MOVE, CANCEL) and answer in ("yes", "no") and not matter.heard.when.dates and not matter.heard.when.time:
        return Wish(f"{asked}_{answer}")  # type: ignore[arg-type]
    if booking["terms_accepted"] or booking["status"] not in ("held", "deposit_pending") or not booking["here"]:
        return None
    if "accept" in said.keys or (asked == TERMS and answer == "yes" and not matter.heard.changed):
        return Wish("accept")
    return Wish("decline") if asked == TERMS and answer == "no" and not matter.heard.changed and not said.keys else None


def _off(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    released = "release" in matter.heard.topics and booking["status"] != "held"
    return Wish("cancel") if ("cancel" in said.keys and "rules" not in said.keys) or released else None


def _rain(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    return Wish("weather") if "weather" in said.keys and booking["status"] in MOVABLE else None


def _moved(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """Another day or time: of a booking, since a hold is simply held anew."""
    heard, when = matter.heard, matter.heard.when
    if "rules" in said.keys or _guests(matter, said, booking) is not None:
        return None
    told = bool(when.dates or when.time)
    wished = "move" in said.keys or (matter.before.asked == MOVE_TO and told) or ("reschedule" in heard.topics and told)
    corrected = matter.before.asked == MOVE and told
    if booking["status"] == "held":
        return Wish("move") if wished and not told and "make it" not in fold(matter.heard_text) else None
    if not (wished or corrected) or ("availability" in heard.topics and not corrected):
        return None
    at = when.time or (dt.time.fromisoformat(booking["time"]) if when.dates else None)
    day = _meant(matter, booking) or (dt.date.fromisoformat(booking["date"]) if when.time else None)
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
    return near if near > matter.today and near != party else day


def _changed(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> Wish | None:
    """Other guests, another place or menu. A hold is simply held anew."""
    if booking["status"] == "held":
        return None
    guests = _guests(matter, said, booking)
    other = tuple(words for name, words in ELSE.items() if name in matter.heard.changed)
    return Wish("change", guests=guests, other=other) if guests is not None or other else None


def _guests(matter: Matter, said: Standing, booking: Mapping[str, Any]) -> int | None:
    """How many there will be now; None where it is not about that."""
    known = int(booking["guests"])
    if said.more is not None:
        return max(known + said.more, 1)
    if PARTY & set(matter.heard.changed) and (guests := matter.facts.party().guests) != known:
        return guests
    return said.total if said.total not in (None, known) and not matter.heard.when.time else None


def _asked(said: Standing) -> Wish | None:
    if said.keys & {"status", "mine"} and "rules" not in said.keys:
        return Wish("status")
    return Wish("ready") if "ready" in said.keys else None
