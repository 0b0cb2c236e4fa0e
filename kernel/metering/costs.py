"""What models cost: by day, model, agent, role and conversation, from the usage rows; and how today's budgets stand."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.metering.spending import SHADOW_PURPOSES, WHOLE_LIFE, Scope
from kernel.tables.ai import ChatSession, Spend, Usage
from kernel.tables.core import Customer, Site

COSTLIEST = 20
# A refused call leaves a row, but nobody was asked.
REFUSED = Usage.error == "over_budget"
ASKED = Usage.error.is_distinct_from("over_budget")


@dataclass(frozen=True, slots=True)
class Cost:
    """What some calls cost together, in micro-dollars. `unpriced`: calls among them of which no price is known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    microdollars: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class DayCost:
    """What one model cost in one day."""

    day: date
    model: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class TalkCost:
    """A conversation with what its replies and drafts cost within the time that was asked for; shadows cost it nothing."""

    conversation: UUID
    customer: str | None
    last_at: datetime
    cost: Cost


@dataclass(slots=True)
class Costs:
    """All of a time. `refused`: turns in which a model was not asked because a budget had too little left."""

    total: Cost = field(default_factory=Cost)
    days: list[DayCost] = field(default_factory=list)
    models: dict[str, Cost] = field(default_factory=dict)
    agents: dict[str, Cost] = field(default_factory=dict)
    roles: dict[str, Cost] = field(default_factory=dict)
    talks: list[TalkCost] = field(default_factory=list)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a budget has spent and holds, in micro-dollars. `name`: a site's or a candidate's."""

    scope: Scope
    name: str
    spent: int
    held: int


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of the business."""
    return moment.astimezone(zone).date()


def begin_of(day: date, zone: tzinfo) -> datetime:
    """Midnight there, aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


async def costs(connection: AsyncConnection, first: date, last: date, zone: ZoneInfo) -> Costs:
    """Of these days, both included."""
    when = and_(Usage.started_at >= begin_of(first, zone), Usage.started_at < begin_of(last + timedelta(days=1), zone))
    found = Costs()
    for row in await connection.execute(_grouped(when, zone)):
        _put(found, row)
    found.days.sort(key=lambda one: (one.day, one.model))
    found.talks = [TalkCost(row.conversation_id, row.name, row.last_at, _cost(row)) for row in await connection.execute(_costliest(when))]
    found.refused = await connection.scalar(select(func.count(Usage.turn_id.distinct())).where(when, REFUSED)) or 0
    return found


async def spent_by_model(connection: AsyncConnection, day: date, zone: tzinfo) -> dict[str, int]:
    """Micro-dollars since this day began."""
    query = select(Usage.model, func.sum(Usage.cost_microdollars)).where(Usage.started_at >= begin_of(day, zone)).group_by(Usage.model)
    return {model: int(spent or 0) for model, spent in await connection.execute(query)}


async def standings(connection: AsyncConnection, day: date) -> list[Standing]:
    """Everybody's budget of this day, each site's and candidate's, and that of the visitor who cost most."""
    spends = select(Spend.scope, Spend.key, Spend.spent_microdollars, Spend.held_microdollars).where(Spend.day == day)
    visitor = spends.where(Spend.scope == "visitor").order_by(Spend.spent_microdollars.desc()).limit(1)
    rows = [*await connection.execute(spends.where(Spend.scope.in_(("all", "site", "shadow")))), *await connection.execute(visitor)]
    sites = {str(site): name for site, name in await connection.execute(select(Site.id, Site.name))}
    named = [(scope, sites.get(key, "") if scope == "site" else key if scope == "shadow" else "", *rest) for scope, key, *rest in rows]
    return [Standing(*one) for one in sorted(named, key=lambda one: (("all", "site", "visitor", "shadow").index(one[0]), one[1]))]


async def conversation_spent(connection: AsyncConnection, conversation: UUID) -> int:
    """Micro-dollars in all its life; what is held for calls that run is not in it."""
    query = select(Spend.spent_microdollars).where(Spend.scope == "conversation", Spend.key == str(conversation), Spend.day == WHOLE_LIFE)
    return await connection.scalar(query) or 0


def _sums() -> tuple[ColumnElement[Any], ...]:
    return (
        func.count().label("calls"),
        func.sum(Usage.tokens_in).label("tokens_in"),
        func.sum(Usage.tokens_out).label("tokens_out"),
        func.coalesce(func.sum(Usage.cost_microdollars), 0).label("microdollars"),
        func.count().filter(Usage.cost_microdollars.is_(None)).label("unpriced"),
    )


def _grouped(when: ColumnElement[bool], zone: ZoneInfo) -> Select[Any]:
    """One pass: a row for each day and model, each model, each agent, each role, and one for all; `level` tells them apart."""
    calls = select(Usage, func.date(func.timezone(zone.key, Usage.started_at)).label("day")).where(when, ASKED).cte("calls")
    c = calls.c
    sets = func.grouping_sets(tuple_(c.day, c.model), tuple_(c.model), tuple_(c.agent), tuple_(c.role), tuple_())
    return select(
        func.grouping(c.day, c.model, c.agent, c.role).label("level"),
        c.day,
        c.model,
        c.agent,
        c.role,
        func.count().label("calls"),
        func.sum(c.tokens_in).label("tokens_in"),
        func.sum(c.tokens_out).label("tokens_out"),
        func.sum(c.cost_microdollars).label("microdollars"),
        func.count().filter(c.cost_microdollars.is_(None)).label("unpriced"),
    ).group_by(sets)


def _put(found: Costs, row: Any) -> None:
    """`level` has a bit for each column that the row is not grouped by: day 8, model 4, agent 2, role 1."""
    match row.level:
        case 0b0011:
            found.days.append(DayCost(row.day, row.model, _cost(row)))
        case 0b1011:
            found.models[row.model] = _cost(row)
        case 0b1101:
            found.agents[row.agent] = _cost(row)
        case 0b1110:
            found.roles[row.role] = _cost(row)
        case _:
            found.total = _cost(row)


def _costliest(when: ColumnElement[bool]) -> Select[Any]:
    mine = Usage.role.not_in(sorted(SHADOW_PURPOSES))
    return (
        select(Usage.conversation_id, Customer.name, func.max(Usage.started_at).label("last_at"), *_sums())
        .join(ChatSession, ChatSession.id == Usage.conversation_id)
        .outerjoin(Customer, Customer.id == ChatSession.customer_id)
        .where(when, mine, ASKED)
        .group_by(Usage.conversation_id, Customer.name)
        .having(func.sum(Usage.cost_microdollars) > 0)
        .order_by(func.sum(Usage.cost_microdollars).desc(), Usage.conversation_id)
        .limit(COSTLIEST)
    )


def _cost(row: Any) -> Cost:
    return Cost(row.calls, int(row.tokens_in or 0), int(row.tokens_out or 0), int(row.microdollars or 0), row.unpriced)
