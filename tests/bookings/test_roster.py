"""A chef's day off against a party that is being given to them: never both."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.bookings import roster
from business.bookings.chefs import WorkTime
from business.bookings.requests import Held, Taken
from kernel.errors import Conflict
from tests.bookings.conftest import PROFILE, STATION, Customers, near, request

ROUNDS = 12
T = TypeVar("T")


async def takes_off(customers: Customers, chef: UUID, line: WorkTime) -> bool:
    try:
        await customers.database.unit(lambda c: roster.set_times(c, PROFILE, chef, [line], uuid4()))
    except Conflict:
        return False
    return True


async def cook(customers: Customers) -> UUID:
    """Somebody new, who is the only one."""
    chef, values = uuid4(), {"name": "Kenji", "station": STATION.key, "largest": "large", "rating": None}
    async with customers.database.transaction() as connection:
        await connection.execute(sa.text("TRUNCATE ops.booking, ops.chef CASCADE"))
    await customers.database.unit(lambda c: roster.add(c, PROFILE, chef, values, uuid4()))
    return chef


async def test_a_day_off_and_a_party_at_once(customers: Customers) -> None:
    for n in range(ROUNDS):
        chef = await cook(customers)
        wanted = request(await customers.one(), near())
        # Who is a little later differs from round to round, so that both win some.
        off, held = await asyncio.gather(
            _after(0.004 * (n % 3), takes_off(customers, chef, WorkTime("off", day=near()))),
            _after(0.004 * (n // 3), customers.hold(wanted)),
        )
        assert isinstance(held, Held | Taken)
        assert off != isinstance(held, Held), "the chef is off, and has a party" if off else "neither"


async def _after(seconds: float, work: Awaitable[T]) -> T:
    await asyncio.sleep(seconds)
    return await work


async def test_the_same_hours_again_change_nothing(customers: Customers) -> None:
    chef, line = await cook(customers), WorkTime("weekly", weekday=5, from_minute=600, to_minute=1500)
    found = [await customers.database.unit(lambda c: roster.set_times(c, PROFILE, chef, [line], uuid4())) for _ in range(3)]
    assert {one.times for one in found} == {(line,)}
