"""The card of a quote: every line as it was computed, its total, and what to say next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from business.cards.wording import Labels, labels
from business.menu.rules import find_dish
from business.pricing.rules import Line, Quote
from business.profile.figures import money
from business.profile.schemas import Profile
from business.travel.rules import TravelFee
from kernel.wire.cards import Card, CardAction, CardLine


@dataclass(frozen=True, slots=True)
class Slot:
    """A start at the venue that the card offers to hold."""

    day: date
    at: time


def quote_card(profile: Profile, priced: Quote, travel: TravelFee | None, row: Any, locale: str | None, offer: Slot | None = None) -> Card:
    """The quote as its conversation sees it; `row` of `ops.quote` numbers it. Money stands as it was computed, never rounded."""
    words = labels(locale)
    action = None
    if offer is not None:
        when = words.short(offer.day, offer.at)
        say = words.say("quote", "say_hold", when=words.moment(offer.day, offer.at))
        action = CardAction(label=words.say("quote", "hold", when=when), say=say)
    return Card(
        id=str(row.card_id),
        type="quote",
        state="open",
        version=row.card_version,
        title=words.say("quote", "title", number=str(row.number)),
        lines=[CardLine(label=label, value=value) for label, value in _lines(profile, words, priced, travel)],
        total=money(priced.total_cents),
        action=action,
    )


def _lines(profile: Profile, words: Labels, priced: Quote, travel: TravelFee | None) -> Iterator[tuple[str, str]]:
    for line in priced.food_lines:
        yield words.say("quote", line.key), _amount(line)
    if priced.party.under_six:
        yield words.say("quote", "under_six"), f"{priced.party.under_six} × {words.say('quote', 'free')}"
    if priced.minimum_applies:
        yield words.say("quote", "minimum"), money(priced.food_minimum_cents)
    for line in priced.extra_lines:
        yield dish_name(profile, words, line.key), _amount(line)
    if priced.travel_cents is None:
        yield words.say("quote", "travel_unknown"), words.say("quote", "travel_later")
    elif travel is None:
        yield words.say("quote", "travel_unknown"), money(priced.travel_cents)
    else:
        name = "travel_estimate" if travel.precision == "estimate" else "travel"
        yield words.say("quote", name, miles=f"{travel.miles.normalize():f}"), money(priced.travel_cents)
    if priced.tax_cents:
        yield words.say("quote", "tax"), money(priced.tax_cents)
    yield words.say("quote", "deposit"), money(priced.deposit_cents)
    yield words.say("quote", "balance"), money(priced.balance_cents)


def dish_name(profile: Profile, words: Labels, key: str) -> str:
    """The name of an upgrade or add-on, or (`extra_...`) of an upgrade taken as an extra protein."""
    found = find_dish(profile, key)
    if found is not None:
        name = found.dish.in_locale(words.language)
        return name[:1].upper() + name[1:]
    upgrade = find_dish(profile, key.removeprefix("extra_"))
    name = words.say("quote", "extra", dish=upgrade.dish.in_locale(words.language) if upgrade else key)
    return name[:1].upper() + name[1:]


def _amount(line: Line) -> str:
    """`8 × $55 = $440`."""
    return f"{line.count:,} × {money(line.each_cents)} = {money(line.cents)}"
