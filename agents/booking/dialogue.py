"""What a booking still needs, and how it is read back: pure functions of what was told."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from agents.distance.agent import as_argument
from agents.matter import Matter
from agents.memory import Memory
from agents.pricing.agent import dish_name, order_arguments, party_words
from agents.understanding.facts import Facts
from business.customers.contacts import shown
from business.menu.rules import find_dish
from business.profile.figures import listed, money
from business.profile.schemas import Profile
from business.profile.spoken import moment_of

# What may be told after the slot is held.
CAN_WAIT = frozenset({"proteins", "email"})


def next_question(profile: Profile, memory: Memory) -> tuple[str, str] | None:
    """(fact asked for, sentence of the wording) of the first thing that is missing; None where all is told."""
    facts, later = memory.facts, memory.later
    where = facts.where
    party = facts.party()
    if len(facts.dates) != 1:
        return "date", "ask_date"
    if facts.time is None:
        return "time", "ask_time"
    if not facts.has_party or (facts.adults is None and facts.people is None):
        return "guests", "ask_adults"
    if facts.adults is None and facts.children is None and facts.under_six is None:
        return "children", "ask_ages"
    if where is None or where.unknown:
        return "address", "ask_address"
    if where.address is None:
        return "address", "ask_street"
    if where.place is None and where.miles is None:
        return "place", "ask_address"
    picked = sum(facts.proteins.values()) + sum(facts.upgrades.values())
    if picked > profile.menu.picks_per_guest * party.eaters:
        return "proteins", "too_many_picks"
    if not picked and "proteins" not in later:
        return "proteins", "ask_proteins"
    for fact in ("name", "phone", "email"):
        if getattr(facts, fact) is None and fact not in later:
            return fact, f"ask_{fact}"
    return None


def hold_arguments(facts: Facts) -> dict[str, Any]:
    """What is held, as the tool takes it. Everything that a booking needs is told."""
    assert facts.time is not None and facts.where is not None
    order = order_arguments(facts)
    order.pop("place", None)
    given: dict[str, Any] = {
        "date": facts.dates[0].isoformat(),
        "time": facts.time.strftime("%H:%M"),
        **order,
        "address": as_argument(facts.where),
        "name": facts.name,
        "phone": facts.phone,
        "email": facts.email,
        "proteins": dict(facts.proteins),
        "diets": list(facts.diets),
        "allergens": list(facts.allergens),
    }
    return {name: value for name, value in given.items() if value or name in ("adults", "children")}


def fingerprint(facts: Facts) -> str:
    """Tells whether what was read back is still what is known."""
    return hashlib.sha256(orjson.dumps(hold_arguments(facts), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def read_back(matter: Matter, priced: Mapping[str, Any] | None) -> str:
    """Everything that is about to be held, a line each."""
    facts, wording = matter.facts, matter.wording
    assert facts.time is not None and facts.where is not None
    when = moment_of(facts.dates[0], facts.time, matter.today, matter.language)
    lines = [
        wording.say("booking", "line_when", when=f"**{when[:1].upper()}{when[1:]}**"),
        wording.say("booking", "line_guests", guests=party_words(matter, facts)),
        wording.say("booking", "line_address", address=as_argument(facts.where)),
    ]
    picks = _counted(matter, facts.proteins, facts.upgrades)
    lines.append(wording.say("booking", "line_proteins", proteins=picks) if picks else wording.say("booking", "line_proteins_later"))
    if extras := _counted(matter, facts.add_ons, {f"extra_{key}": count for key, count in facts.premium_extras.items()}):
        lines.append(wording.say("booking", "line_extras", extras=extras))
    if cares := allergies(matter):
        lines.append(wording.say("booking", "line_allergies", allergies=cares))
    contact = [item for item in (facts.name, facts.phone and shown(facts.phone), facts.email) if item]
    lines.append(wording.say("booking", "line_contact", contact=", ".join(contact)))
    if priced is not None:
        name = "line_total_open" if priced["travel"] is None else "line_total"
        values = {"total": f"**{money(priced['total_cents'])}**", "deposit": money(priced["deposit_cents"])}
        lines.append(wording.say("booking", name, **values))
    return "\n".join([wording.say("booking", "read_back"), "", *lines])


def allergies(matter: Matter) -> str:
    """Allergens and diets as told; "none" where the customer said so; nothing where nobody asked."""
    facts, profile = matter.facts, matter.profile
    names = {item.key: item for item in (*profile.allergies.allergens, *profile.allergies.ask_a_person, *profile.allergies.diets)}
    said = [names[key].in_locale(matter.language) for key in (*facts.allergens, *facts.diets) if key in names]
    if said:
        return listed(said, matter.language)
    return matter.wording.say("fact", "none") if facts.no_allergens else ""


def _counted(matter: Matter, *counts: Mapping[str, int]) -> str:
    wanted = [(key, count) for each in counts for key, count in each.items() if count]
    said = [matter.wording.say("fact", "picks", n=f"{count}", dish=_dish(matter, key)) for key, count in wanted]
    return listed(said, matter.language) if said else ""


def _dish(matter: Matter, key: str) -> str:
    found = find_dish(matter.profile, key)
    return found.dish.in_locale(matter.language) if found else dish_name(matter, key)
