"""A booking as its customer may know it: data, the figures that a reply may state of it, and what is established."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agents.guard.figures import Figure, count_figure, date_figures, money_figure, time_figures
from agents.tools.context import ToolContext
from business.bookings import life
from business.bookings.requests import BookingView
from business.payments.ledger import Statement
from business.pricing.rules import Party

UNPAID = ("held", "deposit_pending")
BOOKED = ("confirmed", "in_progress", "completed")


@dataclass(frozen=True, slots=True)
class Facts:
    """`data` is JSON: amounts in cents, moments at the venue."""

    data: Mapping[str, Any]
    figures: tuple[Figure, ...]
    statements: frozenset[str]


def page_of(context: ToolContext, booking: BookingView) -> str | None:
    """The address of its page; None where the world sees none."""
    return context.links.booking(booking.id) if context.links is not None else booking.page


def booking_facts(context: ToolContext, booking: BookingView, money: Statement) -> Facts:
    """Everything that its customer may be told of it."""
    profile, zone = context.profile, context.profile.business.zone
    start = booking.starts_at.astimezone(zone)
    days, times = {start.date()}, {start.time()}
    data: dict[str, Any] = {
        "number": booking.number,
        "status": booking.status,
        "here": booking.conversation == context.conversation,
        "date": start.date().isoformat(),
        "weekday": start.strftime("%A"),
        "time": start.strftime("%H:%M"),
        "guests": booking.guests,
        **{name: count for name, count in asdict(booking.party).items() if count},
        "address": booking.address,
        "terms_accepted": booking.terms_accepted_at is not None,
        "reschedules": booking.reschedules,
        "reschedule_fee_cents": life.fee(profile, booking, context.now),
        "kept": booking.kept,
        **_amounts(money),
    }
    for name, moment in _moments(booking, money).items():
        local = moment.astimezone(zone)
        data[name] = local.isoformat(timespec="minutes")
        days.add(local.date())
        times.add(local.time().replace(second=0, microsecond=0))
    if booking.status in (*UNPAID, "confirmed"):
        until = life.refundable_until(profile, booking)
        data["deposit_refundable"] = life.refundable(profile, booking, context.now)
        data["refundable_until"] = until.isoformat()
        days.add(until)
    figures = {*date_figures(*days), *time_figures(*times), *_money_figures(money), *party_figures(booking.party)}
    figures.add(Figure("number", str(booking.number)))
    if (page := page_of(context, booking)) is not None:
        data["page"] = page
        figures.add(Figure("link", page))
    return Facts(data, tuple(figures), _statements(booking, money))


def party_figures(party: Party) -> set[Figure]:
    """How many come, by age and in all."""
    found = {count_figure(party.guests, "guest"), count_figure(party.eaters, "guest"), count_figure(party.adults, "adult")}
    if party.children:
        found.add(count_figure(party.children, "child"))
    if party.under_six:
        found.add(count_figure(party.under_six, "under_six", "child"))
    return found


def _moments(booking: BookingView, money: Statement) -> dict[str, dt.datetime]:
    found = {}
    if booking.status == "held" and booking.hold_until is not None:
        found["held_until"] = booking.hold_until
    if booking.status in UNPAID and booking.deposit_until is not None and money.deposit_due_cents:
        found["deposit_until"] = booking.deposit_until
    return found


def _amounts(money: Statement) -> dict[str, int]:
    """What is not known is left out: of a booking without a price there is no balance."""
    known = {"deposit_cents": money.deposit_cents, "deposit_due_cents": money.deposit_due_cents}
    known |= {"paid_cents": money.paid_cents, "refunded_cents": money.refunded_cents, "fees_cents": money.fees_cents}
    if money.quoted:
        known |= {"total_cents": money.total_cents, "balance_cents": money.balance_cents}
    return known


def _money_figures(money: Statement) -> set[Figure]:
    found = {money_figure(money.deposit_cents, "deposit"), money_figure(money.deposit_due_cents, "deposit", "balance")}
    if money.quoted:
        found |= {money_figure(money.total_cents, "total", "sum"), money_figure(money.balance_cents, "balance")}
    if money.paid_cents:
        found.add(
            money_figure(money.paid_cents, "deposit", "sum")
            if money.paid_cents == money.deposit_cents
            else money_figure(money.paid_cents, "sum")
        )
    if money.refunded_cents:
        found.add(money_figure(money.refunded_cents, "refund"))
    if money.fees_cents:
        found.add(money_figure(money.fees_cents, "reschedule", "fee"))
    return found


def _statements(booking: BookingView, money: Statement) -> frozenset[str]:
    """What is so, of what may be claimed of a booking."""
    found = set()
    if booking.status in BOOKED:
        found.add("confirmed")
    if booking.status in (*UNPAID, "cancellation_requested"):
        found.add("held")
    if money.deposit_cents and money.kept_cents >= money.deposit_cents:
        found.add("received")
    if booking.status == "cancelled":
        found.add("cancelled")
    if booking.reschedules:
        found.add("moved")
    if booking.terms_accepted_at is not None:
        found.add("accepted")
    if money.refunded_cents:
        found.add("refunded")
    if money.quoted and money.balance_cents <= 0:
        found.add("settled")
    return frozenset(found)
