"""A booking as its customer reads it: every line of the page, made from the row, the statement and the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import calendar, life
from business.bookings.calendar import DayFree
from business.bookings.moving import MOVABLE
from business.bookings.requests import BookingView, view
from business.payments import ledger
from business.payments.ledger import Statement
from business.payments.ways import Way
from business.profile.figures import money
from business.profile.schemas import Profile
from business.profile.spoken import short
from gateway.http.booking_page_words import Words, words_for

LOOKS = {"confirmed": "good", "in_progress": "good", "completed": "good", "held": "warn", "deposit_pending": "warn", "kept": "good"}
DAYS = 10
"""How many days are looked through at once for free times."""


@dataclass(frozen=True, slots=True)
class Customers:
    """One booking as its customer has it now."""

    words: Words
    booking: BookingView
    statement: Statement
    chef: str | None
    now: datetime

    @property
    def profile(self) -> Profile:
        return self.words.profile

    @property
    def over(self) -> bool:
        """A hold whose time has run out holds nothing, also where nobody has written so yet."""
        until = self.booking.hold_until
        return until is not None and until <= self.now

    @property
    def state(self) -> str:
        """What the page is about: the booking's state, but that a kept one waits for nothing."""
        if self.over:
            return "expired"
        return "kept" if self.booking.kept and self.booking.status == "deposit_pending" else self.booking.status

    @property
    def may_change(self) -> bool:
        return self.booking.status in MOVABLE and self.booking.starts_at > self.now and not self.over

    @property
    def may_accept(self) -> bool:
        return self.booking.terms_accepted_at is None and self.may_change

    @property
    def fee_cents(self) -> int:
        """What moving the party costs now."""
        return life.fee(self.profile, self.booking, self.now)

    @property
    def due(self) -> tuple[str, int] | None:
        """What is to be paid now, as a checkout calls it, in cents."""
        if self.over or self.booking.status not in (*MOVABLE, "in_progress", "completed"):
            return None
        if self.statement.deposit_due_cents > 0:
            return "deposit", self.statement.deposit_due_cents
        return ("balance", self.statement.balance_cents) if self.statement.balance_cents > 0 else None


async def read(connection: AsyncConnection, profile: Profile, booking: UUID, now: datetime) -> Customers:
    """Raises NotFound."""
    row = await calendar.one(connection, booking)
    statement = await ledger.statement(connection, booking)
    return Customers(words_for(profile, row.locale, now), view(row), statement, row.chef_name, now)


def page(one: Customers, at: str, ways: Sequence[Way], done: str | None, fault: str | None) -> dict[str, Any]:
    """The values of booking.html. `at` is the page's own path."""
    words, booking, state = one.words, one.booking, one.state
    stands = one.may_change or booking.status in ("in_progress", "cancellation_requested")
    return {
        "at": at,
        "done": done,
        "fault": fault,
        "look": LOOKS.get(state, "bad" if state in ("cancelled", "expired", "no_show") else "warn"),
        "chip": words.say("chip", state),
        "headline": words.say("state", state),
        "says": _says(one),
        "number": str(booking.number),
        "when": words.moment(booking.starts_at),
        "until_end": words.say("fact", "to", end=words.clock(booking.ends_at)),
        "address": booking.address,
        "guests": str(booking.guests),
        "guests_of": _guests(one),
        "chef": None if one.chef is None or booking.status not in ("confirmed", "in_progress") else one.chef.split()[0],
        "stands": stands,
        "may_accept": one.may_accept,
        "may_change": one.may_change,
        "terms": terms(one),
        "accepted": booking.terms_accepted_at and words.moment(booking.terms_accepted_at),
        "pay": None if one.may_accept and booking.status == "held" else _pay(one, ways),
        "booked_phone": booking.phone,
        "money": _money(one),
        "tip": _tip(one) if stands else None,
    }


def terms(one: Customers) -> list[str]:
    """What the customer agrees to, in the figures of the profile and the days of this booking."""
    words, profile, booking = one.words, one.profile, one.booking
    rule, slots = profile.booking, profile.slots
    lines = []
    if booking.deposit_cents:
        lines.append(words.say("terms", "deposit", deposit=money(booking.deposit_cents)))
        if booking.deposit_until is not None and not booking.kept and booking.status in ("held", "deposit_pending"):
            lines.append(words.say("terms", "deposit_late", until=words.moment(booking.deposit_until)))
        until = words.day(life.refundable_until(profile, booking))
        lines.append(words.say("terms", "refund", refund_days=str(rule.refundable_until_days), refund_until=until))
    lines.append(
        words.say(
            "terms",
            "move",
            free_moves=words.count("terms", "times", rule.free_reschedules),
            move_hours=str(rule.reschedule_until_hours),
            move_fee=money(rule.reschedule_fee_cents),
        )
    )
    if rule.weather_reschedule_free:
        lines.append(words.say("terms", "weather"))
    lines.append(words.say("terms", "guests", count_hours=str(slots.final_count_hours), menu_hours=str(slots.menu_freeze_hours)))
    return lines


