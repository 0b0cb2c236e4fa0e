"""What is asked of a hold and what comes of it: values, and what makes two requests the same. Pure."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from business.bookings.chefs import Spot
from business.bookings.diary import Alternative
from business.bookings.rules import SlotState
from business.conversations.log import Announcement
from business.pricing.rules import Party


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A party that a customer wants held. `at`: the start, at the venue. `facts`: what else was said of it, as JSON (proteins, upgrades,
    diets ...). `station` None: the first of the profile. `page`: the address of a booking's page, for its card to link to."""

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
    """A booking as it stands. `slot` is nominal; `starts_at` and the other moments are in UTC."""

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
    hold_token: UUID
    deposit_until: datetime | None
    guests: int
    party: Party
    address: str
    miles: Decimal | None
    chef: int | None
    quote: UUID | None
    facts: Mapping[str, Any]
    profile_fingerprint: str
    version: int
    changed_at: datetime
    page: str | None = None


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
class Changed:
    """A booking in another state than before."""

    booking: BookingView
    announcement: Announcement


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
        hold_token=row.hold_token,
        deposit_until=row.deposit_until,
        guests=row.guests,
        party=Party(**row.party),
        address=row.address,
        miles=row.miles,
        chef=row.chef_number,
        quote=row.quote_id,
        facts=row.facts,
        profile_fingerprint=row.profile_fingerprint,
        version=row.version,
        changed_at=row.changed_at,
        page=row.page,
    )
