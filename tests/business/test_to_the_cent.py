"""Any party quotes to the cent as the written rule says: computed here anew, in exact dollars, from the rule's own words."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.pricing.rules import Order, Party, quote
from business.profile.loader import load_profile
from business.travel.rules import fee_for_miles

PROFILE = load_profile()
TAXED = PROFILE.model_copy(update={"prices": PROFILE.prices.model_copy(update={"tax_enabled": True})})
STATION = PROFILE.travel.stations[0]

# As it is written: dollars.
UPGRADES = {"salmon": 5, "scallops": 5, "filet_mignon": 5, "lobster_tail": 15}
ADD_ONS = {"yakisoba_noodles": 5, "extra_fried_rice": 5, "extra_vegetables": 5, "edamame": 5, "gyoza": 10, "extra_protein": 10}
EXTRA_PREMIUM = 10


@dataclass(frozen=True)
class Wish:
    adults: int
    children: int
    under_six: int
    upgrades: dict[str, int]
    add_ons: dict[str, int]
    extras: dict[str, int]
    hundredths_of_a_mile: int | None


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    adults, children = draw(st.integers(1, 150)), draw(st.integers(0, 80))
    room, upgrades = 2 * (adults + children), {}
    for key in draw(st.lists(st.sampled_from(sorted(UPGRADES)), unique=True)):
        upgrades[key] = draw(st.integers(0, room))
        room -= upgrades[key]
    counts = st.integers(0, 60)
    return Wish(
        adults,
        children,
        draw(st.integers(0, 20)),
        upgrades,
        draw(st.dictionaries(st.sampled_from(sorted(ADD_ONS)), counts)),
        draw(st.dictionaries(st.sampled_from(sorted(UPGRADES)), counts)),
        draw(st.none() | st.integers(0, 150_00)),
    )


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


def by_hand(wish: Wish, *, tax: bool) -> tuple[Fraction, Fraction, Fraction]:
    """Travel, tax and total in dollars."""
    food = max(Fraction(55 * wish.adults + 30 * wish.children), Fraction(550))
    extras = sum(UPGRADES[key] * n for key, n in wish.upgrades.items())
    extras += sum(ADD_ONS[key] * n for key, n in wish.add_ons.items())
    extras += sum((EXTRA_PREMIUM + UPGRADES[key]) * n for key, n in wish.extras.items())
    tenths = half_up(Fraction(wish.hundredths_of_a_mile or 0, 10))
    travel = 2 * max(Fraction(tenths, 10) - 30, Fraction(0))
    taxed = Fraction(half_up((food + extras) * Fraction("8.25")), 100) if tax else Fraction(0)
    return travel, taxed, food + extras + travel + taxed


def computed(wish: Wish, *, tax: bool) -> tuple[Fraction, Fraction, Fraction]:
    miles = wish.hundredths_of_a_mile
    fee = None if miles is None else fee_for_miles(STATION, Decimal(miles) / 100, "exact").cents
    order = Order(Party(wish.adults, wish.children, wish.under_six), wish.upgrades, wish.add_ons, wish.extras, fee)
    it = quote(TAXED if tax else PROFILE, order)
    assert it.total_cents - it.balance_cents == 100_00, "the deposit"
    return Fraction(it.travel_cents or 0, 100), Fraction(it.tax_cents, 100), Fraction(it.total_cents, 100)


class TestAnyParty:
    @given(wishes(), st.booleans())
    def test_costs_what_the_rule_says(self, wish: Wish, tax: bool) -> None:
        assert computed(wish, tax=tax) == by_hand(wish, tax=tax)


class TestWorked:
    """The business's own examples: adults, children, miles; food minimum, travel, total."""

    @pytest.mark.parametrize(
        ("adults", "children", "miles", "travel", "total"),
        [
            (8, 4, "45", 30, 590),
            (6, 0, None, 0, 550),
            (10, 5, None, 0, 700),
            (20, 0, None, 0, 1100),
            (9, 7, None, 0, 705),
            (10, 0, "35", 10, 560),
            (10, 0, "50", 40, 590),
            (10, 0, "80", 100, 650),
            (10, 0, "30.1", Fraction(1, 5), Fraction("550.20")),
            (10, 0, "30.04", 0, 550),
            (10, 0, "30.05", Fraction(1, 5), Fraction("550.20")),
        ],
    )
    def test_as_written(self, adults: int, children: int, miles: str | None, travel: Fraction, total: Fraction) -> None:
        hundredths = None if miles is None else int(Decimal(miles) * 100)
        wish = Wish(adults, children, 0, {}, {}, {}, hundredths)
        assert computed(wish, tax=False) == by_hand(wish, tax=False) == (travel, 0, total)