def moving(one: Customers, at: str, first: date, days: Sequence[DayFree], chosen: str | None, fault: str | None) -> dict[str, Any]:
    """The values of move.html."""
    words, profile = one.words, one.profile
    latest = calendar.last_day(profile, one.now)
    following = first + timedelta(days=DAYS)
    return {
        "at": at,
        "fault": fault,
        "when": words.moment(one.booking.starts_at),
        "fee": money(one.fee_cents) if one.fee_cents else None,
        "fee_cents": one.fee_cents,
        "first": first.isoformat(),
        "earliest": calendar.first_day(profile, one.now).isoformat(),
        "latest": latest.isoformat(),
        "next": following.isoformat() if following <= latest else None,
        "chosen": chosen,
        "days": [
            {
                "name": words.day(day.day),
                "times": [{"value": f"{day.day.isoformat()}T{time.strftime('%H:%M')}", "name": short(time)} for time in day.times],
            }
            for day in days
        ],
    }


def cancelling(one: Customers, at: str) -> dict[str, Any]:
    """The values of cancel.html."""
    words, days = one.words, str(one.profile.booking.refundable_until_days)
    refund = None
    if one.statement.kept_cents > 0:
        name = "refund" if life.refundable(one.profile, one.booking, one.now) else "no_refund"
        refund = words.say("cancel", name, paid=money(one.statement.kept_cents), refund_days=days)
    return {"at": at, "when": words.moment(one.booking.starts_at), "held": one.booking.status == "held", "refund": refund}


def _says(one: Customers) -> str:
    booking, words = one.booking, one.words
    if one.state == "cancelled" and booking.ended == "unpaid":
        return words.say("says", "unpaid")
    values: dict[str, str] = {}
    if one.state == "held" and booking.hold_until is not None:
        values["until"] = words.moment(booking.hold_until)
    if one.state == "deposit_pending" and booking.deposit_until is not None:
        values["until"] = words.moment(booking.deposit_until)
        values["due"] = money(one.statement.deposit_due_cents)
        values["asked_hours"] = str(one.profile.booking.deposit_asked_hours)
    return words.say("says", one.state, **values)


def _guests(one: Customers) -> str:
    party = one.booking.party
    counts = {"adults": party.adults, "children": party.children, "under_six": party.under_six}
    return ", ".join(one.words.count("fact", name, count) for name, count in counts.items() if count)


def _pay(one: Customers, ways: Sequence[Way]) -> dict[str, Any] | None:
    """The ways to pay what is due: a deposit by those that come before the party, the balance by all."""
    due = one.due
    if due is None:
        return None
    purpose, cents = due
    words, offered = one.words, [way for way in ways if way.before_party or due[0] == "balance"]
    if not offered:
        return None
    others = [
        {"name": way.name.in_locale(words.language), "reads": way.reads(words.language), "note": way.to is not None}
        for way in offered
        if way.key != "card"
    ]
    title = words.say("pay", purpose, amount=money(cents))
    return {
        "title": title,
        "purpose": purpose,
        "amount": money(cents),
        "card": any(way.key == "card" for way in offered),
        "others": others,
    }


def _money(one: Customers) -> list[dict[str, Any]]:
    found, words = one.statement, one.words
    if not found.quoted:
        return []
    lines = [("total", found.total_cents), ("fees", found.fees_cents), ("discounts", -found.discounts_cents)]
    lines += [("paid", -found.paid_cents), ("refunded", found.refunded_cents)]
    shown = [
        {"label": words.say("money", name), "amount": _signed(cents), "sum": False} for name, cents in lines if cents or name == "total"
    ]
    balance = "too_much" if found.balance_cents < 0 else "balance"
    shown.append({"label": words.say("money", balance), "amount": money(abs(found.balance_cents)), "sum": True})
    if found.deposit_due_cents and not one.over:
        until = one.booking.deposit_until
        label = words.say("money", "deposit_now") if until is None else words.say("money", "deposit", until=words.moment(until))
        shown.append({"label": label, "amount": money(found.deposit_due_cents), "sum": False})
    return shown


def _signed(cents: int) -> str:
    return f"−{money(-cents)}" if cents < 0 else money(cents)


def _tip(one: Customers) -> str:
    prices, words = one.profile.prices, one.words
    return words.say(
        "money",
        "tip",
        tip_to=prices.tip_to.in_locale(words.language),
        tip_from=str(prices.tip_percent_from),
        tip_to_percent=str(prices.tip_percent_to),
    )
