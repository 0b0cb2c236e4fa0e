"""Prices: the pricing engine alone computes; here its quote is put into words. A price is never hedged."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from agents.agent import Agent, Said, Step
from agents.distance.agent import as_argument, place_name, said_miles
from agents.distance.ways import Ways
from agents.matter import Matter
from agents.pricing.tools import QuoteTool
from agents.tools.results import ToolError
from agents.understanding.facts import Facts
from agents.understanding.reading import ABOUT_GUESTS
from business.menu.rules import find_dish
from business.profile.figures import money

# With one of these "how much" asks for that alone.
PRICED = ABOUT_GUESTS | frozenset("travel deposit tip tax reschedule cancel upgrades add_ons insurance".split())


class PricingAgent(Agent):
    key = "pricing"
    in_general = "price"
    topics = frozenset({"price", "how_much", "minimum", "tax"})
    needs = ("distance", "menu")

    def __init__(self, ways: Ways) -> None:
        self.tools = (QuoteTool(ways),)

    def claims(self, matter: Matter) -> bool:
        topics = set(matter.heard.topics)
        if matter.wish is not None:
            return False
        # "Is it taken off the total?" is about the deposit.
        asked = topics & {"minimum", "tax"} or ("price" in topics and "deposit" not in topics)
        return wants_quote(matter) or bool(asked) or _asks_generally(matter)

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        topics, wording = matter.heard.topics, matter.wording
        quoted = wants_quote(matter)
        if quoted:
            said = await say_quote(matter)
            if said is not None:
                yield said
        elif "price" in topics or _asks_generally(matter):
            yield Said(wording.say("topics", "price"), topic="price" if "price" in topics else "how_much")
        if "minimum" in topics:
            yield Said(wording.say("topics", "minimum"), topic="minimum")
        if "tax" in topics:
            yield Said(wording.say("topics", "tax_on" if matter.profile.prices.tax_enabled else "tax_off"), topic="tax")


def wants_quote(matter: Matter) -> bool:
    """Whether the party is known and its price is wanted: asked for, or the facts told are what a price needs."""
    heard, topics = matter.heard, set(matter.heard.topics)
    if not matter.facts.has_party:
        return False
    only_dishes = bool(heard.dishes) and not heard.fresh.has_party and not heard.fresh.has_picks
    asked = ("price" in topics and ("deposit" not in topics or heard.fresh.has_party)) or (
        "how_much" in topics and not topics & PRICED and not only_dishes
    )
    return asked or heard.tells or ("minimum" in topics and heard.fresh.has_party)


def _asks_generally(matter: Matter) -> bool:
    """ "How much is it?" of nothing that has a price of its own."""
    heard = matter.heard
    only_the_way = heard.fresh.where is not None and not heard.fresh.has_party
    return "how_much" in heard.topics and not set(heard.topics) & PRICED and not heard.dishes and not only_the_way


def order_arguments(facts: Facts) -> dict[str, Any]:
    """What is known of the order, as the tools take it."""
    party = facts.party()
    given: dict[str, Any] = {"adults": party.adults, "children": party.children, "under_six": party.under_six}
    given |= {"upgrades": dict(facts.upgrades), "add_ons": dict(facts.add_ons), "premium_extras": dict(facts.premium_extras)}
    if facts.where is not None and not facts.where.unknown:
        given["place"] = as_argument(facts.where)
    return {name: value for name, value in given.items() if value or name == "adults"}


async def say_quote(matter: Matter) -> Said | None:
    """The itemised price for what is known so far; what stands in its way where there is no price. Quiets the way's agent."""
    profile, wording, facts = matter.profile, matter.wording, matter.facts
    party = facts.party()
    if party.guests >= profile.booking.person_from_guests:
        await matter.attempt("call_person", kind="booking", reason=f"A party of {party.guests}", urgency="normal")
        return Said(wording.say("topics", "large_party", guests=f"{party.guests:,}"), "person")
    try:
        priced = (await matter.call("quote", **order_arguments(facts))).data
    except ToolError as error:
        reason = getattr(error, "reason", "no_adult")
        if reason == "declined":
            return None  # the way's agent says so
        return Said(wording.say("quote", reason if wording.has("quote", reason) else "no_adult"), "nothing")
    if priced["travel"] is not None:
        matter.quiet.add("distance")
    if _briefly(matter):
        name = "brief_open" if priced["travel"] is None else "brief"
        return Said(wording.say("quote", name, party=party_words(matter, facts), total=money(priced["total_cents"])), _next(priced))
    lines = [wording.say("quote", "intro", party=party_words(matter, facts)), "\n".join(_lines(matter, priced)), _total(matter, priced)]
    if notes := _notes(matter, priced):
        lines.append(" ".join(notes))
    return Said("\n\n".join(lines), _next(priced))


