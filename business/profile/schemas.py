"""The profile as a whole: who the business is, when people answer, and the parts of its offer, terms and growth."""

import hashlib
import json
import re
from datetime import date
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from business.profile.consistency import Inconsistent, inconsistencies
from business.profile.fields import Count, LocalText, Part, TimeOfDay, Wrong
from business.profile.growth import Leads, Loyalty, Messages, Reviews
from business.profile.offer import Allergies, Menu, Prices
from business.profile.terms import Booking, Complaints, Payments, Slots, Travel, Weekday

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


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
            raise Wrong("This is no time zone", "hours are told by it", "Write one like America/Los_Angeles") from error
        return value

    @field_validator("phone")
    @classmethod
    def _can_be_called(cls, value: str) -> str:
        if not 7 <= sum(map(str.isdigit, value)) <= 15:
            raise Wrong("This is not a phone number", "it has 7 to 15 digits", "Write it like +1 510 555 0142")
        return value

    @field_validator("email")
    @classmethod
    def _can_be_written_to(cls, value: str) -> str:
        if not _EMAIL.fullmatch(value):
            raise Wrong("This is not an e-mail address", "it has a name, an @ and a domain", "Write it like hello@example.com")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


BACKWARDS = (
    "The hours end before they begin",
    "they go forward; what goes past midnight is a line of its own",
    "Change one of the two times",
)


class OpenHours(Part):
    days: tuple[Weekday, ...] = Field(min_length=1)
    from_time: TimeOfDay
    to_time: TimeOfDay

    @model_validator(mode="after")
    def _forwards(self) -> "OpenHours":
        if self.from_time >= self.to_time:
            raise Wrong(*BACKWARDS)
        return self


class SpecialDay(Part):
    """One date on which the weekday's hours do not hold: other hours, or closed where it has none."""

    date: date
    from_time: TimeOfDay | None = None
    to_time: TimeOfDay | None = None
    why: LocalText | None = None

    @model_validator(mode="after")
    def _closed_or_open(self) -> "SpecialDay":
        if (self.from_time is None) != (self.to_time is None):
            raise Wrong("Half of the hours is missing", "a special day has both times or is closed", "Give both, or neither")
        if self.from_time is not None and self.to_time is not None and self.from_time >= self.to_time:
            raise Wrong(*BACKWARDS)
        return self


class EscalationStep(Part):
    """So long after a handoff was overdue and unclaimed: who is called then, and how."""

    after_minutes: Count
    who: Literal["turn", "everybody", "owner"]
    channels: tuple[Literal["console", "push", "email", "text"], ...] = Field(min_length=1)


class SevereCalls(Part):
    """What is severe calls everybody at once, whatever the hour, and again until somebody claims it."""

    again_minutes: Annotated[int, Field(strict=True, ge=1, le=24 * 60)] = 10
    times_at_most: Annotated[int, Field(strict=True, ge=1, le=100)] = 6
    channels: tuple[Literal["console", "push", "email", "text"], ...] = ("console", "push", "email")


class WhenNobodyComes(Part):
    """The steps by which an unclaimed handoff goes higher, in their order."""

    steps: tuple[EscalationStep, ...] = ()
    severe: SevereCalls = SevereCalls()

    @model_validator(mode="after")
    def _forwards(self) -> "WhenNobodyComes":
        after = [step.after_minutes for step in self.steps]
        if after != sorted(set(after)):
            raise Wrong("These steps are out of order", "each comes later than the one before", "Let after_minutes rise")
        return self


class People(Part):
    """When people answer, and how soon. `due_minutes`: an unanswered request for a person becomes an alert; `unread_minutes`: what a
    person wrote and the customer has not read by then goes by e-mail."""

    hours: tuple[OpenHours, ...] = Field(min_length=1)
    special_days: tuple[SpecialDay, ...] = ()
    reply_minutes: Count
    due_minutes: Count
    silence_minutes: Count
    unread_minutes: Count = 5
    escalation: WhenNobodyComes = WhenNobodyComes()


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
    def _agrees_with_itself(self) -> "Profile":
        found = inconsistencies({name: getattr(self, name) for name in type(self).model_fields})
        if found:
            raise Inconsistent(found)
        return self
