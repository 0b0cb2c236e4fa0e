"""Alerts in words: each with the place where somebody looks after it, and a key by which a colleague dismisses it for themselves."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.admin.assistant import staff_wording
from agents.admin.data import booking_data, cut, handoff_data, lead_data
from agents.admin.rows import Row, Rows
from agents.house.wording import Wording
from agents.understanding.text import fold
from business.alerts import service
from business.alerts.dismissing import dismissed as dismissed_by
from business.alerts.service import Alerts, SpentBudget
from business.profile.schemas import Profile
from kernel.settings import Budget
from knowledge.corpus import questions
from knowledge.corpus.questions import Question

AlertKind = Literal[
    "handoff", "unclaimed", "unpaid", "lead", "document", "question", "budgets", "emails", "texts", "dead_letters", "shadows", "campaigns"
]  # fmt: skip
LETTERS = "#/settings/dead-letters"
EMAILS = "#/settings/emails"
TEXTS = "#/settings/texts"
SHADOWS = "#/settings/shadows"
COSTS = "#/settings/costs"
CAMPAIGNS = "#/campaigns"
KNOWLEDGE = "#/knowledge/documents"
QUESTIONS = "#/knowledge/questions"
ASKED_OFTEN = 3
TITLE = 90  # characters of a question or a document's title


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that waits; `row` says it."""

    kind: AlertKind
    key: str
    row: Row


@dataclass(frozen=True, slots=True)
class Waits:
    """The first of each kind, and how many there are; None of what a role is not told."""

    items: tuple[Alert, ...]
    counts: dict[str, int | None]


async def waits(connection: AsyncConnection, profile: Profile, now: datetime, *, chief: bool, staff: UUID | None, budget: Budget) -> Waits:
    """What waits for somebody just now, but for what this colleague dismissed; `staff` None: nobody in particular asks."""
    gone = await dismissed_by(connection, staff) if staff is not None else frozenset()
    alerts = await service.look(connection, profile, now, chief=chief, dismissed=gone, budget=budget)
    often = [one for one in await questions.listing(connection) if one.times >= ASKED_OFTEN]
    items = tuple(one for one in in_words(alerts, often, profile, now, chief=chief) if one.key not in gone)
    counted = ("question", "budgets", "emails", "texts", "dead_letters", "shadows", "campaigns")
    shown = {kind: sum(one.kind == kind for one in items) for kind in counted}
    counts: dict[str, int | None] = {
        "unpaid": alerts.unpaid.total,
        "leads": alerts.leads.total,
        "handoffs": alerts.handoffs.total,
        "unclaimed": alerts.unclaimed.total,
        "documents": len(alerts.documents),
        "questions": shown["question"],
        "dead_letters": None if alerts.dead_letters is None else alerts.dead_letters * shown["dead_letters"],
        "emails": None if alerts.emails is None else alerts.emails * shown["emails"],
        "texts": None if alerts.texts is None else alerts.texts * shown["texts"],
        "shadows": shown["shadows"] or None,
        "budgets": shown["budgets"] or None,
        "campaigns": shown["campaigns"] or None,
    }
    return Waits(items, counts)


def in_words(alerts: Alerts, often: Sequence[Question], profile: Profile, now: datetime, *, chief: bool) -> list[Alert]:
    """What is most pressing first."""
    wording, zone = staff_wording(profile), profile.business.zone
    rows, today = Rows(wording), now.astimezone(zone).date()
    found = [Alert("handoff", f"handoff:{one.id}", rows.handoff(handoff_data(one, now))) for one in alerts.handoffs.shown]
    found += [Alert("unclaimed", f"unclaimed:{one.id}", rows.handoff(handoff_data(one, now))) for one in alerts.unclaimed.shown]
    parties = alerts.unpaid.shown
    found += [Alert("unpaid", f"unpaid:{one.id}", rows.booking(booking_data(one, zone, chief=chief), today)) for one in parties]
    found += [Alert("lead", f"lead:{one.id}", rows.lead(lead_data(one, now, chief=chief), today)) for one in alerts.leads.shown]
    for document in alerts.documents:
        row = Row(wording.say("row", "document", title=cut(document.title, TITLE)), document.error, f"{KNOWLEDGE}/{document.id}")
        found.append(Alert("document", f"document:{document.id}:{document.revision}", row))
    for question in often:
        title = wording.say("row", "asked", question=cut(" ".join(question.question.split()), TITLE))
        row = Row(title, wording.say("row", "asked_more", times=str(question.times)), QUESTIONS)
        found.append(Alert("question", f"question:{_same(question.question)}", row))
    for campaign in alerts.campaigns or ():
        title = wording.say("row", "campaign", title=cut(campaign.name, TITLE))
        row = Row(title, wording.say("row", f"campaign_{campaign.why}"), f"{CAMPAIGNS}/{campaign.id}")
        found.append(Alert("campaigns", f"campaigns:{campaign.id}:{campaign.rev}", row))
    found += [_budget(one, wording, today.isoformat()) for one in alerts.budgets]
    if alerts.emails:
        title = wording.say("row", "emails", count=wording.count("letter", alerts.emails))
        found.append(Alert("emails", f"emails:{alerts.emails}", Row(title, wording.say("row", "emails_more"), EMAILS)))
    if alerts.texts:
        title = wording.say("row", "texts", count=wording.count("text", alerts.texts))
        found.append(Alert("texts", f"texts:{alerts.texts}", Row(title, wording.say("row", "texts_more"), TEXTS)))
    if alerts.dead_letters:
        title = wording.say("row", "letters", count=wording.count("letter", alerts.dead_letters))
        found.append(Alert("dead_letters", f"dead_letters:{alerts.dead_letters}", Row(title, wording.say("row", "letters_more"), LETTERS)))
    for name in alerts.shadows or ():
        row = Row(wording.say("row", "shadow", model=name), wording.say("row", "shadow_more"), SHADOWS)
        found.append(Alert("shadows", f"shadows:{name}:{today.isoformat()}", row))
    return found


def _budget(one: SpentBudget, wording: Wording, day: str) -> Alert:
    title = wording.say("row", "budget_of", site=one.name) if one.name else wording.say("row", "budget_all")
    row = Row(title, wording.say("row", "budget_more", percent=f"{one.share:.0%}"), COSTS)
    return Alert("budgets", f"budgets:{one.scope}:{one.name}:{day}", row)


def _same(question: str) -> str:
    """The same question asked again is the same thing, whoever asks it and however it is written."""
    return hashlib.sha256(" ".join(fold(question).split()).strip(" ?!.").encode()).hexdigest()[:24]