def _briefly(matter: Matter) -> bool:
    """Whether the total is enough: on a phone, where a booking is made and nobody asks what it comes from. It is read back at its end."""
    asked = {"price", "how_much"} & set(matter.heard.topics)
    return matter.request.channel == "sms" and "booking" in matter.routed and not asked


def party_words(matter: Matter, facts: Facts) -> str:
    """`12 adults, 2 children`, or `12 guests` where no age was told."""
    party, wording = facts.party(), matter.wording
    if facts.adults is None and not (party.children or party.under_six):
        return wording.count("people", party.guests)
    counts = (("adults", party.adults), ("children", party.children), ("under_six", party.under_six))
    return ", ".join(wording.count(noun, n) for noun, n in counts if n)


def _lines(matter: Matter, priced: Mapping[str, Any]) -> list[str]:
    wording = matter.wording
    lines = [_line(matter, "guests", wording.say("line", line["key"]), line) for line in priced["food_lines"]]
    if priced["under_six"]:
        lines.append(wording.say("quote", "free", what=wording.say("line", "under_six", n=f"{priced['under_six']}")))
    if priced["minimum_applies"]:
        lines.append(wording.say("quote", "minimum", minimum=money(priced["food_minimum_cents"])))
    elif len(priced["food_lines"]) > 1:
        lines.append(wording.say("quote", "food", amount=money(priced["food_cents"])))
    lines += [_line(matter, "extra", dish_name(matter, line["key"]), line) for line in priced["extra_lines"]]
    travel = priced["travel"]
    if travel is not None and matter.facts.where is not None:
        values = {"place": place_name(matter.facts.where), "miles": said_miles(travel["miles"]), "amount": money(travel["cents"])}
        lines.append(wording.say("quote", f"travel_{travel['precision']}", **values))
    if priced["tax_cents"]:
        lines.append(wording.say("quote", "tax", amount=money(priced["tax_cents"])))
    return lines


def _line(matter: Matter, name: str, what: str, line: Mapping[str, Any]) -> str:
    values = {"count": f"{line['count']:,}", "each": money(line["each_cents"]), "amount": money(line["cents"])}
    return matter.wording.say("quote", name, what=what, **values)


def dish_name(matter: Matter, key: str) -> str:
    """The name of an upgrade, an add-on, or (`extra_...`) of an upgrade taken as an extra protein; with a capital."""
    found = find_dish(matter.profile, key)
    if found is not None:
        name = found.dish.in_locale(matter.language)
        return name[:1].upper() + name[1:]
    upgrade = find_dish(matter.profile, key.removeprefix("extra_"))
    return matter.wording.say("line", "extra_premium", dish=upgrade.dish.in_locale(matter.language) if upgrade else key)


def _total(matter: Matter, priced: Mapping[str, Any]) -> str:
    total, deposit = money(priced["total_cents"]), money(priced["deposit_cents"])
    if priced["travel"] is None:
        return matter.wording.say("quote", "total_without_travel", total=total, deposit=deposit)
    return matter.wording.say("quote", "total", total=total, deposit=deposit, balance=money(priced["balance_cents"]))


def _notes(matter: Matter, priced: Mapping[str, Any]) -> list[str]:
    wording, facts, travel = matter.wording, matter.facts, priced["travel"]
    notes = []
    if facts.people is not None and facts.adults is None and facts.children is None:
        notes.append(wording.say("quote", "everybody_adult"))
    told = facts.where is not None and facts.where.address is not None
    if travel is not None and travel["precision"] == "estimate" and not told:
        notes.append(wording.say("quote", "exact_fee_later"))
    if travel is not None and travel["verdict"] == "confirm":
        notes.append(wording.say("quote", "confirm_distance"))
    return notes


def _next(priced: Mapping[str, Any]) -> str:
    if priced["travel"] is None:
        return "ask_place"
    return "person" if priced["travel"]["verdict"] == "confirm" else "ask_date"
