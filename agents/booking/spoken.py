"""A booking in words: when it is, who comes, where its page is. Read from what `booking_status` gave."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from agents.booking.standing import booking_of
from agents.matter import Matter
from business.pricing.rules import Party
from business.profile.figures import listed
from business.profile.spoken import exact, moment_of, whole_day

Facts = Mapping[str, Any]


def booking_spoken_of(matter: Matter) -> Facts:
    booking = booking_of(matter)
    assert booking is not None  # there is no such wish without one
    return booking


def stand_by(matter: Matter, booking: Facts) -> None:
    """What was asked about is no fact of the party: it stands where it stood until it is moved."""
    matter.tell(dates=(dt.date.fromisoformat(booking["date"]),), time=dt.time.fromisoformat(booking["time"]))


def with_page(matter: Matter, text: str, booking: Facts, name: str = "page") -> str:
    """With the address of its page, where there is one."""
    page = booking.get("page")
    if page is None:
        return text
    # Of no other address does the chat make a link.
    plain = matter.request.channel == "sms" or not page.startswith("https:")
    return f"{text} {matter.wording.say('life', f'{name}_plain' if plain else name, link=page)}"


def when_of(matter: Matter, booking: Facts) -> str:
    day, at = dt.date.fromisoformat(booking["date"]), dt.time.fromisoformat(booking["time"])
    return moment_of(day, at, matter.today, matter.language)


def day_of(matter: Matter, day: str) -> str:
    return whole_day(dt.date.fromisoformat(day), matter.today, matter.language)


def moment_said(matter: Matter, moment: str) -> str:
    """`today at 6:20 PM`, else the whole day."""
    at = dt.datetime.fromisoformat(moment)
    name = {0: "today", 1: "tomorrow"}.get((at.date() - matter.today).days)
    if name is not None:
        return matter.wording.say("when", name, time=exact(at.time()))
    return moment_of(at.date(), at.time(), matter.today, matter.language)


def capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def people_of(matter: Matter, party: Party) -> str:
    """`12 adults and 2 children`."""
    counts = (("adults", party.adults), ("children", party.children), ("under_six", party.under_six))
    return listed([matter.wording.count(noun, count) for noun, count in counts if count], matter.language)
