"""Many customers, one slot, real connections at once. As many win as there are lanes or chefs; who loses is told what else is free.

`PROVE_ROUNDS` rounds of the crowd; a few by default.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from business.bookings import holds, life
from business.bookings.chefs import Spot
from business.bookings.requests import Held, HoldRequest, Taken
from business.bookings.rules import OCCUPYING
from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database, sqlstate
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, BookingEvent
from tests.bookings.conftest import DANA, PROFILE, SIX, Customers, far, near, request, with_capacity

ROUNDS = int(os.environ.get("PROVE_ROUNDS", "2"))
CROWD = 50
SEED = 20261128
OVERLAPS = """
    SELECT count(*) FROM ops.booking a JOIN ops.booking b ON a.id < b.id AND a.chef_number = b.chef_number AND a.busy && b.busy
    WHERE a.status = ANY(:occupying) AND b.status = ANY(:occupying)
"""


@pytest.fixture(scope="module")
async def everybody(database_url: str) -> list[UUID]:
    """Customers who have a conversation each."""
    database = Database(database_url, application="test")
    async with database.transaction() as connection:
        await ensure_demo(connection)
    found = await Customers(database).several(CROWD)
    await database.close()
    return found


@pytest.fixture
async def crowd(database_url: str, customers: Customers) -> AsyncIterator[Customers]:
    """A connection for each of them."""
    database = Database(database_url, application="test", pool_size=CROWD)
    yield Customers(database)
    await database.close()


async def at_once(customers: Customers, requests: Sequence[HoldRequest], profile: Profile = PROFILE) -> list[Held | Taken]:
    """Everybody at the same moment, each on a connection that stands."""
    gate = asyncio.Barrier(len(requests))
    now = utc_now()

    async def warm() -> None:
        async with customers.database.transaction() as connection:
            await connection.execute(sa.text("SELECT 1"))
            await gate.wait()

    async def one(wanted: HoldRequest) -> Held | Taken:
        await gate.wait()
        return await customers.hold(wanted, profile, now)

    await asyncio.gather(*(warm() for _ in requests))
    return list(await asyncio.gather(*(one(wanted) for wanted in requests)))


def won(results: Sequence[Held | Taken]) -> list[Held]:
    return [result for result in results if isinstance(result, Held)]


async def count(database: Database, query: Any, **values: Any) -> int:
    async with database.transaction() as connection:
        return int(await connection.scalar(query, values) or 0)


async def overlaps(database: Database) -> int:
    """Pairs of parties that one chef would have to cook at the same time."""
    return await count(database, sa.text(OVERLAPS), occupying=list(OCCUPYING))


async def forget(database: Database) -> None:
    async with database.transaction() as connection:
        for table in (BookingEvent, Booking, Lead):
            await connection.execute(sa.delete(table))


class TestFiftyForOneSlot:
    async def test_as_many_win_as_there_are_lanes(self, crowd: Customers, everybody: list[UUID]) -> None:
        chance = random.Random(SEED)
        for round in range(ROUNDS):
            lanes, day, at = chance.choice((1, 1, 3)), far(20 + chance.randrange(340)), chance.choice(PROFILE.slots.times)
            results = await at_once(crowd, [request(one, day, at) for one in everybody], with_capacity(lanes))
            winners = won(results)
            assert len(winners) == lanes, f"round {round}: {len(winners)} of {lanes}"
            losers = [result for result in results if isinstance(result, Taken)]
            assert {loser.why for loser in losers} == {"taken"} and all(loser.alternatives for loser in losers)
            occupied = await crowd.bookings(Booking.status.in_(OCCUPYING))
            assert sorted(row.lane for row in occupied) == list(range(1, lanes + 1))
            assert await count(crowd.database, sa.select(sa.func.count()).select_from(Lead).where(Lead.failed == "taken")) == CROWD - lanes
            await forget(crowd.database)

    async def test_as_many_win_as_there_are_chefs(self, crowd: Customers, everybody: list[UUID]) -> None:
        numbers = [await crowd.chef(f"chef {n}", rating=n) for n in range(3)]
        results = await at_once(crowd, [request(one, near()) for one in everybody])
        assert sorted(held.booking.chef or 0 for held in won(results)) == sorted(numbers)
        assert await overlaps(crowd.database) == 0

    async def test_a_lapsed_hold_is_taken_over_by_one(self, crowd: Customers, everybody: list[UUID]) -> None:
        for _ in range(ROUNDS):
            (before,) = won([await crowd.hold(request(everybody[0]))])
            await crowd.let_lapse(before.booking.id)
            results = await at_once(crowd, [request(one) for one in everybody[1:]])
            assert len(won(results)) == 1
            assert Counter(row.status for row in await crowd.bookings()) == {"expired": 1, "held": 1}
            await forget(crowd.database)

    async def test_one_customer_who_presses_fifty_times(self, crowd: Customers) -> None:
        alice = await crowd.one()
        results = await at_once(crowd, [request(alice)] * CROWD)
        assert len({held.booking.id for held in won(results)}) == 1
        assert sum(not held.repeated for held in won(results)) == 1
        assert len(await crowd.bookings()) == len(await crowd.cards(alice)) == 1


class TestManySlotsAtOnce:
    async def test_no_chef_is_ever_in_two_places(self, crowd: Customers, everybody: list[UUID]) -> None:
        """Starts moved at random and parties of all sizes, so that busy times overlap in every way."""
        chance = random.Random(SEED)
        for n in range(3):
            await crowd.chef(f"chef {n}", largest=("small", "medium", "large")[n])
        for _ in range(ROUNDS):
            results = await at_once(crowd, [self.wish(chance, one) for one in everybody])
            assert won(results)
            assert await overlaps(crowd.database) == 0
            for chef, day in {(held.booking.chef, held.booking.day) for held in won(results)}:
                await self.reachable(crowd, chef, day)
            await forget(crowd.database)

    @staticmethod
    def wish(chance: random.Random, customer: UUID) -> HoldRequest:
        minute = 60 * chance.choice(PROFILE.slots.times).hour + chance.randrange(-60, 61)
        spot = Spot(37.3 + chance.random() / 2, -122.2 + chance.random() / 2)
        party = Party(chance.randrange(1, 45))
        return request(customer, near(5 + chance.randrange(2)), time(minute // 60, minute % 60), party=party, spot=spot)

    @staticmethod
    async def reachable(customers: Customers, chef: int | None, day: date) -> None:
        """The way between any two parties of a chef that follow each other fits, as computed here anew: at most 35 miles an hour."""
        rows = sorted(await customers.bookings(Booking.chef_number == chef, Booking.day == day), key=lambda row: row.starts_at)
        for one, other in pairwise(rows):
            degrees = ((one.latitude - other.latitude) ** 2 + (0.79 * (one.longitude - other.longitude)) ** 2) ** 0.5
            at_least = timedelta(minutes=degrees * 69 * 1.25 / 35 * 60 * 0.98)
            assert other.busy.lower - one.busy.upper >= at_least

    async def test_two_who_want_each_others_slot(self, crowd: Customers) -> None:
        """Each keeps what they have: a slot is given up for one that is free, never for one that may become free."""
        alice, bob = await crowd.several(2)
        for _ in range(ROUNDS):
            await crowd.held(request(alice, at=time(15)))
            await crowd.held(request(bob, at=SIX))
            await at_once(crowd, [request(alice, at=SIX), request(bob, at=time(15))])
            held = await crowd.bookings(Booking.status == "held")
            assert {row.conversation_id for row in held} == {alice, bob} and len({row.slot for row in held}) == 2
            await forget(crowd.database)


class TestTheInstantOfConfirming:
    """The hold runs out while it is confirmed and wanted by somebody else. One of the two has the slot, whoever is first."""

    async def test_exactly_one_has_it(self, crowd: Customers) -> None:
        alice, bob = await crowd.several(2)
        chance = random.Random(SEED)
        outcomes = Counter[bool]()
        for _ in range(4 * ROUNDS):
            held = await crowd.held(request(alice))
            await self.set_deadline(crowd.database, held, chance.uniform(1, 12))
            confirmed, taken = await asyncio.gather(crowd.confirm(held.booking.id), self.insist(crowd, bob))
            assert (confirmed is None) == isinstance(taken, Held)
            assert len(await crowd.bookings(Booking.status.in_(OCCUPYING))) == 1
            outcomes[confirmed is not None] += 1
            await forget(crowd.database)
        assert outcomes.total() == 4 * ROUNDS

    async def insist(self, customers: Customers, bob: UUID) -> Held | Taken:
        """Ask until it is theirs, or booked."""
        while True:
            result = await customers.hold(request(bob))
            if isinstance(result, Held) or await customers.bookings(Booking.status == "confirmed"):
                return result

    async def test_who_confirms_first_keeps_it(self, crowd: Customers) -> None:
        """The time of the hold is over when the other one comes, but the confirmation is on its way to be stored: they wait for it."""
        alice, bob = await crowd.several(2)
        held = await crowd.held(request(alice))
        for milliseconds in (50, 500, 5000):  # a busy machine confirms too late at first
            until = await self.set_deadline(crowd.database, held, milliseconds)
            async with crowd.database.primary.connect() as mine:
                await mine.begin()
                try:
                    await life.confirm(mine, PROFILE, held.booking.id, DANA, utc_now())
                except Conflict:
                    continue
                while not await count(crowd.database, sa.select(sa.case((sa.func.clock_timestamp() > until, 1), else_=0))):
                    pass
                other = asyncio.create_task(crowd.hold(request(bob)))
                await waiting(crowd.database)
                await mine.commit()
            break
        assert isinstance(await other, Taken)
        assert [row.status for row in await crowd.bookings()] == ["confirmed"]

    @staticmethod
    async def set_deadline(database: Database, held: Held, milliseconds: float) -> datetime:
        until = sa.func.clock_timestamp() + timedelta(milliseconds=milliseconds)
        statement = sa.update(Booking).where(Booking.id == held.booking.id).values(hold_until=until).returning(Booking.hold_until)
        async with database.transaction() as connection:
            return (await connection.scalars(statement)).one()

    async def test_who_takes_it_over_first_keeps_it(self, crowd: Customers) -> None:
        alice, bob = await crowd.several(2)
        held = await crowd.held(request(alice))
        await crowd.let_lapse(held.booking.id)
        async with crowd.database.primary.connect() as mine:
            await mine.begin()
            assert isinstance(await holds.hold(mine, PROFILE, request(bob), utc_now()), Held)
            hers = asyncio.create_task(crowd.confirm(held.booking.id))
            await waiting(crowd.database)
            await mine.commit()
        assert await hers is None
        assert [(row.status, row.conversation_id) for row in await crowd.bookings()] == [("expired", alice), ("held", bob)]


async def waiting(database: Database, kind: str = "transactionid") -> None:
    """Until some transaction waits for another one."""
    query = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = :kind")
    while not await count(database, query, kind=kind):
        pass


class TestOneAfterTheOther:
    async def test_the_way_between_two_parties_is_looked_at(self, crowd: Customers) -> None:
        """Two parties of one chef that do not overlap, too far apart: no constraint sees that, so the second waits for the first."""
        await crowd.chef()
        alice, bob = await crowd.several(2)
        oakland, san_jose = Spot(37.80, -122.27), Spot(37.33, -121.89)
        async with crowd.database.primary.connect() as mine:
            await mine.begin()
            assert isinstance(await holds.hold(mine, PROFILE, request(alice, near(), time(12), spot=san_jose), utc_now()), Held)
            other = asyncio.create_task(crowd.hold(request(bob, near(), time(15), spot=oakland)))
            await waiting(crowd.database, "advisory")
            await mine.commit()
        assert isinstance(await other, Taken)

    async def test_two_who_wait_for_each_other(self, crowd: Customers) -> None:
        """Somebody books the slot that Alice wants, then the one that she leaves. The database ends one of the two; hers is tried again."""
        alice, bob = await crowd.several(2)
        leaves = await crowd.held(request(alice, at=time(15)))
        like = {name: value for name, value in (await row_of(crowd.database, leaves.booking.id))._mapping.items() if name != "number"}
        row = {**like, "conversation_id": bob, "status": "confirmed", "hold_until": None}

        async def moves() -> Held | Taken:
            async with crowd.database.transaction() as connection:
                return await holds.hold(connection, PROFILE, request(alice), utc_now())

        async with crowd.database.primary.connect() as theirs:
            await theirs.begin()
            await theirs.execute(sa.text("SET LOCAL deadlock_timeout = '20s'"))
            await theirs.execute(sa.insert(Booking).values({**row, "id": new_id(), "idem": None, "slot": SIX}))
            hers = asyncio.create_task(moves())
            await waiting(crowd.database)
            with pytest.raises(DBAPIError) as lost:
                await theirs.execute(sa.insert(Booking).values({**row, "id": new_id(), "idem": None}))
            await theirs.rollback()
        assert sqlstate(lost.value) in ("23505", "55P03")
        assert isinstance(await hers, Held)
        assert [held.slot for held in await crowd.bookings(Booking.status.in_(OCCUPYING))] == [SIX]


async def row_of(database: Database, booking: UUID) -> Any:
    async with database.transaction() as connection:
        return (await connection.execute(sa.select(Booking).where(Booking.id == booking))).one()
