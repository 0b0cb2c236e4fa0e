"""A weekend that everybody wants: hundreds of customers hold, agree and pay at once, each on a connection of their own.

Whoever wins has one place and one payment, whoever loses is a lead, no chef and no lane is given twice, and the ledger balances.
`PROVE_CROWD` customers; sixty by default.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import holds, life
from business.bookings.requests import By, Held, Taken
from business.bookings.rules import OCCUPYING
from business.payments import ledger, notices, receiving
from business.payments.receiving import Incoming
from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Handoff, LedgerPosting, Payment
from tests.bookings.conftest import PROFILE, Customers, far, request, with_capacity
from tests.bookings.test_races import overlaps
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

CROWD = int(os.environ.get("PROVE_CROWD", "60"))
CONNECTIONS = min(CROWD, 100)
SEED = 20261128
LANES = 4
CHEFS = 4
SATURDAY = 5
TRIES = 20
T = TypeVar("T")
DEPOSIT = PROFILE.prices.deposit_cents


def weekend(after: int) -> tuple[date, date]:
    """The first Saturday after so many days, and its Sunday."""
    day = far(after)
    saturday = day + timedelta(days=(SATURDAY - day.weekday()) % 7)
    return saturday, saturday + timedelta(days=1)


@dataclass
class Guest:
    """One of the crowd; `number` makes their phone and their name nobody else's."""

    number: int
    conversation: UUID
    chance: random.Random
    held: Held | None = None
    lost: list[Taken] = field(default_factory=list)
    pays: bool = True

    @property
    def by(self) -> By:
        return By("customer", self.name)

    @property
    def name(self) -> str:
        return f"Guest{self.number} Number{self.number}"

    @property
    def phone(self) -> str:
        return f"+1415{2000000 + self.number}"


