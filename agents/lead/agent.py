"""Leads: silent. Whoever tells what a party would need, or how to be reached, is kept for the team, with how sure it was heard; consent is
never inferred, and nothing is promised to anybody."""

import hashlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson

from agents.agent import Agent, Step
from agents.lead.confidence import confidence
from agents.lead.listening import Told, listen
from agents.lead.tools import SaveLead
from agents.matter import Matter
from agents.understanding.facts import Facts


class LeadAgent(Agent):
    key = "lead"
    silent = True
    tools = (SaveLead(),)

    def claims(self, matter: Matter) -> bool:
        """Whenever something new was told that is worth keeping, or a price was given: it counts for the score."""
        if not matter.effects:
            return False
        told = _told(matter)
        return worth_keeping(matter.facts, told) and (fingerprint(matter.facts, told) != matter.before.saved or "quote" in matter.found)

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        told = _told(matter)
        given = lead_arguments(matter.facts, told)
        # How sure it was is known in the turn in which it was heard.
        fresh = lead_arguments(matter.heard.fresh, told) if matter.before.saved else given
        sure = {name: value for name, value in confidence(matter.facts, matter.heard, given).items() if name in fresh}
        if await matter.attempt("save_lead", **given, confidence=sure) is not None:
            matter.remember(saved=fingerprint(matter.facts, told))
        silent: tuple[Step, ...] = ()
        for step in silent:
            yield step


def _told(matter: Matter) -> Told:
    return listen(one.text for one in matter.request.history if one.author == "customer")


def worth_keeping(facts: Facts, told: Told) -> bool:
    """A way to be reached, or a party with a date, a place, an occasion or a budget."""
    contact = facts.phone or facts.email
    more = facts.dates or facts.where is not None or told.occasion or told.budget_cents
    return bool(contact or (facts.has_party and more))


def lead_arguments(facts: Facts, told: Told) -> dict[str, Any]:
    """What is known, as the tool takes it."""
    party = facts.party()
    where = facts.where
    given: dict[str, Any] = {
        "name": facts.name,
        "phone": facts.phone,
        "email": facts.email,
        "preferred_contact": facts.preferred_contact,
        "adults": party.adults or None,
        "children": party.children or None,
        "under_six": party.under_six or None,
        "date": facts.dates[0].isoformat() if facts.dates else None,
        "time": facts.time.strftime("%H:%M") if facts.time else None,
        "place": (where.address or where.said) if where is not None and not where.unknown else None,
        "occasion": told.occasion,
        "budget_cents": told.budget_cents,
    }
    return {name: value for name, value in given.items() if value is not None}


def fingerprint(facts: Facts, told: Told) -> str:
    """Tells whether there is something new to save."""
    return hashlib.sha256(orjson.dumps(lead_arguments(facts, told), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
