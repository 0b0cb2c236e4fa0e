"""The office: what staff do, through the verbs that their console calls."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import By, Changed
from business.complaints import settling
from business.coupons import service as coupons
from business.handoffs.ownership import Actor
from business.payments import notices, receiving, refunds
from business.payments import settling as paying
from business.payments.checkouts import Purpose
from business.payments.receiving import Incoming
from kernel.ids import StaffId
from kernel.tables.ops import Complaint, Payment, Refund
from tests.simulation.install import Install

if TYPE_CHECKING:
    from tests.simulation.guests import Guest, Way


class Office:
    """Dana, who owns the place."""

    def __init__(self, install: Install, owner: UUID) -> None:
        self.install = install
        self.actor = Actor(StaffId(owner), "Dana")
        self.by = By("human", "Dana", owner)
        self.notices = 0
        self.guests: list[Guest] = []

    @property
    def now(self) -> datetime:
        return self.install.world.time.at

    async def takes(self, guest: "Guest", way: "Way", cents: int) -> str:
        """Money comes in; what becomes of its booking: `confirmed`, `reheld`, `lost`, `counted` ..."""
        self.notices += 1
        profile, database = self.install.profile, self.install.database
        if way == "card":
            return await self._charges(guest, cents)
        if way == "cash":
            money = Incoming("cash", f"cash-{self.notices}", cents, self.now, guest.id, taken_by=self.actor.id)
            return (await database.unit(lambda c: receiving.receive(c, profile, money, self.now))).outcome
        text = _notice(guest, way, cents, self.notices)
        before = await self._status(guest.id)
        taken = [
            await database.unit(lambda c: notices.take(c, profile, text=text, source="mail", received_at=self.now))
            for _ in range(2)  # every notice comes twice
        ]
        assert [one.new for one in taken] == [True, False] and taken[0].payment == taken[1].payment
        assert (taken[0].booking, taken[0].state) == (guest.id, "matched"), f"{guest.name}: {taken[0]}"
        return _became(before, await self._status(guest.id))

    async def _charges(self, guest: "Guest", cents: int) -> str:
        before = await self._status(guest.id)
        purpose: Purpose = "deposit" if before in ("held", "deposit_pending") else "balance"
        assert await self.install.bank.pays(guest.id, purpose, guest.name) == cents
        await self.install.world.settle()
        return _became(before, await self._status(guest.id))

    async def confirms(self, guest: "Guest") -> None:
        await self._does(lambda c: life.confirm(c, self.install.profile, guest.id, self.by, self.now))
        guest.saw("confirmed")

    async def keeps(self, guest: "Guest") -> None:
        await self._does(lambda c: life.keep(c, self.install.profile, guest.id, self.by, self.now))
        guest.saw("kept")

    async def moves_for_the_weather(self, guest: "Guest", day: date, at: time) -> bool:
        result = await self._does(lambda c: life.reschedule(c, self.install.profile, guest.id, day, at, self.by, self.now, weather=True))
        if isinstance(result, Changed):
            guest.starts_at = result.booking.starts_at
            guest.saw("weather")
        return isinstance(result, Changed)

    async def decides(self, guest: "Guest", approve: bool, *, gives_back: bool = False) -> None:
        """The wish to cancel; the money with it."""
        await self._does(lambda c: life.decide_cancel(c, self.install.profile, guest.id, approve, self.by, self.now, "as asked"))
        guest.saw("cancel_approved" if approve else "cancel_rejected")
        if gives_back:
            await self.gives_back(guest)

    async def gives_back(self, guest: "Guest") -> None:
        """All that came: a card's by itself, the rest by hand."""
        await self._does(lambda c: refunds.give_all_back(c, guest.id, "cancelled in time", by=self.actor.id))
        waits = sa.select(Refund.id).join(Payment, Payment.id == Refund.payment_id)
        by_hand = waits.where(Payment.booking_id == guest.id, Payment.method != "card", Refund.state == "asked")
        async with self.install.database.transaction() as connection:
            found = list(await connection.scalars(by_hand))
        for refund in found:
            await self._does(lambda c, r=refund: paying.done(c, self.install.profile, r, by_hand=True))
        guest.purse.back = guest.purse.paid
        guest.saw("given_back", guest.purse.back)

    async def says_nobody_was_there(self, guest: "Guest") -> None:
        await self._does(lambda c: life.no_show(c, self.install.profile, guest.id, self.by, self.now))
        guest.saw("no_show")

    async def makes_up_for(self, guest: "Guest") -> None:
        """A coupon, approved, and words about what was done."""
        profile, database, links = self.install.profile, self.install.database, self.install.links
        async with database.transaction() as connection:
            open_one = sa.select(Complaint.id).where(Complaint.conversation_id == guest.talk.conversation, Complaint.state == "open")
            complaint = (await connection.scalars(open_one)).one()
        limit = profile.reviews.coupon
        worth = {"percent": limit.percent_at_most, "cents": limit.cents_at_most, "reason": "cold food"}
        coupon = await database.unit(lambda c: coupons.propose(c, profile, complaint, self.actor, **worth))  # type: ignore[arg-type]
        await database.unit(lambda c: coupons.decide(c, profile, coupon, self.actor, True, self.now))
        await database.unit(
            lambda c: settling.resolve(c, profile, links, complaint, self.actor, "We are sorry. Here is a coupon.", tell=True, now=self.now)
        )
        guest.saw("made_up_for")

    async def _does(self, verb: Any) -> Any:
        return await self.install.database.unit(verb)

    async def _status(self, booking: UUID) -> str:
        return str((await self.install.booking(booking)).status)


def _became(before: str, after: str) -> str:
    """What money did to a booking, by its states."""
    if after in ("cancelled", "expired"):
        return "lost"
    if after == "confirmed" and before != "confirmed":
        return "reheld" if before in ("cancelled", "expired") else "confirmed"
    return "counted"


def _notice(guest: "Guest", way: str, cents: int, number: int) -> str:
    amount = f"${cents // 100:,}.{cents % 100:02d}"
    if way == "venmo":
        return f"{guest.name} paid you {amount}\nNote: hibachi {guest.phone}\nTransaction ID: 39{number:010d}\nVenmo"
    return f"Zelle payment\nYou received {amount} from {guest.name}.\nMemo: party {guest.phone}\nConfirmation: ZL{number:08d}"
