"""Alerts in words: each with the place where somebody looks after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.admin.assistant import staff_wording
from agents.admin.data import booking_data, handoff_data, lead_data
from agents.admin.rows import Row, Rows
from business.alerts.service import Alerts
from business.profile.schemas import Profile

AlertKind = Literal["unpaid", "lead", "handoff", "dead_letters", "emails", "shadows"]
LETTERS = "#/settings/dead-letters"
EMAILS = "#/settings/emails"
SHADOWS = "#/settings/shadows"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that waits; `row` says it."""

    kind: AlertKind
    row: Row


def alerts_in_words(alerts: Alerts, profile: Profile, now: datetime, *, chief: bool) -> tuple[Alert, ...]:
    """What is most pressing first: handoffs, deposits, leads, e-mails of unknown fate, dead letters, candidates that fail."""
    wording, zone = staff_wording(profile), profile.business.zone
    rows, today = Rows(wording), now.astimezone(zone).date()
    found = [Alert("handoff", rows.handoff(handoff_data(one, now))) for one in alerts.handoffs.shown]
    found += [Alert("unpaid", rows.booking(booking_data(one, zone, chief=chief), today)) for one in alerts.unpaid.shown]
    found += [Alert("lead", rows.lead(lead_data(one, now), today)) for one in alerts.leads.shown]
    if alerts.emails:
        title = wording.say("row", "emails", count=wording.count("letter", alerts.emails))
        found.append(Alert("emails", Row(title, wording.say("row", "emails_more"), EMAILS)))
    if alerts.dead_letters:
        title = wording.say("row", "letters", count=wording.count("letter", alerts.dead_letters))
        found.append(Alert("dead_letters", Row(title, wording.say("row", "letters_more"), LETTERS)))
    for name in alerts.shadows or ():
        found.append(Alert("shadows", Row(wording.say("row", "shadow", model=name), wording.say("row", "shadow_more"), SHADOWS)))
    return tuple(found)
