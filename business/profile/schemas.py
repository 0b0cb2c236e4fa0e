"""The profile as a whole: who the business is, when people answer, and the parts of its offer, terms and growth."""

import hashlib
import json
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from business.profile.fields import Count, LocalText, Part, TimeOfDay
from business.profile.growth import Leads, Loyalty, Messages, Reviews
from business.profile.offer import Allergies, Menu, Prices
from business.profile.terms import Booking, Complaints, Payments, Slots, Travel, Weekday


class Business(Part):
    """Names and ways to be reached."""

    name: str = Field(min_length=1)
    what: LocalText
    avatar: str | None = None
    locale: str
    locales: tuple[str, ...] = Field(min_length=1)
    time_zone: str
    phone: str
    email: str
    street: str
    city: str
    state: str = Field(pattern=r"^[A-Z]{2}$")
    zip: str = Field(pattern=r"^\d{5}$")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; an example is America/Los_Angeles") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class OpenHours(Part):
    days: tuple[Weekday, ...] = Field(min_length=1)
    from_time: TimeOfDay
    to_time: TimeOfDay

    @model_validator(mode="after")
    def _forwards(self) -> "OpenHours":
        if self.from_time >= self.to_time:
            raise ValueError("from_time must be before to_time; past midnight is a line of its own")
        return self


class People(Part):
    """When people answer, and how soon. `due_minutes`: an unanswered request for a person becomes an alert."""

    hours: tuple[OpenHours, ...] = Field(min_length=1)
    reply_minutes: Count
    due_minutes: Count
    silence_minutes: Count


class Escalation(Part):
    """Words that call for a person. Whole words, any language of the profile, case aside."""

    wants_person: tuple[str, ...]
    complaint: tuple[str, ...]
    severe: tuple[str, ...]
    refund: tuple[str, ...]


class QuickReply(Part):
    label: LocalText
    text: LocalText


class Widget(Part):
    """How the widget greets. `theme`: custom properties of the design, by name without dashes, light and dark."""

    greeting: LocalText
    disclosure: LocalText
    quick_replies: tuple[QuickReply, ...]
    theme: dict[str, str]
    theme_dark: dict[str, str] = Field(default_factory=dict)


class Tone(Part):
    rules: tuple[str, ...]
    emoji_at_most: Count
    emoji: str


class Profile(Part):
    """Everything that is known of the business. Frozen: another version is another object."""

    business: Business
    people: People
    tone: Tone
    widget: Widget
    escalation: Escalation
    prices: Prices
    menu: Menu
    allergies: Allergies
    travel: Travel
    slots: Slots
    booking: Booking
    payments: Payments
    complaints: Complaints
    leads: Leads
    reviews: Reviews
    loyalty: Loyalty
    messages: Messages

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of the content; comments and order of the file do not count. Quotes are stamped with it."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def placeholders(self) -> tuple[str, ...]:
        """Names of the values that are still placeholders: nothing is sent to or from them."""
        business = self.business
        found = {
            "business.phone": "55501" in "".join(filter(str.isdigit, business.phone)),
            "business.email": business.email.rpartition("@")[2].endswith(("example.com", "example.org", "example.net")),
            "business.street": "example" in business.street.lower(),
        }
        return tuple(name for name, is_placeholder in found.items() if is_placeholder)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> "Profile":
        allergens = {allergen.key for allergen in self.allergies.allergens}
        diets = {diet.key for diet in self.allergies.diets}
        for dish in (*self.menu.proteins, *self.menu.upgrades, *self.menu.add_ons, *self.menu.included):
            if unknown := set(dish.allergens) - allergens:
                raise ValueError(f"menu: {dish.key} names unknown allergens {sorted(unknown)}")
            if unknown := set(dish.diets) - diets:
                raise ValueError(f"menu: {dish.key} names unknown diets {sorted(unknown)}")
        if self.prices.child_from_age >= self.prices.adult_from_age:
            raise ValueError("prices: child_from_age must be below adult_from_age")
        if self.business.locale not in self.business.locales:
            raise ValueError("business: locale must be one of locales")
        return self
