"""A campaign's text as one recipient gets it. It holds `{{names}}`; figures of the business are `{{profile.prices.adult}}` and the like.

| name | becomes |
|---|---|
| `first_name` | the recipient's; where it is not known it goes away with the space before it: `Hi {{first_name}},` is `Hi,` |
| `business` | the business's name |
| `link` | the address of the gateway, where the chat is |
| `stop` | the word that ends texts |
| `season`, `day` | the season's name, and the day that it is for |
| `percent` | what is offered, in percent |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from business.campaigns import seasons
from business.campaigns.seasons import Window
from business.channels.segments import Encoding, encoding, plain, segments
from business.profile.figures import figures, language_of_locale
from business.profile.schemas import Profile
from kernel.placeholders import fill

LONG_NAME = "Maximiliano"
"""Texts are measured with a name that is longer than most, and nobody's text is longer than that."""
NAMES = ("first_name", "business", "link", "stop", "season", "day", "percent")
_NAME = r"\{\{\s*first_name\s*\}\}"
_NAMELESS = re.compile(rf"[ \t]+{_NAME}|{_NAME}[ \t]*,?[ \t]*")
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it is stored, and what it takes."""

    text: str
    encoding: Encoding
    segments: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What the texts of one campaign are filled with, whoever reads them."""

    profile: Profile
    link: str
    window: Window | None
    percent: int | None

    @classmethod
    def of(cls, profile: Profile, link: str, season: str | None, percent: int | None, today: date) -> "Wording":
        return cls(profile, link, seasons.current(profile, season, today) if season else None, percent)

    def values(self, locale: str) -> dict[str, str]:
        """All but the recipient's name; of what is not so, nothing: whoever names it is told when it is to be approved."""
        language = language_of_locale(locale)
        found = {
            "business": self.profile.business.name,
            "link": self.link,
            "stop": self.profile.messages.sms.stop_words[0],
            **figures(self.profile, language),
        }
        if self.percent is not None:
            found["percent"] = str(self.percent)
        if self.window is not None:
            found["season"] = self.window.season.name.in_locale(language)
            if self.window.day is not None:
                found["day"] = said(self.window.day, language)
        return found


def render(text: str, values: Mapping[str, str], name: str | None) -> Rendered:
    """`name`: as the recipient gave it. Raises `kernel.placeholders.UnknownPlaceholder`."""
    first = first_name(name)
    words = text if first else _NAMELESS.sub("", text)
    filled = plain(fill(words, {**values, **({"first_name": first} if first else {})}))
    return Rendered(filled, encoding(filled), segments(filled))


def render_within(text: str, values: Mapping[str, str], name: str | None) -> Rendered:
    """The same for a recipient. A name with which the text would take more segments than it was approved with, for it is very long or
    leaves the phones' alphabet, is left away."""
    made = render(text, values, name)
    if made.segments > 1 and made.segments > render(text, values, LONG_NAME).segments:
        return render(text, values, None)
    return made


def first_name(name: str | None) -> str | None:
    """Of `maria de la cruz` Maria; None where it is none that one is called by."""
    first = (name or "").split()[:1]
    if not first or not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['’\-]){1,19}", first[0]):
        return None
    return first[0].title() if first[0].islower() or first[0].isupper() else first[0]


def in_locale(texts: Mapping[str, str], locale: str | None, profile: Profile) -> tuple[str, str] | None:
    """`(locale, text)` for somebody of that locale: in theirs, else in the business's own, else in whichever there is. None: there is
    none."""
    wanted = language_of_locale(locale or profile.business.locale)
    for one in (wanted, language_of_locale(profile.business.locale), *sorted(texts)):
        if texts.get(one, "").strip():
            return one, texts[one]
    return None


def said(day: date, language: str) -> str:
    """`May 10`, `10 de mayo`."""
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} de {month}" if language == "es" else f"{month} {day.day}"