@dataclass
class Weekend:
    """What a crowd does on two days."""

    database: Database
    profile: Profile
    days: tuple[date, date]

    async def does(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """One step of a customer's, taken again where the house says "please try again": nothing was stored then."""
        for _ in range(TRIES):
            try:
                return await self.database.unit(work)
            except Unavailable:
                await asyncio.sleep(0.1)
        return await self.database.unit(work)

    async def comes(self, guest: Guest) -> None:
        """From the wish to the money, or to the list of leads."""
        await self.holds(guest, guest.chance.choice(self.days), guest.chance.choice(self.profile.slots.times))
        if guest.held is None:
            return
        booking = guest.held.booking.id
        await self.does(lambda c: life.accept_terms(c, self.profile, booking, guest.by, utc_now()))
        guest.pays = guest.chance.random() < 0.9
        if guest.pays:
            # Every provider tells twice, and at the same moment.
            way = guest.chance.choice((self.by_notice, self.by_card))
            await asyncio.gather(way(guest), way(guest))

    async def holds(self, guest: Guest, day: date, at: time) -> None:
        """The slot, else the first that is offered instead, once."""
        for _ in range(2):
            wanted = request(guest.conversation, day, at, party=Party(6), name=guest.name, phone=guest.phone)
            result = await self.does(lambda c, w=wanted: holds.hold(c, self.profile, w, utc_now()))  # type: ignore[misc]
            if isinstance(result, Held):
                guest.held = result
                return
            guest.lost.append(result)
            near = [other for other in result.alternatives if other.day in self.days]
            if not near:
                return
            day, at = near[0].day, near[0].slot

    async def by_notice(self, guest: Guest) -> None:
        text = f"{guest.name} paid you ${DEPOSIT // 100}.00\nNote: party, {guest.phone}\nTransaction ID: V{guest.number:08d}\nVenmo"
        await self.does(lambda c: notices.take(c, self.profile, text=text, source="mail", received_at=utc_now()))

    async def by_card(self, guest: Guest) -> None:
        assert guest.held is not None
        money = Incoming("card", f"pi_{guest.number}", DEPOSIT, utc_now(), guest.held.booking.id)
        await self.does(lambda c: receiving.receive(c, self.profile, money, utc_now()))


@pytest.fixture
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """Of each test's own: a ledger is never emptied."""
    yield from made_database(postgres, template)


@pytest.fixture
async def crowd(database_url: str) -> AsyncIterator[Customers]:
    database = Database(database_url, application="test", pool_size=CONNECTIONS)
    async with database.transaction() as connection:
        await ensure_demo(connection)
    await asyncio.gather(*(_stands(database) for _ in range(CONNECTIONS)))
    yield Customers(database)
    await database.close()


async def _stands(database: Database) -> None:
    """A connection that was opened before the crowd comes."""
    async with database.transaction() as connection:
        await connection.execute(sa.select(sa.func.pg_sleep(0.2)))


@pytest.fixture
async def everybody(crowd: Customers) -> list[UUID]:
    """Customers who have a conversation each."""
    return await asyncio.gather(*(crowd.one() for _ in range(CROWD)))


class TestAWeekendThatEverybodyWants:
    @pytest.mark.slow
    async def test_beyond_the_chefs_calendars_lanes_decide(self, crowd: Customers, everybody: list[UUID]) -> None:
        profile, days = with_capacity(LANES), weekend(30)
        guests = await self.play(crowd, everybody, profile, days)
        places = LANES * len(days) * len(profile.slots.times)
        await self.judge(crowd, guests, places)
        used = Counter((row.day, row.slot) for row in await crowd.bookings(Booking.status.in_(OCCUPYING)))
        assert max(used.values()) <= LANES

    async def test_near_by_the_chefs_decide(self, crowd: Customers, everybody: list[UUID]) -> None:
        chefs = [await crowd.chef(f"chef {number}", rating=number % 5) for number in range(CHEFS)]
        guests = await self.play(crowd, everybody[: 2 * CROWD // 3], PROFILE, weekend(3))
        # As many as there are chefs may cook at once; how many get there from their party before is the way's affair.
        await self.judge(crowd, guests, CHEFS * 2 * len(PROFILE.slots.times))
        cooking = await crowd.bookings(Booking.status.in_(OCCUPYING))
        assert {row.chef_number for row in cooking} <= set(chefs)

    async def play(self, crowd: Customers, everybody: list[UUID], profile: Profile, days: tuple[date, date]) -> list[Guest]:
        guests = [Guest(number, one, random.Random(SEED + number)) for number, one in enumerate(everybody)]
        scene = Weekend(crowd.database, profile, days)
        await asyncio.gather(*(scene.comes(guest) for guest in guests))
        return guests

    async def judge(self, crowd: Customers, guests: list[Guest], places: int) -> None:
        won = [guest for guest in guests if guest.held is not None]
        paid = [guest for guest in won if guest.pays]
        assert 0 < len(paid) <= len(won) <= places and len(won) < len(guests)
        rows = {row.conversation_id: row for row in await crowd.bookings(Booking.status.in_(OCCUPYING))}
        assert set(rows) == {guest.conversation for guest in won}
        assert all(rows[guest.conversation].status == ("confirmed" if guest.pays else "deposit_pending") for guest in won)
        assert await overlaps(crowd.database) == 0
        lanes = Counter((row.station, row.day, row.slot, row.lane) for row in rows.values())
        assert max(lanes.values()) == 1
        await self.leads(crowd, guests)
        await self.books(crowd, {rows[guest.conversation].id for guest in paid})

    async def leads(self, crowd: Customers, guests: list[Guest]) -> None:
        """Whoever lost a slot is kept, with why."""
        async with crowd.database.transaction() as connection:
            kept = {row.conversation_id: row.failed for row in await connection.execute(sa.select(Lead.conversation_id, Lead.failed))}
        losers = {guest.conversation for guest in guests if guest.lost}
        assert losers and losers <= set(kept) and {kept[one] for one in losers} == {"taken"}
        assert {taken.why for guest in guests for taken in guest.lost} == {"taken"}

    async def books(self, crowd: Customers, paid: set[Any]) -> None:
        """One payment for each who paid, though each was told of twice; nobody's money is nobody's."""
        async with crowd.database.transaction() as connection:
            payments = Counter(await connection.scalars(sa.select(Payment.booking_id)))
            postings = await connection.scalar(sa.select(sa.func.count()).select_from(LedgerPosting))
            balance = await ledger.trial_balance(connection)
            stands = [await ledger.statement(connection, booking) for booking in paid]
            asked = list(await connection.scalars(sa.select(Handoff.summary).where(Handoff.kind == "payment")))
        assert set(payments) == paid and set(payments.values()) == {1} and postings == len(paid) and asked == []
        assert balance.total == 0 and balance.accounts.get("unmatched", 0) == 0
        assert -balance.accounts["customers"] == DEPOSIT * len(paid)
        assert {(one.paid_cents, one.deposit_due_cents, one.balance_cents) for one in stands} == {
            (DEPOSIT, 0, one.total_cents - DEPOSIT) for one in stands
        }
