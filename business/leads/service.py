"""Leads in PostgreSQL: one unsettled per conversation, which grows with what is heard; the score is computed anew each time.

Names, numbers and addresses go where customers are kept, unverified, and stand nowhere else. Consent is never inferred from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.customers import details as contacts
from business.leads import rules
from business.leads.rules import BY_CHANNEL, SETTLED, Score, Temperature
from business.profile.schemas import Profile
from kernel.ids import new_id
from kernel.tables.core import Identity
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Quote


@dataclass(frozen=True, slots=True)
class SavedLead:
    """`announcement` is None where the conversation's logs did not change."""

    id: UUID
    score: int
    temperature: Temperature
    facts: Mapping[str, Any]
    failed: str | None
    created: bool
    announcement: Announcement | None


async def save(
    connection: AsyncConnection,
    profile: Profile,
    conversation: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    source: str | None = None,
    failed: str | None = None,
) -> SavedLead:
    """Keep what is known of the conversation's lead; a later fact takes the place of an earlier one, None changes nothing.

    `facts` as JSON: `adults`, `children`, `under_six`, `date` (ISO), `time`, `budget_cents`, `address`, `preferred_contact` ...
    `source` None: by the channel. `failed`: why a booking came to nothing. Raises BadRequest for contacts that are none, NotFound.
    """
    said = contacts.details(name, email, phone, None, None, profile.business.phone)
    announcement = await contacts.tell(connection, conversation, said, "")
    async with writing(connection, conversation) as log:
        query = select(Lead).where(Lead.conversation_id == conversation, Lead.status.not_in(SETTLED)).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        known = {} if row is None else row.facts
        merged = {**known, **{key: value for key, value in facts.items() if value is not None}}
        source = source or (row.source if row is not None else BY_CHANNEL[log.row.channel])
        scored = await _score(connection, profile, conversation, log.row.customer_id, source, merged, now)
        values: dict[str, Any] = {"source": source, "score": scored.points, "reasons": scored.reasons, "facts": merged}
        if failed is not None:
            values["failed"] = failed
        if row is None:
            lead = new_id()
            owner = {"conversation_id": conversation, "customer_id": log.row.customer_id}
            await connection.execute(insert(Lead).values(id=lead, **owner, **values))
        else:
            lead = row.id
            await connection.execute(update(Lead).where(Lead.id == lead).values(changed_at=func.clock_timestamp(), **values))
    was = None if row is None else row.failed
    return SavedLead(lead, scored.points, scored.temperature, merged, failed or was, row is None, announcement)


async def of_conversation(connection: AsyncConnection, conversation: UUID) -> Any | None:
    """The conversation's unsettled lead, its row; None where there is none."""
    query = select(Lead).where(Lead.conversation_id == conversation, Lead.status.not_in(SETTLED))
    return (await connection.execute(query)).one_or_none()


async def _score(
    connection: AsyncConnection,
    profile: Profile,
    conversation: UUID,
    customer: UUID,
    source: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> Score:
    since = now - timedelta(days=profile.leads.score.recent_days)
    contact = (Identity.customer_id == customer, Identity.verified, Identity.kind.in_(("email", "phone")))
    counts = select(
        select(func.count()).select_from(Identity).where(*contact).scalar_subquery().label("verified"),
        select(func.count()).select_from(Quote).where(Quote.conversation_id == conversation, Quote.created_at > since).scalar_subquery()
        + select(func.count())
        .select_from(Booking)
        .where(Booking.conversation_id == conversation, Booking.created_at > since)
        .scalar_subquery(),
    )
    verified, events = (await connection.execute(counts)).one()
    return rules.score(
        profile,
        source=source,
        adults=_whole(facts.get("adults")),
        budget_cents=_whole(facts.get("budget_cents")),
        days_ahead=rules.days_ahead(_day(facts.get("date")), now.astimezone(profile.business.zone).date()),
        verified_contacts=verified,
        recent_events=events,
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _day(value: object) -> date | None:
    """What was heard may be no day; a lead is kept all the same."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
