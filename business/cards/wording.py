"""Labels of cards by language, and days and times as people write them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from business.profile.spoken import language_of, short
from kernel.placeholders import fill

FOLDER = Path(__file__).with_name("wording")


@dataclass(frozen=True, slots=True)
class Labels:
    """One language's labels, by section and name."""

    language: str
    sections: Mapping[str, Mapping[str, Any]]

    def say(self, section: str, name: str, **values: str) -> str:
        """The label, filled. KeyError for one that the file does not have."""
        return fill(self.sections[section][name], values)

    def day(self, day: date) -> str:
        """`Saturday, December 5`."""
        words = self.sections["time"]
        return fill(
            words["date"], {"weekday": words["weekdays"][day.weekday()], "month": words["months"][day.month - 1], "day": str(day.day)}
        )

    def moment(self, day: date, at: time) -> str:
        """`Saturday, December 5, 6 PM`."""
        return self.say("time", "moment", date=self.day(day), time=short(at))

    def short(self, day: date, at: time) -> str:
        """`Saturday 6 PM`."""
        return self.say("time", "short", weekday=self.sections["time"]["weekdays"][day.weekday()], time=short(at))


@lru_cache
def labels(locale: str | None) -> Labels:
    """The labels for a conversation's locale."""
    language = language_of(locale)
    return Labels(language, tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
