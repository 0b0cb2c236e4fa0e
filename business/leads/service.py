"""Leads in PostgreSQL: one unsettled per conversation, which grows with what is heard; the score is computed anew each time.

Names, numbers and addresses go where customers are kept, unverified, and stand nowhere else. Consent is never inferred from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.customers import details as contacts
from business.leads import scoring
from business.leads.rules import BY_CHANNEL, SETTLED, Temperature
from business.profile.schemas import Profile
from kernel.ids import new_id
from kernel.tables.crm import Lead


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
    confidence: Mapping[str, float] | None = None,
) -> SavedLead:
    """Keep what is known of the conversation's lead; a later fact takes the place of an earlier one, None changes nothing. How it stands
    is for people: what is settled is followed by a lead of its own, what they moved stays where they put it.

    `facts` as JSON: `adults`, `children`, `under_six`, `date` (ISO), `time`, `budget_cents`, `occasion`, `address`, `preferred_contact` ...
    `source` None: by the channel. `failed`: why a booking came to nothing. `confidence`: 0 to 1 by the names of facts and contacts, how
    sure they were heard. Raises BadRequest for contacts that are none, NotFound.
    """
    said = contacts.details(name, email, phone, None, None, profile.business.phone)
    announcement = await contacts.tell(connection, conversation, said, "")
    async with writing(connection, conversation) as log:
        query = select(Lead).where(Lead.conversation_id == conversation, Lead.status.not_in(SETTLED)).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        known = {} if row is None else row.facts
        merged = {**known, **{key: value for key, value in facts.items() if value is not None}}
        source = source or (row.source if row is not None else BY_CHANNEL[log.row.channel])
        counted = await scoring.counted(connection, profile, conversation, log.row.customer_id, now)
        scored = scoring.score(profile, source, merged, counted, now)
        sure = {**({} if row is None else row.confidence), **(confidence or {})}
        values: dict[str, Any] = {"source": source, "score": scored.points, "reasons": scored.reasons, "facts": merged, "confidence": sure}
        if failed is not None:
            values["failed"] = failed
        if row is None:
            lead = new_id()
            owner = {"conversation_id": conversation, "customer_id": log.row.customer_id}
            await connection.execute(insert(Lead).values(id=lead, **owner, **values))
        else:
            lead = row.id
            await connection.execute(update(Lead).where(Lead.id == lead).values(changed_at=func.clock_timestamp(), **values))
        if row is None or (row.status == "new" and row.alerted_at is None):
            await scoring.arm(connection, profile, lead, scored.temperature, now)
    was = None if row is None else row.failed
    return SavedLead(lead, scored.points, scored.temperature, merged, failed or was, row is None, announcement)


async def of_conversation(connection: AsyncConnection, conversation: UUID) -> Any | None:
    """The conversation's unsettled lead, its row; None where there is none."""
    query = select(Lead).where(Lead.conversation_id == conversation, Lead.status.not_in(SETTLED))
    return (await connection.execute(query)).one_or_none()
