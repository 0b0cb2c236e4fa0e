"""Who cooks: points that say what they are made of, chefs who cannot come with the reason, and who is chosen for a hold."""

import asyncio
from collections.abc import AsyncIterator
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.bookings import chefs, life, rules
from business.bookings.chefs import Chef, Engaged, Spot, Wanted, WorkTime
from business.bookings.requests import Changed
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Conflict, NotFound
from tests.bookings.conftest import DANA, PROFILE, SIX, STATION, Customers, at_venue, far, near, request
from tests.bookings.lifetime import Life, booked, held
from tests.bookings.test_races import waiting

CHOICE = PROFILE.slots.chef_choice
DAY = far(30)
SAN_JOSE, OAKLAND = Spot(37.33, -121.89), Spot(37.80, -122.27)


def wanted(at: time = SIX, guests: int = 10, spot: Spot = SAN_JOSE, **more: Any) -> Wanted:
    return Wanted(DAY, at, rules.hours(PROFILE, at_venue(DAY, at), guests), guests, spot, **more)


def engaged(at: time, chef: int, spot: Spot = SAN_JOSE) -> Engaged:
    hours = rules.hours(PROFILE, at_venue(DAY, at), 10)
    return Engaged(DAY, at, 1, hours.busy_from, hours.busy_to, chef, spot)


def points(chef: Chef, party: Wanted, *there: Engaged) -> dict[str, int]:
    return chefs.points(PROFILE, STATION, chef, there, party)


