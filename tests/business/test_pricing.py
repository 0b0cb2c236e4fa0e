"""The pricing engine: the worked examples of the business, and what holds for any order."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.pricing.rules import Order, Party, QuoteError, quote
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.travel.rules import fee_for_miles

PROFILE = load_profile()
TAXED = PROFILE.model_copy(update={"prices": PROFILE.prices.model_copy(update={"tax_enabled": True})})

UPGRADES = [upgrade.key for upgrade in PROFILE.menu.upgrades]
ADD_ONS = [add_on.key for add_on in PROFILE.menu.add_ons if not add_on.plus_upgrade]


@st.composite
def orders(draw: st.DrawFn) -> Order:
    party = Party(draw(st.integers(1, 120)), draw(st.integers(0, 60)), draw(st.integers(0, 20)))
    room = PROFILE.menu.picks_per_guest * party.eaters
    upgrades = {}
    for key in draw(st.lists(st.sampled_from(UPGRADES), unique=True)):
        upgrades[key] = draw(st.integers(0, room))
        room -= upgrades[key]
    add_ons = draw(st.dictionaries(st.sampled_from(ADD_ONS), st.integers(0, 50)))
    extras = draw(st.dictionaries(st.sampled_from(UPGRADES), st.integers(0, 50)))
    return Order(party, upgrades, add_ons, extras, draw(st.none() | st.integers(0, 50_000)))


class TestWorkedExamples:
    def test_eight_adults_four_children_45_miles(self) -> None:
        fee = fee_for_miles(PROFILE.travel.stations[0], Decimal(45), "exact")
        it = quote(PROFILE, Order(Party(8, 4), travel_cents=fee.cents))
        assert (it.food_cents, it.travel_cents, it.total_cents) == (560_00, 30_00, 590_00)
        assert (it.deposit_cents, it.balance_cents) == (100_00, 490_00)
        assert not it.minimum_applies

    @pytest.mark.parametrize(
        ("party", "per_guest", "food"),
        [
            (Party(6), 330_00, 550_00),
            (Party(10, 5), 700_00, 700_00),
            (Party(20), 1100_00, 1100_00),
            (Party(10), 550_00, 550_00),
            (Party(9, 7), 705_00, 705_00),
            (Party(10, 0, 8), 550_00, 550_00),
        ],
    )
    def test_food(self, party: Party, per_guest: int, food: int) -> None:
        it = quote(PROFILE, Order(party))
        assert (it.food_per_guest_cents, it.food_cents) == (per_guest, food)

    def test_upgrades_and_add_ons_come_on_top_of_the_minimum(self) -> None:
        it = quote(PROFILE, Order(Party(6), {"lobster_tail": 2, "salmon": 1}, {"gyoza": 3, "edamame": 2}))
        assert it.extras_cents == 2 * 15_00 + 5_00 + 3 * 10_00 + 2 * 5_00
        assert it.total_cents == 550_00 + it.extras_cents

    def test_an_extra_premium_protein_costs_its_upgrade_too(self) -> None:
        it = quote(PROFILE, Order(Party(10), premium_extras={"lobster_tail": 1, "salmon": 1}))
        assert [line.cents for line in it.extra_lines] == [25_00, 15_00]

    def test_tax_is_on_food_and_extras_and_not_on_travel(self) -> None:
        it = quote(TAXED, Order(Party(6), {"salmon": 1}, travel_cents=30_00))
        # 555.00 x 8.25 % = 45.7875
        assert it.tax_cents == 45_79
        assert it.total_cents == 555_00 + 30_00 + 45_79
        assert quote(PROFILE, Order(Party(6))).tax_cents == 0

    def test_a_quote_names_the_profile_it_came_from(self) -> None:
        assert quote(PROFILE, Order(Party(6))).profile_version == PROFILE.version
        assert quote(TAXED, Order(Party(6))).profile_version != PROFILE.version


class TestRefusals:
    @pytest.mark.parametrize(
        ("order", "reason"),
        [
            (Order(Party(0, 4)), "no_adult"),
            (Order(Party(2, -1)), "negative"),
            (Order(Party(2), {"salmon": -1}), "negative"),
            (Order(Party(2), travel_cents=-1), "negative"),
            (Order(Party(2), {"salmon": 5}), "too_many_upgrades"),
            (Order(Party(2), {"wagyu": 1}), "not_on_the_menu"),
            (Order(Party(2), add_ons={"wagyu": 1}), "not_on_the_menu"),
            (Order(Party(2), premium_extras={"wagyu": 1}), "not_on_the_menu"),
            (Order(Party(2), add_ons={"extra_premium_protein": 1}), "which_premium"),
        ],
    )
    def test_what_makes_no_sense_has_no_price(self, order: Order, reason: str) -> None:
        with pytest.raises(QuoteError) as refused:
            quote(PROFILE, order)
        assert refused.value.reason == reason


class TestAnyOrder:
    @given(orders())
    def test_the_total_is_the_sum_of_its_parts_and_never_below_the_minimum(self, order: Order) -> None:
        it = quote(PROFILE, order)
        assert it.total_cents == it.food_cents + it.extras_cents + (order.travel_cents or 0)
        assert it.food_cents == max(
            order.party.adults * PROFILE.prices.adult_cents + order.party.children * PROFILE.prices.child_cents,
            PROFILE.prices.food_minimum_cents,
        )
        assert it.balance_cents + it.deposit_cents == it.total_cents
        assert all(line.count > 0 for line in (*it.food_lines, *it.extra_lines))

    @given(orders())
    def test_one_more_guest_never_makes_it_cheaper(self, order: Order) -> None:
        before = quote(PROFILE, order).total_cents
        for more in (replace(order.party, adults=order.party.adults + 1), replace(order.party, children=order.party.children + 1)):
            assert quote(PROFILE, replace(order, party=more)).total_cents >= before
        little = replace(order.party, under_six=order.party.under_six + 1)
        assert quote(PROFILE, replace(order, party=little)).total_cents == before

    @given(orders())
    def test_tax_is_half_up_of_all_but_travel(self, order: Order) -> None:
        it = quote(TAXED, order)
        exact = Decimal(it.food_cents + it.extras_cents) * PROFILE.prices.tax_basis_points / 10_000
        assert abs(it.tax_cents - exact) <= Decimal("0.5")
        assert it.total_cents - it.tax_cents == quote(PROFILE, order).total_cents


def test_another_business_computes_with_its_own_figures() -> None:
    prices = PROFILE.prices.model_copy(update={"adult_cents": 70_00, "food_minimum_cents": 0})
    other: Profile = PROFILE.model_copy(update={"prices": prices})
    assert quote(other, Order(Party(2))).total_cents == 140_00
