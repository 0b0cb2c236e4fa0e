"""What pairs come to: how near candidates are to what customers got, how fast, and for how much. Counted by PostgreSQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Date, Float, Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import ShadowPair

KINDS = ("amounts", "dates", "tools", "handoff")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares from 0 to 1 of the pairs that agree in it; None where nothing was compared."""

    amounts: float | None
    dates: float | None
    tools: float | None
    handoff: float | None
    all: float | None


@dataclass(frozen=True, slots=True)
class SideFigures:
    """How fast one side answered, in ms, and what an answer cost on average, in micro-dollars; None where nothing is known of it."""

    first_token_p50_ms: int | None
    first_token_p95_ms: int | None
    duration_p50_ms: int | None
    duration_p95_ms: int | None
    cost_each_microdollars: int | None


@dataclass(frozen=True, slots=True)
class Votes:
    """Which answers were found better, and how often neither."""

    primary: int
    candidate: int
    tie: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one candidate, of one intent of it, or of one day: `intent` and `day` are None where it is of all. `pairs` have both answers;
    `cost_microdollars` is what all of the candidate's answers came to."""

    candidate: str
    intent: str | None
    day: date | None
    pairs: int
    waiting: int
    failed: int
    skipped: int
    similarity_mean: float | None
    similarity_p10: float | None
    agreement: Agreement
    shadow: SideFigures
    primary: SideFigures
    cost_microdollars: int
    critic: Votes
    staff: Votes


@dataclass(frozen=True, slots=True)
class Span:
    """Which pairs are counted: those of this run since then, of a candidate and an intent where these are said."""

    run: str
    since: datetime
    candidate: str | None = None
    intent: str | None = None

    def where(self) -> list[ColumnElement[bool]]:
        found = [ShadowPair.run == self.run, ShadowPair.created_at >= self.since]
        if self.candidate is not None:
            found.append(ShadowPair.candidate == self.candidate)
        if self.intent is not None:
            found.append(ShadowPair.intent == self.intent)
        return found


async def by_candidate(connection: AsyncConnection, span: Span) -> tuple[Figures, ...]:
    """One for each candidate, by name."""
    return await _figures(connection, span, {})


async def by_intent(connection: AsyncConnection, span: Span) -> tuple[Figures, ...]:
    """One for each intent of each candidate, by name."""
    return await _figures(connection, span, {"intent": ShadowPair.intent})


async def by_day(connection: AsyncConnection, span: Span, zone: ZoneInfo) -> tuple[Figures, ...]:
    """One for each day of each candidate on which there was any pair, the oldest first; days are the zone's."""
    return await _figures(connection, span, {"day": cast(func.timezone(zone.key, ShadowPair.created_at), Date)})


async def _figures(connection: AsyncConnection, span: Span, within: Mapping[str, Any]) -> tuple[Figures, ...]:
    names = ["candidate", *within]
    keys = [ShadowPair.candidate, *(column.label(name) for name, column in within.items())]
    query = select(*keys, *_counted()).where(*span.where()).group_by(*names).order_by(*names)
    return tuple(_of(row) for row in await connection.execute(query))


def _counted() -> list[Any]:
    done = ShadowPair.state == "done"
    counted = [func.count().filter(ShadowPair.state == state).label(state) for state in ("done", "waiting", "failed", "skipped")]
    counted += [
        func.avg(ShadowPair.similarity).filter(done).label("similarity_mean"),
        _quantile(0.1, ShadowPair.similarity, done).label("similarity_p10"),
        func.coalesce(cast(func.sum(ShadowPair.cost_microdollars), BigInteger), 0).label("cost"),
        _share(ShadowPair.agrees, done).label("agree_all"),
    ]
    for kind in KINDS:
        counted.append(_share(ShadowPair.agreement[kind]["agrees"].as_boolean(), done).label(f"agree_{kind}"))
    for side in ("", "primary_"):
        counted += _side(side, done)
    for judge, column in (("critic", ShadowPair.critic), ("staff", ShadowPair.preference)):
        counted += [func.count().filter(column == found).label(f"{judge}_{found}") for found in ("primary", "candidate", "tie")]
    return counted


def _side(side: str, done: ColumnElement[bool]) -> list[Any]:
    """Latencies and cost of the columns that begin so."""
    columns = {name: getattr(ShadowPair, f"{side}{name}") for name in ("first_token_ms", "duration_ms", "cost_microdollars")}
    cost = columns.pop("cost_microdollars")
    quantiles = [
        func.round(_quantile(part / 100, column, done)).label(f"{side}{name}_p{part}")
        for name, column in columns.items()
        for part in (50, 95)
    ]
    return [*quantiles, func.round(func.avg(cost).filter(done)).label(f"{side}cost_each")]


def _quantile(part: float, column: Any, done: ColumnElement[bool]) -> Any:
    return func.percentile_cont(part).within_group(column).filter(done)


def _share(column: Any, done: ColumnElement[bool]) -> Any:
    return func.avg(cast(cast(column, Integer), Float)).filter(done)


def _of(row: Any) -> Figures:
    found = row._mapping
    return Figures(
        candidate=row.candidate,
        intent=found.get("intent"),
        day=found.get("day"),
        pairs=row.done,
        waiting=row.waiting,
        failed=row.failed,
        skipped=row.skipped,
        similarity_mean=row.similarity_mean,
        similarity_p10=row.similarity_p10,
        agreement=Agreement(**{kind: found[f"agree_{kind}"] for kind in (*KINDS, "all")}),
        shadow=_side_of(found, ""),
        primary=_side_of(found, "primary_"),
        cost_microdollars=row.cost,
        critic=_votes(found, "critic"),
        staff=_votes(found, "staff"),
    )


def _side_of(found: Any, side: str) -> SideFigures:
    timed = {
        f"{name}_{part}_ms": _whole(found[f"{side}{name}_ms_{part}"]) for name in ("first_token", "duration") for part in ("p50", "p95")
    }
    return SideFigures(**timed, cost_each_microdollars=_whole(found[f"{side}cost_each"]))


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _votes(found: Any, judge: str) -> Votes:
    return Votes(**{of: found[f"{judge}_{of}"] for of in ("primary", "candidate", "tie")})
