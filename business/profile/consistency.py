"""What the parts of a profile must not say against each other: every contradiction, with its place. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "es")
DISHES = ("proteins", "upgrades", "add_ons", "included")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`path` leads to the value that is to be changed."""

    path: tuple[str | int, ...]
    what: str
    why: str
    todo: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.what}: {self.why}. {self.todo}."


class Inconsistent(ValueError):
    """The profile contradicts itself in one or more places."""

    def __init__(self, found: tuple[Contradiction, ...]) -> None:
        super().__init__(" ".join(map(str, found)))
        self.found = found


def inconsistencies(parts: Mapping[str, Any]) -> tuple[Contradiction, ...]:
    """All contradictions among the parts that are given; a part that is wrong by itself may be left out."""
    found: list[Contradiction] = []
    if "business" in parts:
        found += _business(parts["business"])
    if "people" in parts:
        found += _people(parts["people"])
    if "prices" in parts:
        found += _prices(parts["prices"])
    if "menu" in parts:
        found += _keys_of_the_menu(parts["menu"])
        if "allergies" in parts:
            found += _dishes(parts["menu"], parts["allergies"])
    return tuple(found)


def _business(business: Any) -> Iterator[Contradiction]:
    for at, locale in enumerate(business.locales):
        if locale not in LANGUAGES:
            why = "the assistant speaks English and Spanish"
            yield Contradiction(("business", "locales", at), f"{locale!r} is not spoken", why, "Write en or es")
    if business.locale not in business.locales:
        why = "the business's own language is one of those it speaks"
        yield Contradiction(("business", "locale"), "This language is not among the locales", why, "Choose one of them")


def _people(people: Any) -> Iterator[Contradiction]:
    seen: set[object] = set()
    for at, special in enumerate(people.special_days):
        if special.date in seen:
            yield Contradiction(
                ("people", "special_days", at, "date"), "This date is there twice", "it can have one rule only", "Remove one"
            )
        seen.add(special.date)


def _prices(prices: Any) -> Iterator[Contradiction]:
    if prices.child_from_age >= prices.adult_from_age:
        why = "the age of a child ends where that of an adult begins"
        yield Contradiction(("prices", "child_from_age"), "Children would be older than adults", why, "Change one of the two ages")
    if prices.tip_percent_from > prices.tip_percent_to:
        why = "the least is above the most"
        yield Contradiction(("prices", "tip_percent_from"), "The tip's range runs backwards", why, "Change one of the two")


def _keys_of_the_menu(menu: Any) -> Iterator[Contradiction]:
    for section in (*DISHES, "not_served"):
        count = Counter(dish.key for dish in getattr(menu, section))
        for at, dish in enumerate(getattr(menu, section)):
            if count[dish.key] > 1:
                yield Contradiction(
                    ("menu", section, at, "key"), f"{dish.key!r} is there twice", "a key names one dish", "Change or remove one"
                )


def _dishes(menu: Any, allergies: Any) -> Iterator[Contradiction]:
    known = {"allergens": {one.key for one in allergies.allergens}, "diets": {one.key for one in allergies.diets}}
    for section in DISHES:
        for at, dish in enumerate(getattr(menu, section)):
            for kind, keys in known.items():
                if unknown := sorted(set(getattr(dish, kind)) - keys):
                    what = f"{dish.key} names unknown {kind}: {', '.join(unknown)}"
                    todo = f"Use one of these, or add it: {', '.join(sorted(keys))}"
                    yield Contradiction(("menu", section, at, kind), what, f"it is not among allergies.{kind}", todo)
