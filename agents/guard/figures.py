"""Figures as values: what somebody says (money, a date, a count) and what it is said of; those of a quote, a fee, a date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from business.pricing.rules import Line, Quote
from business.profile.hours import next_open
from business.profile.schemas import Profile
from business.travel.rules import TravelFee

Kind = Literal[
    "money", "percent", "date", "weekday", "time", "count", "miles", "phone", "email", "link", "address", "number",
    "minutes", "hours", "days",
]  # fmt: skip
ANY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is canonical by kind: money in cents, a date ISO, a weekday 0-6 (Monday 0), a time HH:MM, a phone its digits, else as said.

    `means`: what the figure is the figure of (`agents/guard/labels.py` lists the labels); empty: of anything.
    """

    kind: Kind
    value: str
    means: frozenset[str] = ANY


def plain(number: Decimal | int) -> str:
    """`45`, `38.9`: no exponent, no trailing zeros."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_figure(cents: int, *means: str) -> Figure:
    return Figure("money", str(cents), frozenset(means))


def count_figure(count: int, *means: str) -> Figure:
    return Figure("count", str(count), frozenset(means))


def date_figures(*days: date) -> frozenset[Figure]:
    """Dates with the weekdays that they are."""
    return frozenset(Figure("date", day.isoformat()) for day in days)


def time_figures(*times: time) -> frozenset[Figure]:
    return frozenset(Figure("time", moment.strftime("%H:%M")) for moment in times)


def figures_of_opening(profile: Profile, now: datetime) -> frozenset[Figure]:
    """When people are back: nothing where no opening is in sight."""
    opening = next_open(profile, now)
    return ANY_FIGURES if opening is None else date_figures(opening.date()) | time_figures(opening.time())


ANY_FIGURES: frozenset[Figure] = frozenset()


def figures_of_fee(fee: TravelFee) -> frozenset[Figure]:
    """The miles of a journey and what it costs; no price where it is declined."""
    found = {Figure("miles", plain(fee.miles)), Figure("miles", plain(fee.billable_miles))}
    if fee.cents is not None:
        found.add(money_figure(fee.cents, "travel", "fee", "sum"))
    return frozenset(found)


def figures_of_quote(quote: Quote, fee: TravelFee | None) -> frozenset[Figure]:
    """Every figure of an itemised price, each for what it is the price of."""
    party = quote.party
    only_adults = ("adult",) if not (party.children or party.under_six) else ()
    found = set(_lines(quote.food_lines, "food")) | set(_lines(quote.extra_lines, "extra"))
    food_is_all = ("total",) if quote.food_cents == quote.total_cents else ()
    found |= {
        money_figure(quote.food_per_guest_cents, "food", "sum", "guests", *only_adults),
        money_figure(quote.food_cents, "food", "sum", "guests", *only_adults, *food_is_all),
        money_figure(quote.food_minimum_cents, "minimum", "food"),
        money_figure(quote.total_cents, "total", "sum", "guests", "party", *only_adults),
        money_figure(quote.deposit_cents, "deposit"),
        money_figure(quote.balance_cents, "balance"),
        count_figure(party.guests, "guest", *only_adults),
        count_figure(party.eaters, "guest", *only_adults),
    }
    if quote.extras_cents:
        found.add(money_figure(quote.extras_cents, "sum", "upgrade", "add_on", "extra"))
    if quote.tax_cents:
        found.add(money_figure(quote.tax_cents, "tax", "sum"))
    if quote.travel_cents is not None:
        found.add(money_figure(quote.travel_cents, "travel", "fee", "sum"))
    if party.adults:
        found.add(count_figure(party.adults, "adult"))
    if party.children:
        found.add(count_figure(party.children, "child"))
    if party.under_six:
        found |= {count_figure(party.under_six, "under_six", "child"), money_figure(0, "under_six")}
    return frozenset(found) | (figures_of_fee(fee) if fee is not None else ANY_FIGURES)


def _lines(lines: Iterable[Line], part: str) -> Iterable[Figure]:
    """Of each line: how many, the price of one, the price of all."""
    for line in lines:
        who = {"adults": ("adult",), "children": ("child",)}.get(line.key)
        what = who or (line.key, line.key.removeprefix("extra_"), "upgrade", "add_on")
        each = ("each",) if who == ("child",) else ("each", "guest")
        yield money_figure(line.each_cents, part, *what, *each)
        yield money_figure(line.cents, part, *what, "sum")
        yield count_figure(line.count, *what, *(() if who else ("guest",)))
