"""Who writes without looking meets a constraint. Each is taken away in turn: the same careless writer gets through, and what the constraint
promised is broken. Nothing is patched: a constraint is dropped in this test's own database."""

import asyncio
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError, IntegrityError

from business.bookings import holds
from business.bookings.requests import Held, Taken
from business.bookings.rules import OCCUPYING
from kernel.clock import utc_now
from kernel.database import Database, sqlstate
from kernel.ids import new_id
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, BookingEvent, Complaint
from tests.bookings.conftest import PROFILE, Customers, near, request
from tests.bookings.test_races import overlaps, row_of, waiting
from tests.conftest import execute, made_database
from tests.rig.postgres import PostgresServer

UNIQUE, EXCLUSION, CHECK = "23505", "23P01", "23514"


@pytest.fixture
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """Of each test's own: constraints are dropped there."""
    yield from made_database(postgres, template)


async def careless(database: Database, like: Any, **other: Any) -> str | None:
    """A copy of a booking with other values, written without looking; the SQLSTATE by which it was refused."""
    made_up = {"id": new_id(), "card_id": new_id(), "idem": None, "conversation_id": new_id()}
    values = {**like._mapping, **made_up, **other}
    del values["number"]  # given by the database
    try:
        async with database.transaction() as connection:
            await connection.execute(sa.insert(Booking).values(values))
    except DBAPIError as error:
        return sqlstate(error)
    return None


async def without(url: str, name: str) -> None:
    statement = (
        f"DROP INDEX ops.{name}" if name in ("uq_booking_lane", "uq_booking_held") else f"ALTER TABLE ops.booking DROP CONSTRAINT {name}"
    )
    await execute(url, statement)


