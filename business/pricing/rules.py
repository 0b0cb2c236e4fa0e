"""The pricing engine: guests, picks and miles in, an itemised quote out. Pure; every cent comes from the profile.

total = max(food, minimum) + upgrades + add-ons + travel (+ sales tax on all but travel, where the profile switches it on).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from business.profile.offer import AddOn, Upgrade
from business.profile.schemas import Profile

T = TypeVar("T")


class QuoteError(ValueError):
    """The order cannot be priced as it stands; `reason` is a key of the wording, for a person to be told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Party:
    """Guests by age. `under_six` eat free with an adult. Guests are all three, eaters the first two."""

    adults: int = 0
    children: int = 0
    under_six: int = 0

    @property
    def guests(self) -> int:
        return self.adults + self.children + self.under_six

    @property
    def eaters(self) -> int:
        return self.adults + self.children


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be priced. `upgrades` and `add_ons`: persons per key; `premium_extras`: extra premium proteins by upgrade key.

    `travel_cents` is None while the place is unknown: the quote then says so and its total is without travel.
    """

    party: Party
    upgrades: Mapping[str, int] = field(default_factory=dict)
    add_ons: Mapping[str, int] = field(default_factory=dict)
    premium_extras: Mapping[str, int] = field(default_factory=dict)
    travel_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a quote: `count` times `each_cents`."""

    key: str
    count: int
    each_cents: int

    @property
    def cents(self) -> int:
        return self.count * self.each_cents


@dataclass(frozen=True, slots=True)
class Quote:
    """An itemised price in cents, and the version of the profile that it was computed from."""

    profile_version: str
    party: Party
    food_lines: tuple[Line, ...]
    food_minimum_cents: int
    extra_lines: tuple[Line, ...]
    travel_cents: int | None
    tax_cents: int
    deposit_cents: int

    @property
    def food_per_guest_cents(self) -> int:
        """The guests' prices added up, before the minimum."""
        return sum(line.cents for line in self.food_lines)

    @property
    def minimum_applies(self) -> bool:
        return self.food_per_guest_cents < self.food_minimum_cents

    @property
    def food_cents(self) -> int:
        return max(self.food_per_guest_cents, self.food_minimum_cents)

    @property
    def extras_cents(self) -> int:
        return sum(line.cents for line in self.extra_lines)

    @property
    def total_cents(self) -> int:
        return self.food_cents + self.extras_cents + (self.travel_cents or 0) + self.tax_cents

    @property
    def balance_cents(self) -> int:
        """What is left after the deposit."""
        return self.total_cents - self.deposit_cents


def quote(profile: Profile, order: Order) -> Quote:
    """Prices an order. Raises `QuoteError` where the order makes no sense."""
    prices, party = profile.prices, order.party
    _check(profile, order)
    food = (Line("adults", party.adults, prices.adult_cents), Line("children", party.children, prices.child_cents))
    upgrades = {upgrade.key: upgrade for upgrade in profile.menu.upgrades}
    add_ons = {add_on.key: add_on for add_on in profile.menu.add_ons}
    extras = [
        *_upgrade_lines(order.upgrades, upgrades),
        *_add_on_lines(order.add_ons, add_ons),
        *_premium_lines(order.premium_extras, upgrades, add_ons),
    ]
    food_lines = tuple(line for line in food if line.count)
    food_cents = max(sum(line.cents for line in food_lines), prices.food_minimum_cents)
    taxable = food_cents + sum(line.cents for line in extras)
    return Quote(
        profile_version=profile.version,
        party=party,
        food_lines=food_lines,
        food_minimum_cents=prices.food_minimum_cents,
        extra_lines=tuple(extras),
        travel_cents=order.travel_cents,
        tax_cents=_share(taxable, prices.tax_basis_points) if prices.tax_enabled else 0,
        deposit_cents=prices.deposit_cents,
    )


def _check(profile: Profile, order: Order) -> None:
    party = order.party
    counts = (party.adults, party.children, party.under_six, *order.upgrades.values(), *order.add_ons.values())
    if min((*counts, *order.premium_extras.values())) < 0 or (order.travel_cents or 0) < 0:
        raise QuoteError("negative")
    if party.adults == 0:
        raise QuoteError("no_adult")
    if sum(order.upgrades.values()) > profile.menu.picks_per_guest * party.eaters:
        raise QuoteError("too_many_upgrades")


def _upgrade_lines(wanted: Mapping[str, int], menu: Mapping[str, Upgrade]) -> list[Line]:
    return [Line(key, count, _known(menu, key).price_cents) for key, count in wanted.items() if count]


def _add_on_lines(wanted: Mapping[str, int], menu: Mapping[str, AddOn]) -> list[Line]:
    for key in wanted:
        if _known(menu, key).plus_upgrade:
            # Its price depends on which one: it goes into `premium_extras`.
            raise QuoteError("which_premium")
    return [Line(key, count, menu[key].price_cents) for key, count in wanted.items() if count]


def _premium_lines(wanted: Mapping[str, int], upgrades: Mapping[str, Upgrade], add_ons: Mapping[str, AddOn]) -> list[Line]:
    if not any(wanted.values()):
        return []
    base = next((add_on for add_on in add_ons.values() if add_on.plus_upgrade), None)
    if base is None:
        raise QuoteError("not_on_the_menu")
    return [Line(f"extra_{key}", count, base.price_cents + _known(upgrades, key).price_cents) for key, count in wanted.items() if count]


def _known(menu: Mapping[str, T], key: str) -> T:
    try:
        return menu[key]
    except KeyError:
        raise QuoteError("not_on_the_menu") from None


def _share(cents: int, basis_points: int) -> int:
    """A share in hundredths of a percent, rounded half up, once."""
    return (cents * basis_points + 5_000) // 10_000
