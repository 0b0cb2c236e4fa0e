"""The words and the frame of the page that customers open by a signed link: one language, filled with values; templates that escape."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from business.profile.schemas import Profile
from business.profile.spoken import exact, language_of, moment_of, whole_day
from kernel.placeholders import fill

FOLDER = Path(__file__).with_name("booking_pages")
CSS = (FOLDER / "page.css").read_text(encoding="utf-8")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_PAGES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sentences, and times as the venue's customers read them."""

    language: str
    profile: Profile
    today: date
    sections: Mapping[str, Mapping[str, Any]]

    def say(self, section: str, name: str, **values: str) -> str:
        """A sentence, filled. KeyError for one that the file does not have."""
        return fill(self.sections[section][name], values)

    def count(self, section: str, name: str, count: int) -> str:
        """`1 adult`, `12 adults`; `none` where the words have a form for it."""
        forms = self.sections[section][name]
        form = "none" if count == 0 and "none" in forms else "one" if count == 1 else "many"
        return fill(forms[form], {"count": str(count)})

    def moment(self, at: datetime) -> str:
        """`Saturday, December 5 at 6:00 PM`, at the venue."""
        local = at.astimezone(self.profile.business.zone)
        return moment_of(local.date(), local.time(), self.today, self.language)

    def day(self, day: date) -> str:
        return whole_day(day, self.today, self.language)

    def clock(self, at: datetime) -> str:
        return exact(at.astimezone(self.profile.business.zone).time())


def words_for(profile: Profile, locale: str | None, now: datetime) -> Words:
    """For the locale of a conversation, or of a browser."""
    language = language_of(locale)
    return Words(language, profile, now.astimezone(profile.business.zone).date(), _sections(language))


def drawn(template: str, words: Words, values: Mapping[str, Any]) -> str:
    """A page as HTML. What is a placeholder of the profile still is not shown as a way to reach anybody."""
    business, unknown = words.profile.business, words.profile.placeholders()
    frame = {
        "language": words.language,
        "business": business.name,
        "say": words.say,
        "phone": None if "business.phone" in unknown else business.phone,
        "email": None if "business.email" in unknown else business.email,
    }
    return _PAGES.get_template(template).render({**frame, **values})


def style(profile: Profile) -> str:
    """The pages' style sheet in the colours of the business, as its chat has them."""
    light, dark = profile.widget.theme.get("ember"), profile.widget.theme_dark.get("ember")
    own = f":root {{ --ember: {light}; }}\n" if light and _COLOUR.fullmatch(light) else ""
    own_dark = f"@media (prefers-color-scheme: dark) {{ :root {{ --ember: {dark}; }} }}\n" if dark and _COLOUR.fullmatch(dark) else ""
    return CSS + own + own_dark


@lru_cache
def _sections(language: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
