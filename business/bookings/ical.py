"""Bookings as iCalendar (RFC 5545): a party for the customer's calendar, and a feed for a chef's phone. Pure.

Moments are written in UTC, so no clock that changes is in their way. The same booking in the same version is the same bytes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from icalendar import Calendar, Event

from business.cards.wording import labels
from business.links.signing import Links
from business.profile.schemas import Profile
from business.profile.spoken import exact

MEDIA_TYPE = "text/calendar; charset=utf-8"
LOOK_AGAIN = timedelta(hours=1)
_GONE = ("cancelled", "expired")
_OPEN = ("held", "deposit_pending")


class Booked(Protocol):
    """What an entry is made from: a row of `ops.booking`, or a view of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def number(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def guests(self) -> int: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ChefParty:
    """A party as its chef needs it: busy from the begin of the set-up to the end of the clean-up; `guests` by their age, as in a booking's
    `party`."""

    booking: Booked
    name: str | None
    busy_from: datetime
    busy_to: datetime
    guests: Mapping[str, int] = field(default_factory=dict)


def party(profile: Profile, booking: Booked, links: Links, locale: str | None = None) -> bytes:
    """An .ics file for the customer. A later version of it replaces the earlier one in their calendar; one that is off takes it away."""
    words = labels(locale)
    entry = _entry(booking, links)
    entry.add("summary", words.say("ical", "summary", business=profile.business.name))
    entry.add("dtstart", booking.starts_at)
    entry.add("dtend", booking.ends_at)
    lines = [
        words.say("ical", "number", number=str(booking.number)),
        words.say("ical", "guests", guests=str(booking.guests)),
        words.say("ical", "page", page=links.booking(booking.id)),
    ]
    entry.add("description", "\n".join(lines))
    entry.add("url", links.booking(booking.id))
    return _calendar(profile, (entry,), method="CANCEL" if booking.status in _GONE else "PUBLISH")


def feed(profile: Profile, chef: str, parties: Iterable[ChefParty], links: Links) -> bytes:
    """A chef's calendar, to subscribe to. It holds neither phone nor e-mail of a customer: it lies on other people's servers."""
    return _calendar(profile, (_of_chef(profile, one, links) for one in parties), name=f"{profile.business.name}: {_clean(chef)}")


def _of_chef(profile: Profile, one: ChefParty, links: Links) -> Event:
    booking, words, zone = one.booking, labels(profile.business.locale), profile.business.zone
    first_name = _clean(one.name or "").partition(" ")[0]
    entry = _entry(booking, links)
    entry.add("summary", words.say("ical", "chef_summary", guests=str(booking.guests), who=first_name).rstrip(" ,"))
    entry.add("dtstart", one.busy_from)
    entry.add("dtend", one.busy_to)
    eating = tuple(moment.astimezone(zone).time() for moment in (booking.starts_at, booking.ends_at))
    lines = [
        words.say("ical", "number", number=str(booking.number)),
        words.say("ical", "eating", start=exact(eating[0]), end=exact(eating[1])),
        ", ".join(f"{words.say('quote', age)}: {count}" for age, count in one.guests.items() if count),
    ]
    entry.add("description", "\n".join(filter(None, lines)))
    return entry


def _entry(booking: Booked, links: Links) -> Event:
    """What both have: an identity that stays, a version that grows, where it is, and whether it stands."""
    entry = Event()
    entry.add("uid", f"booking-{booking.id}@{links.host}")
    entry.add("sequence", booking.version)
    entry.add("dtstamp", booking.changed_at)
    entry.add("last-modified", booking.changed_at)
    entry.add("location", _clean(booking.address))
    state = "CANCELLED" if booking.status in _GONE else "TENTATIVE" if booking.status in _OPEN else "CONFIRMED"
    entry.add("status", state)
    return entry


def _calendar(profile: Profile, entries: Iterable[Event], *, method: str = "PUBLISH", name: str | None = None) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{profile.business.name}//Hibachi Gateway//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name is not None:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(entry)
    written: bytes = calendar.to_ical()
    return written


def _clean(text: str) -> str:
    """One line, without characters that no calendar can show."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
