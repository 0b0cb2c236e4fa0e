"""Prices and travel in words: the rules compute, the wording says; no figure is made here."""

from dataclasses import dataclass
from decimal import Decimal

from agents.house.wording import Wording
from agents.understanding.facts import Facts, Where
from business.menu.rules import find_dish
from business.pricing.rules import Line, Order, Party, Quote, QuoteError, quote
from business.profile.figures import money
from business.profile.schemas import Profile
from business.travel.rules import TravelFee, fee_for_miles, fee_for_place


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph and what should follow it: a key of the wording's `next`, None for the usual."""

    text: str
    then: str | None = None


def travel_fee(profile: Profile, where: Where | None) -> TravelFee | None:
    """The fee for a place; None where it is unknown. Miles that the customer gives are taken as they are."""
    if where is None:
        return None
    if where.miles is not None:
        return fee_for_miles(profile.travel.stations[0], where.miles, "exact")
    if where.place is None:
        return None
    return fee_for_place(profile, where.place.latitude, where.place.longitude, "estimate")


def say_travel(profile: Profile, wording: Wording, where: Where) -> Said:
    """The travel fee alone."""
    fee = travel_fee(profile, where)
    if fee is None:
        return Said(wording.say("travel", "unknown_zip", zip=where.said), "ask_place")
    place, miles = _place(where), _miles(fee.miles)
    if fee.cents is None:
        distance = place or f"{miles} mi"
        return Said(wording.say("travel", "decline", place_or_miles=distance), "anything")
    name = fee.precision if fee.cents else f"{fee.precision}_free"
    text = wording.say("travel", name, place=place, miles=miles, amount=money(fee.cents))
    if fee.verdict == "confirm":
        return Said(f"{text} {wording.say('travel', 'confirm')}", "person")
    return Said(text)


def say_quote(profile: Profile, wording: Wording, facts: Facts) -> Said:
    """The itemised price for the party known so far; what stands in its way where there is no price."""
    party = facts.party()
    if party.guests >= profile.booking.person_from_guests:
        return Said(wording.say("topics", "large_party", guests=f"{party.guests:,}"), "person")
    fee = travel_fee(profile, facts.where)
    if fee is not None and fee.verdict == "decline" and facts.where is not None:
        return say_travel(profile, wording, facts.where)
    order = Order(party, facts.upgrades, facts.add_ons, facts.premium_extras, travel_cents=None if fee is None else fee.cents)
    try:
        priced = quote(profile, order)
    except QuoteError as error:
        name = error.reason if wording.has("quote", error.reason) else "no_adult"
        return Said(wording.say("quote", name), "nothing")
    lines = [
        wording.say("quote", "intro", party=_party(wording, facts, party)),
        "\n".join(_lines(profile, wording, priced, facts.where, fee)),
        _total(wording, priced),
    ]
    notes = _notes(wording, facts, fee)
    if notes:
        lines.append(" ".join(notes))
    return Said("\n\n".join(lines), _next(fee))


def _party(wording: Wording, facts: Facts, party: Party) -> str:
    if facts.adults is None and not (party.children or party.under_six):
        return wording.count("people", party.guests)
    counts = (("adults", party.adults), ("children", party.children), ("under_six", party.under_six))
    return ", ".join(wording.count(noun, n) for noun, n in counts if n)


def _lines(profile: Profile, wording: Wording, priced: Quote, where: Where | None, fee: TravelFee | None) -> list[str]:
    lines = [_line(wording, "guests", wording.say("line", line.key), line) for line in priced.food_lines]
    if priced.party.under_six:
        little = wording.say("line", "under_six", n=f"{priced.party.under_six}")
        lines.append(wording.say("quote", "free", what=little))
    if priced.minimum_applies:
        lines.append(wording.say("quote", "minimum", minimum=money(priced.food_minimum_cents)))
    lines += [_line(wording, "extra", _dish(profile, wording, line.key), line) for line in priced.extra_lines]
    if fee is not None and fee.cents is not None and where is not None:
        name = f"travel_{fee.precision}"
        amount = money(fee.cents)
        lines.append(wording.say("quote", name, place=_place(where), miles=_miles(fee.miles), amount=amount))
    if priced.tax_cents:
        lines.append(wording.say("quote", "tax", amount=money(priced.tax_cents)))
    return lines


def _line(wording: Wording, name: str, what: str, line: Line) -> str:
    each, amount = money(line.each_cents), money(line.cents)
    return wording.say("quote", name, what=what, count=f"{line.count:,}", each=each, amount=amount)


def _dish(profile: Profile, wording: Wording, key: str) -> str:
    """The name of an upgrade, an add-on, or (`extra_...`) of an upgrade taken as an extra protein."""
    found = find_dish(profile, key)
    if found is not None:
        name = found.dish.in_locale(wording.language)
        return name[:1].upper() + name[1:]
    upgrade = find_dish(profile, key.removeprefix("extra_"))
    return wording.say("line", "extra_premium", dish=upgrade.dish.in_locale(wording.language) if upgrade else key)


def _total(wording: Wording, priced: Quote) -> str:
    total, deposit = money(priced.total_cents), money(priced.deposit_cents)
    if priced.travel_cents is None:
        return wording.say("quote", "total_without_travel", total=total, deposit=deposit)
    return wording.say("quote", "total", total=total, deposit=deposit, balance=money(priced.balance_cents))


def _notes(wording: Wording, facts: Facts, fee: TravelFee | None) -> list[str]:
    notes = []
    if facts.people is not None and facts.adults is None and facts.children is None:
        notes.append(wording.say("quote", "everybody_adult"))
    if fee is not None and fee.precision == "estimate":
        notes.append(wording.say("quote", "exact_fee_later"))
    if fee is not None and fee.verdict == "confirm":
        notes.append(wording.say("quote", "confirm_distance"))
    return notes


def _next(fee: TravelFee | None) -> str:
    if fee is None:
        return "ask_place"
    return "person" if fee.verdict == "confirm" else "ask_date"


def _place(where: Where) -> str:
    """`San Jose, CA (95112)`, `San Jose, CA`, or nothing for bare miles."""
    if where.place is None:
        return ""
    name = f"{where.place.name}, {where.place.state}"
    return f"{name} {where.said}" if where.said.isdecimal() else name


def _miles(miles: Decimal) -> str:
    return f"{miles.normalize():f}"
