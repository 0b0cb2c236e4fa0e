"""Scores of leads, computed anew: what was told, how the customer can be reached, what happened lately. A person's move is no part of it.

A score also changes by itself, as the party's day comes nearer and what happened grows old: the workers' clock looks at all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.leads import rules
from business.leads.rules import SETTLED, Score, Temperature
from business.profile.schemas import Profile
from kernel import outbox
from kernel.jobs import LeadWaits
from kernel.tables.core import Identity
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Quote

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts beside what was told: verified contacts, and quotes and holds of the last days that the profile counts."""

    contacts: int
    events: int


async def counted(connection: AsyncConnection, profile: Profile, conversation: UUID, customer: UUID, now: datetime) -> Counted:
    """For one conversation and its customer."""
    return Counted(*(await connection.execute(select(*_counts(profile, conversation, customer, now)))).one())


def score(profile: Profile, source: str, facts: Mapping[str, Any], found: Counted, now: datetime) -> Score:
    """`facts` as a lead keeps them; what was heard wrong counts for nothing."""
    return rules.score(
        profile,
        source=source,
        adults=_whole(facts.get("adults")),
        budget_cents=_whole(facts.get("budget_cents")),
        days_ahead=rules.days_ahead(_day(facts.get("date")), now.astimezone(profile.business.zone).date()),
        verified_contacts=found.contacts,
        recent_events=found.events,
    )


async def again(
    connection: AsyncConnection, profile: Profile, which: ColumnElement[bool], now: datetime, after: UUID | None = None
) -> UUID | None:
    """Compute those of these leads anew that are not settled, at most `AT_ONCE` in the order of their ids; what somebody else holds just
    now is computed by them. Returns the last one looked at, to go on `after` it; None where there is none left."""
    query = (
        select(Lead, *_counts(profile, Lead.conversation_id, Lead.customer_id, now))
        .where(which, Lead.status.not_in(SETTLED))
        .order_by(Lead.id)
        .limit(AT_ONCE)
        .with_for_update(of=Lead, skip_locked=True)
    )
    if after is not None:
        query = query.where(Lead.id > after)
    last: UUID | None = None
    for row in await connection.execute(query):
        last = row.id
        scored = score(profile, row.source, row.facts, Counted(row.contacts, row.events), now)
        if (scored.points, scored.reasons) != (row.score, row.reasons):
            values = {"score": scored.points, "reasons": scored.reasons}
            await connection.execute(update(Lead).where(Lead.id == row.id).values(changed_at=func.clock_timestamp(), **values))
        if row.status == "new" and row.alerted_at is None:
            await arm(connection, profile, row.id, scored.temperature, now)
    return last


async def arm(connection: AsyncConnection, profile: Profile, lead: UUID, found: Temperature, now: datetime) -> None:
    """Staff will be told where nobody looks after a lead that is so promising from now on; once for each temperature."""
    until = rules.waits_until(profile, found, now)
    if until is not None:
        await outbox.enqueue(connection, LeadWaits(lead=lead, temperature=found), key=f"lead_waits:{lead}:{found}", at=until)


def _counts(profile: Profile, conversation: Any, customer: Any, now: datetime) -> tuple[Label[int], Label[int]]:
    """`conversation` and `customer`: values, or columns of the query that these stand in."""
    since = now - timedelta(days=profile.leads.score.recent_days)

    def many(*where: ColumnElement[bool]) -> Any:
        return select(func.count()).where(*where).correlate(Lead).scalar_subquery()

    contacts = many(Identity.customer_id == customer, Identity.verified.is_(True), Identity.kind.in_(("email", "phone")))
    quotes = many(Quote.conversation_id == conversation, Quote.created_at > since)
    holds = many(Booking.conversation_id == conversation, Booking.created_at > since)
    return contacts.label("contacts"), (quotes + holds).label("events")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _day(value: object) -> date | None:
    """What was heard may be no day; a lead is kept all the same."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
