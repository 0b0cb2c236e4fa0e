"""How long a customer who asks for a person will wait: what the profile says, or what the last month was like where that was longer."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import reach
from business.profile.hours import is_open
from business.profile.schemas import Profile
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Handoff

LOOK_BACK = timedelta(days=30)
LEAST_MEASURED = 10
MOST_MEASURED = 500
STEP_MINUTES = 5
# Those for which a customer waits, as a rule.
KINDS = ("human", "complaint")


@dataclass(frozen=True, slots=True)
class Waits:
    """`minutes` until a person has answered while people are there, None: as the profile says; `ahead`: customers who wait already;
    `unreachable`: neither a phone number nor an e-mail address is known."""

    minutes: int | None = None
    ahead: int = 0
    unreachable: bool = False


async def waits(connection: AsyncConnection, profile: Profile, conversation: UUID, now: datetime) -> Waits:
    """What is true of this conversation's wait now."""
    row = (await connection.execute(select(ChatSession.customer_id).where(ChatSession.id == conversation))).one_or_none()
    known = row is not None and await reach.can_be_reached(connection, row.customer_id)
    return Waits(await measured(connection, profile, now), await _ahead(connection, conversation), not known)


async def measured(connection: AsyncConnection, profile: Profile, now: datetime) -> int:
    """Minutes: the median of how long claims took in the last month, up to the next five; never less than the profile says."""
    rows = await connection.execute(
        select(Handoff.created_at, Handoff.claimed_at)
        .where(
            Handoff.changed_at > now - LOOK_BACK,
            Handoff.claimed_at > now - LOOK_BACK,
            Handoff.claimed_at <= now,
            Handoff.kind.in_(KINDS),
            Handoff.urgency != "low",
        )
        .order_by(Handoff.claimed_at.desc())
        .limit(MOST_MEASURED)
    )
    # Whoever came at night waited for the morning, which is told apart.
    return minutes_of([row.claimed_at - row.created_at for row in rows if is_open(profile, row.created_at)], profile.people.reply_minutes)


def minutes_of(took: Sequence[timedelta], least: int) -> int:
    """Pure: of fewer than ten nothing is concluded."""
    if len(took) < LEAST_MEASURED:
        return least
    median = statistics.median(one.total_seconds() for one in took) / 60
    return max(least, -int(-median // STEP_MINUTES) * STEP_MINUTES)


async def _ahead(connection: AsyncConnection, conversation: UUID) -> int:
    """Who stands in the queue; of those who came later none, where this one stands there too."""
    own = select(ChatSession.owner_since).where(ChatSession.id == conversation, ChatSession.owner == "queue").scalar_subquery()
    waiting = select(func.count()).where(
        ChatSession.owner == "queue",
        ChatSession.state == "open",
        ChatSession.id != conversation,
        ChatSession.owner_since < func.coalesce(own, func.clock_timestamp()),
    )
    return int(await connection.scalar(waiting) or 0)
