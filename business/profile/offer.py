"""What is sold: prices, proteins, upgrades, add-ons, what is included, allergens and diets."""

from typing import Literal

from pydantic import Field

from business.profile.fields import Cents, Count, LocalText, Part, Word


class Prices(Part):
    """Per guest, by age. The minimum is one of dollars on food, before upgrades and travel; never one of guests."""

    adult_cents: Cents
    adult_from_age: Count
    child_cents: Cents
    child_from_age: Count
    food_minimum_cents: Cents
    deposit_cents: Cents
    # Hundredths of a percent: 825 is 8.25 %.
    tax_basis_points: Count
    tax_enabled: bool
    tip_percent_from: Count
    tip_percent_to: Count
    tip_to: LocalText


class Dish(Word):
    """Something to eat. `allergens` are keys of `allergies.allergens`; `diets` those that it suits."""

    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()


class Upgrade(Dish):
    """Replaces one protein pick, per person; `premium` ones may also come as an extra protein."""

    price_cents: Cents


class AddOn(Dish):
    """Comes on top, per person. `plus_upgrade`: the price of the chosen upgrade is added."""

    price_cents: Cents
    plus_upgrade: bool = False


class Menu(Part):
    proteins: tuple[Dish, ...] = Field(min_length=1)
    picks_per_guest: Count
    upgrades: tuple[Upgrade, ...]
    add_ons: tuple[AddOn, ...]
    included: tuple[Dish, ...]
    # Asked for often, never served: named, so that nobody is left to guess.
    not_served: tuple[Word, ...]
    chef_brings: LocalText
    customer_provides: LocalText
    space: LocalText
    sake_from_age: Count


class Allergen(Word):
    """`present`: on the menu; `absent`: never used; `on_request`: can be left out when asked for in time."""

    status: Literal["present", "absent", "on_request"]
    note: LocalText


class Diet(Word):
    note: LocalText


class Allergies(Part):
    """Nothing is ever guaranteed to be free of anything: the grill is shared."""

    shared_grill: LocalText
    notice_hours: Count
    allergens: tuple[Allergen, ...]
    diets: tuple[Diet, ...]
    # Asked for often, beyond the list: a person answers.
    ask_a_person: tuple[Word, ...]
