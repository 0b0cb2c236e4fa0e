"""What should have happened, computed from what the guests saw and from the profile's numbers alone; no rule of the product is called.

A party's life is read as spans: from when to when it waited for its deposit, from when to when it stood, and for which start. What comes by
the clock comes in a span, or does not come.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from business.profile.schemas import Profile
from tests.simulation.guests import Fact, Guest

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MAILS_OF_A_FACT = {
    "held": ("deposit_request",),
    "reheld": ("deposit_received", "booking_confirmation"),
    "moved": ("reschedule",),
    "weather": ("booking_changed",),
    "cancel_asked": ("cancellation",),
    "cancel_approved": ("cancellation",),
    "cancel_rejected": ("cancellation",),
    "given_back": ("refund",),
    "complained": ("complaint_received",),
    "made_up_for": ("complaint_resolved",),
}
STATES = {"accepted": "waits", "confirmed": "stands", "reheld": "stands", "kept": "stands"}
ENDS = {"cancel_approved": "cancelled", "no_show": "no_show"}


@dataclass(frozen=True, slots=True)
class Due:
    """An e-mail, at its minute."""

    kind: str
    minute: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """`state`: `held`, `waits` (for the deposit), `stands`, `asked` (to cancel)."""

    state: str
    since: datetime
    until: datetime
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """A party's spans, and how it ended: `lapsed`, `unpaid`, `cancelled`, `no_show`, `completed`; None: not yet.
    `unpaid_at`: it was given up for want of its deposit, which may have come after all."""

    spans: tuple[Span, ...]
    ended: str | None
    over_at: datetime | None
    unpaid_at: datetime | None


def life(profile: Profile, guest: Guest, now: datetime) -> Life:
    """From a guest's facts."""
    reading = _Reading(profile, guest)
    for fact in guest.facts[1:]:
        reading.until(fact.at)
        reading.fact(fact)
    reading.until(now)
    reading.turn("", now)
    return Life(tuple(reading.spans), reading.ended, reading.over_at, reading.unpaid_at)


class _Reading:
    """Reads facts in their order, and what the clock did between them."""

    def __init__(self, profile: Profile, guest: Guest) -> None:
        held = guest.facts[0]
        rule = profile.booking
        self._lapses = held.at + timedelta(minutes=rule.hold_minutes)
        self._unpaid = held.at + timedelta(hours=rule.deposit_enforced_hours)
        self._lasts = timedelta(minutes=minutes(profile, guest))
        self._state, self._since, self._starts_at = "held", held.at, _known(held.starts_at)
        self._before_wish = ""
        self.spans: list[Span] = []
        self.ended: str | None = None
        self.over_at: datetime | None = None
        self.unpaid_at: datetime | None = None

    def turn(self, state: str, at: datetime) -> None:
        """From this moment on it is in this state; none: it is over."""
        if self._state and self._since < at:
            self.spans.append(Span(self._state, self._since, at, self._starts_at))
        self._state, self._since = state, at

    def until(self, moment: datetime) -> None:
        """What the clock did before this moment."""
        waits = "waits" in (self._state, self._before_wish if self._state == "asked" else "")
        if self._state == "held" and self._lapses <= moment:
            self._over("lapsed", self._lapses, self._lapses)
        elif waits and self._unpaid <= moment:
            self.unpaid_at = self._unpaid
            self._over("unpaid", self._unpaid, self._unpaid)
        elif self._state == "stands" and self._starts_at <= moment:
            self._over("completed", self._starts_at, self._starts_at + self._lasts)

    def fact(self, fact: Fact) -> None:
        if fact.what in ("moved", "weather"):
            self.turn(self._state, fact.at)
            self._starts_at = _known(fact.starts_at)
        elif fact.what == "cancel_asked":
            self._before_wish = self._state
            self.turn("asked", fact.at)
        elif fact.what == "cancel_rejected":
            self.turn(self._before_wish, fact.at)
        elif fact.what in ENDS:
            self._over(ENDS[fact.what], fact.at, fact.at)
        elif fact.what in STATES:
            self.ended = self.over_at = None
            self.turn(STATES[fact.what], fact.at)

    def _over(self, how: str, at: datetime, over_at: datetime) -> None:
        self.turn("", at)
        self.ended, self.over_at = how, over_at


def minutes(profile: Profile, guest: Guest) -> int:
    """How long the party takes."""
    rule, guests = profile.slots.duration, guest.adults + guest.children
    cap = rule.large_cap_minutes if guests >= rule.large_from_guests else rule.cap_minutes
    return min(rule.base_minutes + rule.per_guest_minutes * guests, cap)


def mails(profile: Profile, guest: Guest, now: datetime) -> Counter[Due]:
    """Every e-mail that the guest should have had by `now`, each at its minute."""
    return Counter(Due(kind, minute(at)) for kind, at in _mails(profile, guest, life(profile, guest, now)) if at <= now)


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _mails(profile: Profile, guest: Guest, lived: Life) -> Iterator[tuple[str, datetime]]:
    for fact in guest.facts:
        for kind in MAILS_OF_A_FACT.get(fact.what, ()):
            yield kind, fact.at
        if fact.what == "confirmed":
            yield from (("deposit_received", fact.at),) if fact.cents else ()
            yield "booking_confirmation", fact.at
    held_at = guest.facts[0].at
    for after in profile.booking.reminder_minutes:
        at = held_at + timedelta(minutes=after)
        if any(span.state in ("held", "waits") and span.since <= at < span.until for span in lived.spans):
            yield "deposit_reminder", at
    for span in lived.spans:
        if span.state == "stands":
            for kind, at in before_the_party(profile, span.starts_at):
                if span.since < at < span.until:
                    yield kind, at
    if lived.unpaid_at is not None:
        yield "cancellation", lived.unpaid_at
    if lived.ended == "completed":
        assert lived.over_at is not None
        for kind, hours in (("review_ask", "after_event_review"), ("referral", "after_event_referral")):
            for after in profile.leads.nurture_hours[hours]:
                yield kind, lived.over_at + timedelta(hours=after)


def before_the_party(profile: Profile, starts_at: datetime) -> tuple[tuple[str, datetime], ...]:
    """The reminders of a start."""
    reminders, zone = profile.booking.reminders, profile.business.zone
    eve = starts_at.astimezone(zone).date() - timedelta(days=1)
    menu = starts_at - timedelta(hours=profile.slots.menu_freeze_hours + reminders.menu_hours)
    return ("menu_reminder", menu), ("day_before_reminder", datetime.combine(eve, reminders.day_before_at, zone))


@dataclass(frozen=True, slots=True)
class Sums:
    """How a booking should stand, in cents."""

    total: int
    paid: int
    back: int
    fees: int

    @property
    def balance(self) -> int:
        return self.total + self.fees - self.paid + self.back


def sums(profile: Profile, guest: Guest, now: datetime) -> Sums:
    """From the guest's own purse."""
    ended = life(profile, guest, now).ended
    purse = guest.purse
    if ended in ("cancelled", "no_show"):
        # Money that does not go back is what it cost.
        return Sums(0, purse.paid, purse.back, purse.fees + purse.paid - purse.back)
    return Sums(0 if ended in ("lapsed", "unpaid") else guest.total, purse.paid, purse.back, purse.fees)


def _known(starts_at: datetime | None) -> datetime:
    assert starts_at is not None
    return starts_at
