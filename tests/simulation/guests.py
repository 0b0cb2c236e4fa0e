"""Guests with parties: what each does, at moments of their own, and what they themselves know of it afterwards.

A guest keeps facts (what happened, when) and their own purse. Nothing here is read back from the product: what it should have done is
computed from these facts and from the profile alone (oracle.py).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal
from uuid import UUID

from business.bookings import holds, life
from business.bookings.chefs import Spot
from business.bookings.requests import By, Changed, FeeNeeded, Held, HoldRequest, NotFree, Taken
from business.pricing.rules import Party
from tests.simulation.install import Install
from tests.simulation.office import Office
from tests.simulation.talk import Talk

Way = Literal["card", "venmo", "zelle", "cash"]
ADDRESS = "12 Oak Street, San Jose, CA 95112"
COMPLAINT = "The food was cold and the chef was rude to my guests. I am really unhappy with our party."


@dataclass(frozen=True, slots=True)
class Fact:
    """What a guest saw happen."""

    at: datetime
    what: str
    starts_at: datetime | None = None
    cents: int = 0


@dataclass
class Purse:
    """A guest's own sums, in cents."""

    paid: int = 0
    back: int = 0
    fees: int = 0


@dataclass
class Guest:
    """Somebody who wants a party."""

    install: Install
    office: Office
    number: int
    chance: Random
    talk: Talk
    adults: int
    children: int
    miles: int
    facts: list[Fact] = field(default_factory=list)
    purse: Purse = field(default_factory=Purse)
    booking: UUID | None = None
    starts_at: datetime | None = None
    lost: int = 0

    # -- who they are

    @property
    def name(self) -> str:
        return f"Guest{self.number} Family{self.number}"

    @property
    def phone(self) -> str:
        return f"+1415{2000000 + self.number}"

    @property
    def email(self) -> str:
        return f"guest{self.number}@guests.test"

    @property
    def by(self) -> By:
        return By("customer", self.name)

    @property
    def id(self) -> UUID:
        assert self.booking is not None, f"{self.name} has no booking"
        return self.booking

    @property
    def now(self) -> datetime:
        return self.install.world.time.at

    def after(self, **span: float) -> datetime:
        return self.now + timedelta(**span)

    def saw(self, what: str, cents: int = 0) -> None:
        self.facts.append(Fact(self.now, what, self.starts_at, cents))

    # -- what they reckon

    @property
    def total(self) -> int:
        """What the party costs by the price list, without upgrades."""
        prices, station = self.install.profile.prices, self.install.profile.travel.stations[0]
        food = max(self.adults * prices.adult_cents + self.children * prices.child_cents, prices.food_minimum_cents)
        return food + max(0, self.miles - int(station.free_miles)) * station.per_mile_cents

    @property
    def owes(self) -> int:
        return self.total + self.purse.fees - self.purse.paid

    def stranger(self) -> "Guest":
        """Somebody else, who wants what this one wants."""
        return welcome(self.install, self.office, self.adults, self.children, self.miles)

    # -- what they do

    async def hold(self, day: date, at: time) -> bool:
        """Ask for a slot; False where it cannot be had."""
        if not self.talk.replies:
            await self.talk.say("hi")
        profile = self.install.profile
        request = HoldRequest(
            self.talk.conversation,
            day,
            at,
            Party(self.adults, self.children),
            ADDRESS,
            name=self.name,
            phone=self.phone,
            email=self.email,
            spot=Spot(37.35, -121.88, Decimal(self.miles)),
        )
        result = await self.install.database.unit(lambda c: holds.hold(c, profile, request, self.now))
        if isinstance(result, Taken):
            self.lost += 1
            return False
        assert isinstance(result, Held)
        self.booking, self.starts_at = result.booking.id, result.booking.starts_at
        self.saw("held")
        return True

    async def accept(self) -> None:
        await self._does(lambda c: life.accept_terms(c, self.install.profile, self.id, self.by, self.now))
        self.saw("accepted")

    async def pay(self, way: Way, cents: int | None = None) -> str:
        """The deposit, or so much; what the office says of it."""
        amount = self.install.profile.prices.deposit_cents if cents is None else cents
        outcome = await self.office.takes(self, way, amount)
        self.purse.paid += amount
        self.saw({"confirmed": "confirmed", "reheld": "reheld"}.get(outcome, "paid"), amount)
        if outcome == "lost":
            self.saw("lost", amount)
        return outcome

    async def move(self, day: date, at: time, *, agrees: bool = True) -> Changed | NotFree | FeeNeeded:
        """Ask for another start; agree to what it costs."""
        profile = self.install.profile
        first = await self.install.database.unit(lambda c: life.reschedule(c, profile, self.id, day, at, self.by, self.now))
        result: Changed | NotFree | FeeNeeded = first
        cents = 0
        if isinstance(first, FeeNeeded) and agrees:
            cents = first.cents
            result = await self.install.database.unit(
                lambda c: life.reschedule(c, profile, self.id, day, at, self.by, self.now, fee_agreed=cents)
            )
        if isinstance(result, Changed):
            self.purse.fees += cents
            self.starts_at = result.booking.starts_at
            self.saw("moved", cents)
        return result

    async def wish_to_cancel(self) -> None:
        await self._does(lambda c: life.ask_cancel(c, self.install.profile, self.id, self.by, self.now, "plans changed"))
        self.saw("cancel_asked")

    async def complain(self) -> None:
        """To the assistant."""
        await self.talk.say(COMPLAINT)
        self.saw("complained")

    async def _does(self, verb: Any) -> Any:
        return await self.install.database.unit(verb)


def welcome(install: Install, office: Office, adults: int, children: int, miles: int) -> Guest:
    """Somebody new at the door, whom the office knows from now on."""
    number = len(office.guests) + 1
    guest = Guest(install, office, number, Random(number), install.host.customer(), adults, children, miles)
    office.guests.append(guest)
    return guest
