"""Leads: silent. Whoever tells what a party would need, or how to be reached, is kept for the team; consent is never inferred."""

import hashlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson

from agents.agent import Agent, Step
from agents.lead.tools import SaveLead
from agents.matter import Matter
from agents.understanding.facts import Facts


class LeadAgent(Agent):
    key = "lead"
    silent = True
    tools = (SaveLead(),)

    def claims(self, matter: Matter) -> bool:
        """Whenever something new was told that is worth keeping."""
        return matter.effects and worth_keeping(matter.facts) and fingerprint(matter.facts) != matter.before.saved

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        if await matter.attempt("save_lead", **lead_arguments(matter.facts)) is not None:
            matter.remember(saved=fingerprint(matter.facts))
        silent: tuple[Step, ...] = ()
        for step in silent:
            yield step


def worth_keeping(facts: Facts) -> bool:
    """A way to be reached, or a party with a date or a place."""
    contact = facts.phone or facts.email
    return bool(contact or (facts.has_party and (facts.dates or facts.where is not None)))


def lead_arguments(facts: Facts) -> dict[str, Any]:
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
    }
    return {name: value for name, value in given.items() if value is not None}


def fingerprint(facts: Facts) -> str:
    """Tells whether there is something new to save."""
    return hashlib.sha256(orjson.dumps(lead_arguments(facts), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