class TestPoints:
    def test_never_more_than_the_weight(self) -> None:
        star = Chef(1, "A", "small", Decimal(5))
        best = points(star, wanted(spot=Spot(STATION.latitude, STATION.longitude), asked=1, known=frozenset({1})))
        assert best == {
            "travel": CHOICE.travel,
            "skill": CHOICE.skill,
            "workload": CHOICE.workload,
            "rating": CHOICE.rating,
            "preference": CHOICE.preference,
            "asked_for": CHOICE.asked_for,
        }

    def test_the_way_counts_down_to_the_distance_that_a_person_confirms(self) -> None:
        def travel(miles: int) -> int:
            return points(Chef(1, "A", "large"), wanted(spot=Spot(miles=Decimal(miles)), at=time(12)))["travel"]

        confirm = STATION.confirm_over_miles
        assert [travel(0), travel(confirm // 2), travel(confirm), travel(confirm * 2)] == [CHOICE.travel, CHOICE.travel // 2, 0, 0]

    def test_the_way_from_the_party_before(self) -> None:
        chef = Chef(1, "A", "large")
        beside = points(chef, wanted(time(21)), engaged(time(12), 1))
        across = points(chef, wanted(time(21)), engaged(time(12), 1, OAKLAND))
        assert beside["travel"] > points(chef, wanted(time(21)))["travel"] > across["travel"]

    def test_who_can_take_the_large_ones_stays_free_for_them(self) -> None:
        skill = [points(Chef(1, "A", largest), wanted())["skill"] for largest in rules.SIZES]
        assert skill == sorted(skill, reverse=True) and skill[0] == CHOICE.skill

    def test_each_party_of_the_day_counts(self) -> None:
        chef = Chef(1, "A", "large")
        work = [points(chef, wanted(), *([engaged(time(12), 1)] * n))["workload"] for n in range(3)]
        assert work == sorted(work, reverse=True) and len(set(work)) == 3

    def test_unrated_is_in_the_middle(self) -> None:
        ratings = [points(Chef(1, "A", "large", rating), wanted())["rating"] for rating in (Decimal(5), None, Decimal(0))]
        assert ratings == [CHOICE.rating, round(CHOICE.rating / 2), 0]

    @given(st.decimals(0, 5, places=2), st.integers(1, 60), st.floats(36, 39), st.floats(-123, -120))
    def test_within_their_weights_whatever_comes(self, rating: Decimal, guests: int, latitude: float, longitude: float) -> None:
        for name, value in points(Chef(1, "A", "medium", rating), wanted(guests=guests, spot=Spot(latitude, longitude))).items():
            assert 0 <= value <= getattr(CHOICE, name)


class TestTheOrder:
    def test_whom_the_customer_asks_for(self) -> None:
        cooks = (Chef(1, "A", "small", Decimal(5)), Chef(2, "B", "large", Decimal(1)))
        ranked = chefs.ranked(PROFILE, STATION, cooks, (), wanted(asked=2))
        assert [one.chef.number for one in ranked] == [2, 1]
        assert ranked[0].score == sum(ranked[0].parts.values())

    def test_nobody_comes_who_cannot_however_many_points(self) -> None:
        off = WorkTime("off", day=DAY)
        cooks = (
            Chef(1, "too large for them", "small", Decimal(5)),
            Chef(2, "off", "large", Decimal(5), (off,)),
            Chef(3, "elsewhere", "large", Decimal(5)),
            Chef(4, "too far", "large", Decimal(5)),
            Chef(5, "can", "large", Decimal(0)),
        )
        there = (engaged(SIX, 3), engaged(time(15), 4, OAKLAND))
        ranked = chefs.ranked(PROFILE, STATION, cooks, there, wanted(guests=16, asked=3))
        assert [(one.chef.number, one.out) for one in ranked if one.out is None] == [(5, None)]
        assert {one.chef.number: one.out for one in ranked} == {1: "size", 2: "hours", 3: "busy", 4: "way", 5: None}
        assert chefs.choice(PROFILE, STATION, cooks, there, wanted(guests=16, asked=3)) == (cooks[4],)

    def test_even_by_their_number(self) -> None:
        cooks = (Chef(2, "B", "large"), Chef(1, "A", "large"))
        assert [one.number for one in chefs.choice(PROFILE, STATION, cooks, (), wanted())] == [1, 2]


class TestForAHold:
    async def test_who_has_cooked_for_them(self, customers: Customers) -> None:
        await customers.chef("Kenji")
        mei = await customers.chef("Mei")
        one = await booked(customers, day=near(6))
        await one.do(life.assign_chef, mei, DANA)
        await one.set(status="completed")
        again = (await customers.held(request(one.conversation, near(8)))).booking
        assert again.chef == mei
        async with customers.database.transaction() as connection:
            ranked = await life.scores(connection, PROFILE, again, at_venue(near(1), SIX))
        assert {scored.chef.name: scored.parts["preference"] for scored in ranked} == {"Kenji": 0, "Mei": CHOICE.preference}

    async def test_whom_they_ask_for(self, customers: Customers) -> None:
        await customers.chef("Kenji", rating=5)
        mei = await customers.chef("Mei", rating=1)
        booking = (await customers.held(request(await customers.one(), near(), chef=mei))).booking
        assert (booking.chef, booking.asked_chef) == (mei, mei)

    async def test_somebody_else_where_they_cannot(self, customers: Customers) -> None:
        kenji = await customers.chef("Kenji")
        mei = await customers.chef("Mei", {"kind": "off", "day": near()})
        booking = (await customers.held(request(await customers.one(), near(), chef=mei))).booking
        assert (booking.chef, booking.asked_chef) == (kenji, mei)

    async def test_nobody_of_that_name(self, customers: Customers) -> None:
        with pytest.raises(NotFound):
            await customers.hold(request(await customers.one(), near(), chef=4_711))


@pytest.fixture
async def crowd(database_url: str, customers: Customers) -> AsyncIterator[Customers]:
    """Connections for several at once."""
    database = Database(database_url, application="test", pool_size=10)
    yield Customers(database)
    await database.close()


class TestByHand:
    async def test_another_one_and_nobody(self, customers: Customers) -> None:
        kenji, mei = await customers.chef("Kenji", rating=5), await customers.chef("Mei")
        one = await held(customers, day=near())
        assert (await one.row()).chef_number == kenji
        given = (await one.do(life.assign_chef, mei, DANA)).booking
        assert (given.chef, given.status) == (mei, "held") and given.hold_until is not None, "it is still held"
        await one.do(life.assign_chef, mei, DANA)
        await one.do(life.assign_chef, None, DANA)
        assert (await one.row()).chef_number is None
        assert [kind for kind, _ in await one.events()] == ["held", "chef_assigned", "chef_assigned"]

    async def test_who_cannot_come_in_a_sentence(self, customers: Customers) -> None:
        kenji = await customers.chef("Kenji", largest="small")
        one = await held(customers, day=near())
        mei = await customers.chef("Mei", {"kind": "off", "day": near(), "from_minute": None, "to_minute": None})
        other = await booked(customers, day=near(8))
        assert (await other.row()).chef_number in (kenji, mei)
        with pytest.raises(Conflict, match="Mei does not work then"):
            await one.do(life.assign_chef, mei, DANA)
        await one.set(guests=20)
        await one.do(life.assign_chef, None, DANA)
        with pytest.raises(Conflict, match="Kenji does not take parties of that size"):
            await one.do(life.assign_chef, kenji, DANA)
        with pytest.raises(NotFound):
            await one.do(life.assign_chef, 4_711, DANA)

    async def test_two_parties_at_once(self, crowd: Customers) -> None:
        """Far ahead nobody was chosen; two of the staff give the same chef away, to parties that do not overlap but are too far apart.
        No constraint sees that: the second waits for the first, and then looks."""
        kenji = await crowd.chef("Kenji")
        one = await booked(crowd, day=far(60), at=time(18))
        other = await booked(crowd, day=far(60), at=time(15), spot=OAKLAND)
        async with crowd.database.primary.connect() as mine:
            await mine.begin()
            await life.assign_chef(mine, PROFILE, one.booking, kenji, DANA, utc_now())
            theirs = asyncio.create_task(self.give(other, kenji))
            await waiting(crowd.database, "advisory")
            await mine.commit()
        assert await theirs == "way"

    @staticmethod
    async def give(to: Life, chef: int) -> object:
        try:
            return await to.do(life.assign_chef, chef, DANA)
        except Conflict as refused:
            return refused.details["why"]

    async def test_the_best_where_nobody_was_chosen(self, customers: Customers) -> None:
        one = await booked(customers)
        assert await one.do(life.assign_best) is None, "nobody is there"
        kenji, mei = await customers.chef("Kenji", rating=2), await customers.chef("Mei", rating=5)
        chosen = await one.do(life.assign_best)
        assert isinstance(chosen, Changed) and chosen.booking.chef == mei != kenji
        assert await one.do(life.assign_best) is None, "somebody was"
