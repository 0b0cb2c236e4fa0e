"""What is wrong just now, in a few small reads; cheap enough to be asked each minute by everyone who is here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.alerts.dismissing import ids
from business.bookings import queries as bookings
from business.bookings.queries import FoundBookings
from business.campaigns.records import PausedCampaign, paused_by_themselves
from business.channels import states
from business.effects import dead
from business.emails import sending
from business.handoffs import standing
from business.handoffs.standing import FoundHandoffs
from business.leads import queries as leads
from business.leads.queries import FoundLeads
from business.profile.hours import is_open
from business.profile.schemas import Profile
from kernel.jobs import ShadowFails
from kernel.metering.costs import day_of, standings
from kernel.settings import Budget
from kernel.tables.ai import Document
from kernel.tables.ops import Notification

UNPAID_HOURS = 48
UNTOUCHED_HOURS = 24
NEARLY_SPENT = 0.8
SHOWN = 20


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """Something that the business has written and that could not be read. `error` is written for a person."""

    id: UUID
    revision: int
    title: str
    error: str


@dataclass(frozen=True, slots=True)
class SpentBudget:
    """A day's budget of models that is nearly spent, or is. `share` of it, 1 for all; `name` of a site."""

    scope: str
    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Alerts:
    """Parties soon without a deposit, leads that nobody has looked after, handoffs past their time and handoffs that nobody has claimed,
    documents that could not be read. `dead_letters`, `emails` and `texts` of which nobody knows whether they arrived, `shadows`, the
    candidates that fail more often than not, and `budgets` are told to owners and admins alone, who can do something about them."""

    unpaid: FoundBookings
    leads: FoundLeads
    handoffs: FoundHandoffs
    unclaimed: FoundHandoffs
    documents: tuple[FailedDocument, ...]
    dead_letters: int | None
    emails: int | None = None
    texts: int | None = None
    shadows: tuple[str, ...] | None = None
    budgets: tuple[SpentBudget, ...] = field(default=())
    campaigns: tuple[PausedCampaign, ...] | None = None


async def look(
    connection: AsyncConnection, profile: Profile, now: datetime, *, chief: bool, dismissed: frozenset[str] = frozenset(), budget: Budget
) -> Alerts:
    """As it stands now, but for what somebody dismissed (by keys, see dismissing.py)."""
    without = {kind: ids(dismissed, kind) for kind in ("unpaid", "lead", "handoff", "unclaimed")}
    people = is_open(profile, now)
    return Alerts(
        await bookings.unpaid_before(connection, now, UNPAID_HOURS, but=without["unpaid"]),
        await leads.untouched(connection, profile, now, UNTOUCHED_HOURS, told=True, but=without["lead"]),
        await standing.unsettled(connection, now, overdue=True, but=without["handoff"]),
        # At night nobody is there to claim anything.
        await standing.unclaimed(connection, now, profile.people.reply_minutes, but=without["unclaimed"])
        if people
        else FoundHandoffs((), 0),
        await failed_documents(connection, dismissed),
        await dead.count(connection) if chief else None,
        await sending.unknown_count(connection) if chief else None,
        await states.unknown_count(connection) if chief else None,
        await failing_shadows(connection) if chief else None,
        await spent_budgets(connection, budget, profile, now) if chief else (),
        await paused_by_themselves(connection) if chief else None,
    )


async def failed_documents(connection: AsyncConnection, dismissed: frozenset[str]) -> tuple[FailedDocument, ...]:
    """The newest first."""
    failed = select(Document.id, Document.revision, Document.title, Document.error).where(Document.state == "failed")
    rows = await connection.execute(failed.order_by(Document.changed_at.desc()).limit(2 * SHOWN))
    found = [FailedDocument(row.id, row.revision, row.title, row.error or "") for row in rows]
    return tuple(one for one in found if f"document:{one.id}:{one.revision}" not in dismissed)[:SHOWN]


async def spent_budgets(connection: AsyncConnection, budget: Budget, profile: Profile, now: datetime) -> tuple[SpentBudget, ...]:
    """Those of today of which little is left: everybody's, and a site's."""
    limits = {"all": budget.day_cents, "site": budget.site_day_cents}
    found = []
    for one in await standings(connection, day_of(now, profile.business.zone)):
        limit = limits.get(one.scope)
        if limit and (share := (one.spent + one.held) / (limit * 10_000)) >= NEARLY_SPENT:
            found.append(SpentBudget(one.scope, one.name, min(share, 1.0)))
    return tuple(found)


async def failing_shadows(connection: AsyncConnection) -> tuple[str, ...]:
    """Names of the candidates of which staff had to hear within a day."""
    lately = Notification.created_at > func.now() - timedelta(days=1)
    keys = await connection.scalars(select(Notification.key).where(Notification.kind == ShadowFails.kind, lately))
    return tuple(sorted({ShadowFails.named_in(key) for key in keys}))