class TestALaneOfASlot:
    async def both_hold(self, customers: Customers, profile: Any = PROFILE) -> Held | Taken:
        """Two for one slot: the second looks while the first is not stored yet."""
        alice, bob = await customers.several(2)
        async with customers.database.primary.connect() as mine:
            await mine.begin()
            assert isinstance(await holds.hold(mine, profile, request(alice), utc_now()), Held)
            other = asyncio.create_task(customers.hold(request(bob), profile))
            waits = asyncio.create_task(waiting(customers.database))
            await asyncio.wait({other, waits}, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            await mine.commit()
        return await other

    async def test_matters(self, customers: Customers, database: Database, database_url: str) -> None:
        assert isinstance(await self.both_hold(customers), Taken)
        (first,) = await customers.bookings(Booking.status == "held")
        assert await careless(database, first) == UNIQUE
        assert await careless(database, first, lane=2) is None
        async with database.transaction() as connection:
            await connection.execute(sa.delete(BookingEvent))
            await connection.execute(sa.delete(Booking))
        await without(database_url, "uq_booking_lane")
        assert isinstance(await self.both_hold(customers), Held), "blind"
        rows = await customers.bookings(Booking.status.in_(OCCUPYING))
        assert [row.lane for row in rows] == [1, 1]


class TestTheTimeOfAChef:
    async def test_matters(self, customers: Customers, database: Database, database_url: str) -> None:
        await customers.chef()
        first = await row_of(database, (await customers.held(request(await customers.one(), near()))).booking.id)
        assert first.chef_number is not None
        later = Range(first.busy.lower + timedelta(hours=2), first.busy.upper + timedelta(hours=2), bounds="[)")
        moved = {"lane": 2, "starts_at": first.starts_at + timedelta(hours=2), "ends_at": first.ends_at + timedelta(hours=2), "busy": later}
        assert await careless(database, first, **moved) == EXCLUSION
        assert await careless(database, first, lane=3, chef_number=None) is None
        assert await careless(database, first, lane=4, status="cancelled", hold_until=None) is None
        assert await overlaps(database) == 0
        await without(database_url, "ex_booking_chef")
        assert await careless(database, first, **moved) is None
        assert await overlaps(database) == 1

    async def test_one_party_may_end_where_the_next_begins(self, customers: Customers, database: Database) -> None:
        await customers.chef()
        first = await row_of(database, (await customers.held(request(await customers.one(), near()))).booking.id)
        after = first.busy.upper - first.busy.lower
        moved = {"slot": time(21), "starts_at": first.starts_at + after, "ends_at": first.ends_at + after}
        assert await careless(database, first, busy=Range(first.busy.upper, first.busy.upper + after, bounds="[)"), **moved) is None


class TestTheRest:
    """Each in turn: refused, then its constraint is dropped, then let in, in a lane of its own."""

    async def test_of_a_holds_life(self, customers: Customers, database: Database, database_url: str) -> None:
        first = await row_of(database, (await customers.held(request(await customers.one()))).booking.id)
        cases: list[tuple[str, str, dict[str, Any]]] = [
            ("uq_booking_held", UNIQUE, {"conversation_id": first.conversation_id}),
            ("uq_booking_idem", UNIQUE, {"idem": first.idem}),
            ("ck_booking_deposit_until", CHECK, {"status": "deposit_pending", "hold_until": None, "deposit_until": None}),
            ("ck_booking_counts", CHECK, {"guests": 0}),
            ("ck_booking_status", CHECK, {"status": "perhaps", "hold_until": None}),
            ("ck_booking_held_until", CHECK, {"hold_until": None}),
            ("ck_booking_party_within_busy", CHECK, {"ends_at": first.busy.upper + timedelta(minutes=1)}),
        ]
        assert await careless(database, first, lane=2, status="confirmed") == CHECK
        assert await careless(database, first, lane=0) == CHECK
        for lane, (constraint, state, values) in enumerate(cases, 2):
            odd = {"lane": lane, **values}
            assert await careless(database, first, **odd) == state, constraint
            await without(database_url, constraint)
            assert await careless(database, first, **odd) is None, constraint

    async def test_of_the_busy_time(self, customers: Customers, database: Database, database_url: str) -> None:
        first = await row_of(database, (await customers.held(request(await customers.one()))).booking.id)
        lower, upper = first.busy.lower, first.busy.upper
        ranges = [Range(lower, upper, bounds=bounds) for bounds in ("[]", "(]", "()")]
        endless = [Range(lower, None), Range(None, upper)]
        for busy in (*ranges, *endless, Range(empty=True)):
            assert await careless(database, first, lane=2, busy=busy) == CHECK
        await without(database_url, "ck_booking_busy")
        for lane, busy in enumerate((*ranges, *endless), 2):
            assert await careless(database, first, lane=lane, busy=busy) is None


class TestOneOfAKind:
    """One unsettled lead and one open complaint per conversation; a chef's calendar holds what can be read."""

    async def refused(self, database: Database, table: Any, row: dict[str, Any]) -> str | None:
        try:
            async with database.transaction() as connection:
                await connection.execute(sa.insert(table).values({"id": new_id(), **row}))
        except DBAPIError as error:
            return sqlstate(error)
        return None

    async def test_matters(self, customers: Customers, database: Database, database_url: str) -> None:
        owner = {"conversation_id": new_id(), "customer_id": new_id()}
        cases: list[tuple[Any, dict[str, Any], str, dict[str, Any]]] = [
            (Lead, {"source": "chat", "score": 1}, "crm.uq_lead_unsettled", {"status": "converted"}),
            (Complaint, {"severity": "minor", "summary": "late"}, "ops.uq_complaint_open", {"state": "resolved"}),
        ]
        for table, values, index, settled in cases:
            assert await self.refused(database, table, {**owner, **values}) is None
            assert await self.refused(database, table, {**owner, **values, **settled}) is None
            assert await self.refused(database, table, {**owner, **values}) == UNIQUE
            await execute(database_url, f"DROP INDEX {index}")
            assert await self.refused(database, table, {**owner, **values}) is None

    @pytest.mark.parametrize(
        "line",
        [
            {"kind": "weekly", "day": near(), "from_minute": 0, "to_minute": 60},
            {"kind": "weekly", "weekday": 7, "from_minute": 0, "to_minute": 60},
            {"kind": "weekly", "weekday": 1},
            {"kind": "on", "weekday": 1, "from_minute": 0, "to_minute": 60},
            {"kind": "on", "day": near()},
            {"kind": "off", "day": near(), "from_minute": 60},
            {"kind": "on", "day": near(), "from_minute": 60, "to_minute": 60},
            {"kind": "on", "day": near(), "from_minute": 0, "to_minute": 2881},
            {"kind": "perhaps", "day": near(), "from_minute": 0, "to_minute": 60},
        ],
    )
    async def test_a_line_of_a_calendar_that_says_nothing(self, customers: Customers, line: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError):
            await customers.chef("Kenji", line)
