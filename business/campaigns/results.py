"""What came of a campaign, in figures: nothing is counted anywhere but where it happened."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer
from kernel.tables.marketing import CampaignRecipient
from kernel.tables.ops import Booking, TextMessage

WENT = ("sent", "delivered")
FAILED = ("failed", "unknown", "refused", "cancelled")
EARNED = ("confirmed", "in_progress", "completed")
"""Bookings whose amount counts as revenue; one that is cancelled counts no more."""
HOURS = timedelta(days=2)
PAGE = 1000  # rows of a file that are read at once
R, T = CampaignRecipient, TextMessage


@dataclass(frozen=True, slots=True)
class Tally:
    """Recipients by what became of them, see `CampaignTally` of the wire."""

    recipients: int = 0
    planned: int = 0
    skipped: int = 0
    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    replied: int = 0
    booked: int = 0
    opted_out: int = 0
    reminded: int = 0
    segments: int = 0
    cost_microdollars: int = 0
    revenue_cents: int = 0

    @property
    def opt_out_share(self) -> float:
        """Of those whom it reached."""
        return self.opted_out / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """What happened from `at` on, for an hour or a day."""

    at: datetime
    counts: dict[str, int]


async def tallies(connection: AsyncConnection, campaigns: Sequence[UUID]) -> dict[UUID, Tally]:
    """Of those that were started."""
    rows = await connection.execute(_people(campaigns))
    found = {row.campaign_id: row._mapping for row in rows}
    texts = {row.campaign_id: row._mapping for row in await connection.execute(_texts(campaigns))}
    names = [one.name for one in fields(Tally)]
    whole = {id: {**texts.get(id, {}), **found[id]} for id in found}
    return {id: Tally(**{name: int(values.get(name) or 0) for name in names}) for id, values in whole.items()}


def _people(campaigns: Sequence[UUID]) -> Any:
    def tally(name: str, where: ColumnElement[bool]) -> Any:
        return func.count().filter(where).label(name)

    earned = func.sum(Booking.total_cents).filter(Booking.status.in_(EARNED)).label("revenue_cents")
    return (
        select(
            R.campaign_id,
            func.count().label("recipients"),
            tally("planned", R.state == "planned"),
            tally("skipped", R.state == "skipped"),
            tally("waiting", T.state.in_(("waiting", "sending", "held"))),
            tally("sent", T.state.in_(WENT)),
            tally("delivered", T.state == "delivered"),
            tally("failed", T.state.in_(FAILED)),
            tally("replied", R.replied_at.is_not(None)),
            tally("booked", R.booked_at.is_not(None)),
            tally("opted_out", R.opted_out_at.is_not(None)),
            tally("reminded", R.reminder_id.is_not(None)),
            earned,
        )
        .outerjoin(T, T.id == R.text_id)
        .outerjoin(Booking, Booking.id == R.booking_id)
        .where(R.campaign_id.in_(campaigns))
        .group_by(R.campaign_id)
    )


def _texts(campaigns: Sequence[UUID]) -> Any:
    """Segments and what they cost, of texts that the provider took, reminders among them."""
    went = T.sent_at.is_not(None)
    counted = (func.sum(T.segments).filter(went).label("segments"), func.sum(T.cost_microdollars).label("cost_microdollars"))
    return select(T.campaign_id, *counted).where(T.campaign_id.in_(campaigns)).group_by(T.campaign_id)


async def skipped(connection: AsyncConnection, campaign: UUID) -> dict[str, int]:
    """By why, the most first."""
    query = select(R.why, func.count()).where(R.campaign_id == campaign, R.state == "skipped").group_by(R.why)
    return {str(why): count for why, count in await connection.execute(query.order_by(func.count().desc(), R.why))}


async def zones(connection: AsyncConnection, campaign: UUID) -> Sequence[Any]:
    """`zone`, `planned`, `written`, `skipped`, `next_at`: by the clock of which zone."""
    counts = [func.count().filter(R.state == state).label(state) for state in ("planned", "written", "skipped")]
    next_at = func.min(R.due_at).filter(R.state == "planned").label("next_at")
    query = select(R.zone, *counts, next_at).where(R.campaign_id == campaign).group_by(R.zone).order_by(R.zone)
    return (await connection.execute(query)).all()


async def series(
    connection: AsyncConnection, campaign: UUID, started_at: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[Literal["hour", "day"], list[Point]]:
    """What happened when; hours of the business's clock where it began less than two days ago, else days. Of first texts, as the tally
    counts them: its points add up to it."""
    unit: Literal["hour", "day"] = "hour" if started_at is not None and now - started_at < HOURS else "day"
    mine = R.campaign_id == campaign
    texts = T.id.in_(select(R.text_id).where(mine))
    moments = union_all(
        *(select(getattr(R, f"{name}_at").label("at"), _named(name)).where(mine) for name in ("replied", "booked", "opted_out")),
        select(T.sent_at.label("at"), _named("sent")).where(texts, T.state.in_(WENT)),
        select(T.delivered_at.label("at"), _named("delivered")).where(texts, T.state == "delivered"),
        select(T.changed_at.label("at"), _named("failed")).where(texts, T.state.in_(FAILED)),
    ).subquery()
    begin = func.timezone(zone.key, func.date_trunc(unit, func.timezone(zone.key, moments.c.at)))
    query = select(begin.label("begin"), moments.c.what, func.count()).where(moments.c.at.is_not(None)).group_by("begin", moments.c.what)
    points: dict[datetime, dict[str, int]] = {}
    for at, what, count in (await connection.execute(query.order_by("begin"))).all():
        points.setdefault(at, {})[what] = count
    return unit, [Point(at, counts) for at, counts in points.items()]


def _named(what: str) -> Any:
    return literal(what, Text).label("what")


_OUTCOMES: dict[str, ColumnElement[bool]] = {
    "planned": R.state == "planned",
    "skipped": R.state == "skipped",
    "waiting": T.state.in_(("waiting", "sending", "held")),
    "sent": T.state.in_(WENT),
    "delivered": T.state == "delivered",
    "failed": T.state.in_(FAILED),
    "replied": R.replied_at.is_not(None),
    "booked": R.booked_at.is_not(None),
    "opted_out": R.opted_out_at.is_not(None),
}


async def recipients(connection: AsyncConnection, campaign: UUID, outcome: str | None, after: str | None, limit: int) -> Sequence[Any]:
    """Rows by number, one more than `limit` where there are more: the recipient, `name`, `text_state`, `error`, `conversation`."""
    query = (
        select(R, Customer.name, T.state.label("text_state"), T.error, ChatSession.id.label("conversation"))
        .outerjoin(Customer, Customer.id == R.customer_id)
        .outerjoin(T, T.id == R.text_id)
        .outerjoin(ChatSession, ChatSession.phone == R.number)
        .where(R.campaign_id == campaign)
        .order_by(R.number)
        .limit(limit + 1)
    )
    if outcome is not None:
        query = query.where(_OUTCOMES[outcome])
    if after is not None:
        query = query.where(R.number > after)
    return (await connection.execute(query)).all()
