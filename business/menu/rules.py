"""What the menu says of a word, an allergen or a diet: pure look-ups, nothing guessed."""

from dataclasses import dataclass
from typing import Literal

from business.profile.fields import Word
from business.profile.offer import Dish
from business.profile.schemas import Profile

Section = Literal["proteins", "upgrades", "add_ons", "included", "not_served"]


@dataclass(frozen=True, slots=True)
class OnTheMenu:
    """Where a word stands on the menu."""

    section: Section
    dish: Word


def sections(profile: Profile) -> tuple[tuple[Section, tuple[Word, ...]], ...]:
    """The menu by section, in the order in which a customer reads it; `not_served` last."""
    menu = profile.menu
    return (
        ("proteins", menu.proteins),
        ("upgrades", menu.upgrades),
        ("add_ons", menu.add_ons),
        ("included", menu.included),
        ("not_served", menu.not_served),
    )


def find_dish(profile: Profile, key: str) -> OnTheMenu | None:
    """The entry with this key."""
    for section, words in sections(profile):
        for word in words:
            if word.key == key:
                return OnTheMenu(section, word)
    return None


def dishes(profile: Profile) -> tuple[Dish, ...]:
    """Everything that is served."""
    menu = profile.menu
    return (*menu.proteins, *menu.upgrades, *menu.add_ons, *menu.included)


def dishes_with(profile: Profile, allergen: str) -> tuple[Dish, ...]:
    """Dishes that the profile says contain an allergen. One that is not in the list is *not* thereby free of it."""
    return tuple(dish for dish in dishes(profile) if allergen in dish.allergens)


def dishes_for(profile: Profile, diet: str) -> tuple[Dish, ...]:
    """Dishes that the profile says suit a diet."""
    return tuple(dish for dish in dishes(profile) if diet in dish.diets)
