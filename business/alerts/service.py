"""What is wrong just now, in six small reads; cheap enough to be asked each minute by everyone who is here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import queries as bookings
from business.bookings.queries import FoundBookings
from business.effects import dead
from business.emails import sending
from business.handoffs import standing
from business.handoffs.standing import FoundHandoffs
from business.leads import queries as leads
from business.leads.queries import FoundLeads
from business.profile.schemas import Profile
from kernel.jobs import ShadowFails
from kernel.tables.ops import Notification

UNPAID_HOURS = 48
UNTOUCHED_HOURS = 24


@dataclass(frozen=True, slots=True)
class Alerts:
    """Parties soon without a deposit, leads that nobody has looked after, handoffs past their time. `dead_letters`, `emails` of which
    nobody knows whether they arrived, and `shadows`, the candidates that fail more often than not, are told to owners and admins alone, who
    can do something about them."""

    unpaid: FoundBookings
    leads: FoundLeads
    handoffs: FoundHandoffs
    dead_letters: int | None
    emails: int | None = None
    shadows: tuple[str, ...] | None = None


async def look(connection: AsyncConnection, profile: Profile, now: datetime, *, chief: bool) -> Alerts:
    """As it stands now."""
    return Alerts(
        await bookings.unpaid_before(connection, now, UNPAID_HOURS),
        await leads.untouched(connection, profile, now, UNTOUCHED_HOURS),
        await standing.unsettled(connection, now, overdue=True),
        await dead.count(connection) if chief else None,
        await sending.unknown_count(connection) if chief else None,
        await failing_shadows(connection) if chief else None,
    )


async def failing_shadows(connection: AsyncConnection) -> tuple[str, ...]:
    """Names of the candidates of which staff had to hear within a day."""
    lately = Notification.created_at > func.now() - timedelta(days=1)
    keys = await connection.scalars(select(Notification.key).where(Notification.kind == ShadowFails.kind, lately))
    return tuple(sorted({ShadowFails.named_in(key) for key in keys}))
