"""The chef's sheet: picks add up or what is missing is named; what is to collect is what the ledger says."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.bookings.requests import view
from business.bookings.sheet import ChefSheet, picks_of, sheet
from business.payments import ledger
from business.pricing.rules import Party
from kernel.database import Database
from kernel.errors import NotFound
from tests.bookings.conftest import PROFILE, Customers, near
from tests.bookings.lifetime import Life, booked, held

EIGHT = Party(8, 4, 2)
FULL = {
    "proteins": {"chicken": 12, "shrimp": 6},
    "upgrades": {"lobster_tail": 6},
    "add_ons": {"gyoza": 3},
    "premium_extras": {"salmon": 2},
    "allergens": ["crustacean", "celiac", "kiwi"],
    "diets": ["vegan"],
}


async def of(database: Database, one: Life) -> ChefSheet:
    async with database.transaction() as connection:
        return await sheet(connection, PROFILE, one.booking)


class TestTheSheet:
    async def test_a_booking_that_is_none(self, database: Database) -> None:
        with pytest.raises(NotFound):
            async with database.transaction() as connection:
                await sheet(connection, PROFILE, uuid4())

    async def test_all_of_it(self, customers: Customers, database: Database) -> None:
        await customers.chef("Kenji")
        facts: Any = FULL
        one = await booked(customers, day=near(), party=EIGHT, facts=facts, name="Alice", phone="+1 510 555 0100")
        found, row = await of(database, one), await one.row()
        assert (found.chef, found.name, found.phone, found.party) == ("Kenji", "Alice", row.contact_phone, EIGHT)
        assert (found.arrives_at, found.leaves_at) == (row.starts_at - timedelta(minutes=60), row.ends_at + timedelta(minutes=15))
        assert [(one.name, one.count) for one in found.picks.base] == [("chicken", 12), ("shrimp", 6)]
        assert [(one.name, one.count) for one in found.picks.upgrades] == [("lobster tail", 6)]
        assert (found.picks.due, found.picks.unassigned, found.picks.surplus) == (24, 0, 0)
        assert [one.name for one in found.extras] == ["gyoza", "extra premium protein: salmon"]
        assert found.allergies == ("crustaceans (shrimp, lobster)", "celiac disease", "kiwi") and found.diets == ("vegan",)
        assert found.missing == ()

    async def test_what_is_missing_is_named(self, customers: Customers, database: Database) -> None:
        one = await held(customers, party=EIGHT, facts={"proteins": {"chicken": 10}})
        found = await of(database, one)
        assert found.picks.unassigned == 14
        assert found.missing == ("14 of 24 picks are not chosen yet", "No phone number for the day itself", "No chef is assigned")

    async def test_more_than_there_are_guests_for(self, customers: Customers, database: Database) -> None:
        one = await held(customers, party=Party(2), facts={"proteins": {"tofu": 5}})
        assert (await of(database, one)).missing[0] == "Too many picks, by 1: the guests have 4"

    async def test_a_dish_that_left_the_menu(self, customers: Customers, database: Database) -> None:
        one = await held(customers, facts={"proteins": {"octopus": 1, "tofu": 1}})
        assert [pick.name for pick in (await of(database, one)).picks.base] == ["tofu", "octopus"]

    async def test_collects_what_is_still_to_pay(self, customers: Customers, database: Database) -> None:
        one = await booked(customers, party=EIGHT)
        total = (view(await one.row())).total_cents
        assert total is not None
        async with database.transaction() as connection:
            entries: dict[Any, int] = {"zelle": 10_000, "customers": -10_000}
            await ledger.post(connection, kind="payment", key="payment:sheet", booking=one.booking, entries=entries)
        assert (await of(database, one)).collect_cents == total - 10_000

    async def test_no_total_no_amount(self, customers: Customers, database: Database) -> None:
        one = await held(customers, facts={"upgrades": {"unicorn": 1}})
        assert (await of(database, one)).collect_cents is None


class TestThePicks:
    @given(
        st.integers(1, 60),
        st.integers(0, 40),
        st.dictionaries(st.sampled_from([dish.key for dish in PROFILE.menu.proteins]), st.integers(0, 90)),
        st.dictionaries(st.sampled_from([dish.key for dish in PROFILE.menu.upgrades]), st.integers(0, 90)),
    )
    def test_add_up_or_say_by_how_much_not(self, adults: int, children: int, proteins: dict[str, int], upgrades: dict[str, int]) -> None:
        """Base and upgraded picks, with those that nobody chose and without those that are too many, are so many per guest who eats."""
        picks = picks_of(PROFILE, Party(adults, children, 3), {"proteins": proteins, "upgrades": upgrades})
        base, upgraded = sum(one.count for one in picks.base), sum(one.count for one in picks.upgrades)
        assert base + upgraded + picks.unassigned - picks.surplus == PROFILE.menu.picks_per_guest * (adults + children)
        assert not (picks.unassigned and picks.surplus)
        assert (base, upgraded) == (sum(proteins.values()), sum(upgrades.values()))
