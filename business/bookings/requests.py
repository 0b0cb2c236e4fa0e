"""What is asked of a hold and what comes of it: values, and what makes two requests the same. Pure."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from business.bookings.chefs import Spot
from business.bookings.diary import Alternative
from business.bookings.rules import SlotState
from business.conversations.log import Announcement
from business.pricing.rules import Party


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A party that a customer wants held. `at`: the start, at the venue. `facts`: what else was said of it, as JSON (proteins, upgrades,
    diets ...). `station` None: the first of the profile. `page`: the address of a booking's page, for its card to link to. `chef`: whom
    the customer asks for, by number."""

    conversation: UUID
    day: date
    at: time
    party: Party
    address: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    station: str | None = None
    spot: Spot = field(default_factory=Spot)
    quote: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    page: Callable[[UUID], str] | None = None
    chef: int | None = None

    def key(self, station: str) -> str:
        """The same for the same request of the same conversation; a quote or contact that came later makes none of it another."""
        said = {
            "conversation": str(self.conversation),
            "station": station,
            "day": self.day.isoformat(),
            "at": self.at.isoformat(),
            "party": [self.party.adults, self.party.children, self.party.under_six],
            "address": " ".join(self.address.casefold().split()),
            "facts": self.facts,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as it stands. `slot` is nominal; `starts_at` and the other moments are in UTC. `created_at`: when it was held, which
    the deposit's deadline counts from. `chef`, `asked_chef`: numbers; whom the customer wants may be somebody else than who comes.
    Amounts are None where nothing could be priced. `kept`: it needs no deposit. `before_cancel`: what a rejected wish to cancel goes
    back to. `page`: what its card links to."""

    id: UUID
    number: int
    conversation: UUID
    status: str
    station: str
    day: date
    slot: time
    starts_at: datetime
    ends_at: datetime
    hold_until: datetime | None
    deposit_until: datetime | None
    ended: str | None
    guests: int
    party: Party
    address: str
    spot: Spot
    chef: int | None
    asked_chef: int | None
    name: str | None
    phone: str | None
    email: str | None
    customer: UUID
    quote: UUID | None
    facts: Mapping[str, Any]
    profile_fingerprint: str
    total_cents: int | None
    deposit_cents: int | None
    terms_accepted_at: datetime | None
    kept: bool
    confirmed_at: datetime | None
    reschedules: int
    before_cancel: str | None
    version: int
    created_at: datetime
    changed_at: datetime
    page: str | None = None

    @property
    def miles(self) -> Decimal | None:
        """One way from the station, where that is known."""
        return self.spot.miles


@dataclass(frozen=True, slots=True)
class Held:
    """The slot is the customer's until `booking.hold_until`. `repeated`: it was already; `moved_from`: the hold that this one replaced.
    `announcement` is None where nothing was written."""

    booking: BookingView
    repeated: bool
    moved_from: UUID | None
    announcement: Announcement | None


@dataclass(frozen=True, slots=True)
class Taken:
    """There is no holding this start. `why` says so; what the conversation held before still stands. Kept as lead `lead`."""

    day: date
    at: time
    why: SlotState
    alternatives: tuple[Alternative, ...]
    lead: UUID
    announcement: Announcement | None


@dataclass(frozen=True, slots=True)
class By:
    """Who does something to a booking; `id` of the staff's account."""

    kind: Literal["customer", "ai", "human", "system"]
    name: str
    id: UUID | None = None


CLOCK = By("system", "clock")


@dataclass(frozen=True, slots=True)
class Changed:
    """A booking in another state than before, or in the one that was asked for already."""

    booking: BookingView
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Paid:
    """What a deposit that came in does. `confirmed`: it is booked. `already`: it was. `reheld`: the money came after the slot was given
    up, which was still free: it is booked again. `lost`: the slot is not to be had any more; the money has to go back."""

    outcome: Literal["confirmed", "already", "reheld", "lost"]
    booking: BookingView
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class NotFree:
    """A booking cannot be moved to this start. `why` says so; it stands where it was. `alternatives`: what is free."""

    day: date
    at: time
    why: SlotState
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class FeeNeeded:
    """Moving the booking costs this much, which was not agreed to."""

    cents: int


def view(row: Any) -> BookingView:
    """A row of `ops.booking`."""
    return BookingView(
        id=row.id,
        number=row.number,
        conversation=row.conversation_id,
        status=row.status,
        station=row.station,
        day=row.day,
        slot=row.slot,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        hold_until=row.hold_until,
        deposit_until=row.deposit_until,
        ended=row.ended,
        guests=row.guests,
        party=Party(**row.party),
        address=row.address,
        spot=Spot(row.latitude, row.longitude, row.miles),
        chef=row.chef_number,
        asked_chef=row.asked_chef,
        name=row.contact_name,
        phone=row.contact_phone,
        email=row.contact_email,
        customer=row.customer_id,
        quote=row.quote_id,
        facts=row.facts,
        profile_fingerprint=row.profile_fingerprint,
        total_cents=row.total_cents,
        deposit_cents=row.deposit_cents,
        terms_accepted_at=row.terms_accepted_at,
        kept=row.kept,
        confirmed_at=row.confirmed_at,
        reschedules=row.reschedules,
        before_cancel=row.before_cancel,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        page=row.page,
    )
