"""What the scripted people say: from the words files, with facts of the profile and of the customer's own party."""

import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from business.profile.fields import Word
from business.profile.figures import figures
from business.profile.schemas import Profile
from business.profile.spoken import exact
from business.travel.places import cities
from business.travel.rules import fee_for_place
from kernel.placeholders import fill

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", "es")


def words(language: str) -> Mapping[str, Any]:
    """One language's file."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


class Lines:
    """One person's lines. The party stays the same, dishes and times vary; no line comes twice before all of its kind have come."""

    def __init__(self, profile: Profile, language: str, chance: random.Random) -> None:
        self._profile = profile
        self._language = language
        self._chance = chance
        self._words = words(language)
        self._left: dict[str, list[str]] = {}
        self._figures = figures(profile, language)
        self._party = {
            "adults": str(chance.randint(6, 24)),
            "children": str(chance.randint(2, 8)),
            "many": str(profile.booking.person_from_guests + 5 * chance.randint(0, 8)),
            "city": chance.choice(self._near()),
        }

    def say(self, topic: str, **values: str) -> str:
        """A line on this topic. KeyError where the file has none."""
        left = self._left.get(topic)
        if not left:
            left = self._left[topic] = self._chance.sample(self._words["lines"][topic], len(self._words["lines"][topic]))
        return fill(left.pop(), {**self._figures, **self._party, **self._facts(), **values})

    def name(self, number: int) -> str:
        """The name of customer number so."""
        names: list[str] = self._words["names"]
        return names[number % len(names)]

    def _near(self) -> list[str]:
        """Cities that the chefs go to without anybody being asked."""
        near = [
            place.name
            for place in cities(self._profile.business.state).values()
            if fee_for_place(self._profile, place.latitude, place.longitude, "estimate").verdict == "fee"
        ]
        return near or [self._profile.business.city]

    def _facts(self) -> dict[str, str]:
        menu, allergies = self._profile.menu, self._profile.allergies
        proteins = self._chance.sample(menu.proteins, min(2, len(menu.proteins)))
        found = {
            "protein": proteins[0],
            "other_protein": proteins[-1],
            "upgrade": self._any(menu.upgrades),
            "add_on": self._any(menu.add_ons),
            "not_served": self._any(menu.not_served),
            "allergen": self._any(allergies.allergens),
            "diet": self._any(allergies.diets),
        }
        named = {key: word.in_locale(self._language) if word else "" for key, word in found.items()}
        slots = self._profile.slots.times
        return {**named, "time": exact(self._chance.choice(slots)), "weekday": self._chance.choice(self._words["weekdays"])}

    def _any(self, of: tuple[Word, ...]) -> Word | None:
        return self._chance.choice(of) if of else None
