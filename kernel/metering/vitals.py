"""How models fare by the calls of a day: how soon they begin, what fails, what they cost, which hedges they win; in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, and_, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import Usage

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
QUANTILES = (0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Begins:
    """Milliseconds to the first token: the middle call's, and that of the one in twenty that waits longest. None without any call."""

    p50: int | None = None
    p95: int | None = None


@dataclass(frozen=True, slots=True)
class VitalHour:
    """The calls of the hour that begins `at`."""

    at: datetime
    calls: int
    begins: Begins


@dataclass(slots=True)
class Vitals:
    """A model's calls within a day, whatever their role. `failed` counts those that ended by an error of the model, `errors` all by
    their kind; `first` and `second` are hedges in which two were asked and it was this one of them, with how many of those it won."""

    model: str
    calls: int = 0
    failed: int = 0
    last_hour: Begins = Begins()
    last_day: Begins = Begins()
    tokens_per_second: float | None = None
    spent_microdollars: int = 0
    first: tuple[int, int] = (0, 0)
    second: tuple[int, int] = (0, 0)
    errors: dict[str, int] = field(default_factory=dict)
    hours: list[VitalHour] = field(default_factory=list)


async def vitals(connection: AsyncConnection, now: datetime, day_began: datetime) -> dict[str, Vitals]:
    """By model, of those that were called in the 24 hours before `now`. Money is counted from `day_began`, not more than 25 hours ago."""
    found: dict[str, Vitals] = {}
    for row in await connection.execute(_query(now, day_began)):
        one = found.setdefault(row.model, Vitals(row.model))
        if not row.all_errors:
            if row.error is not None:
                one.errors[row.error] = row.calls
        elif not row.all_hours:
            # On a day of 25 hours there is one more, which no plot of 24 has room for.
            if row.hour >= now - DAY:
                one.hours.append(VitalHour(row.hour, row.calls, _begins(row.begins)))
        else:
            _whole(one, row)
    for one in found.values():
        one.hours.sort(key=lambda hour: hour.at)
    return found


def _query(now: datetime, day_began: datetime) -> Select[Any]:
    """Rows of three kinds: a model's, those of its kinds of errors, those of its hours."""
    hour = func.date_bin(cast(literal(HOUR), Interval), Usage.started_at, now - DAY).label("hour")
    calls = select(Usage, hour).where(Usage.started_at >= min(now - DAY, day_began)).cte("calls")
    c = calls.c
    writing = and_(c.outcome == "complete", c.duration_ms > c.first_token_ms)
    return select(
        c.model,
        c.error,
        c.hour,
        func.grouping(c.error).label("all_errors"),
        func.grouping(c.hour).label("all_hours"),
        func.count().label("calls"),
        func.count(c.error).filter(c.error != "over_budget").label("failed"),
        _quantiles(c.first_token_ms).label("begins"),
        _quantiles(c.first_token_ms).filter(c.started_at >= now - HOUR).label("begins_now"),
        func.sum(c.cost_microdollars).filter(c.started_at >= day_began).label("spent"),
        func.sum(c.tokens_out).filter(writing).label("tokens"),
        func.sum(c.duration_ms - c.first_token_ms).filter(writing).label("writing_ms"),
        *(func.count().filter(c.race == race).label(race) for race in ("first_won", "first_lost", "second_won", "second_lost")),
    ).group_by(func.grouping_sets(tuple_(c.model), tuple_(c.model, c.error), tuple_(c.model, c.hour)))


def _quantiles(of: ColumnElement[int]) -> Any:
    return func.percentile_cont(array(QUANTILES)).within_group(of)


def _begins(quantiles: Sequence[float] | None) -> Begins:
    if quantiles is None or quantiles[0] is None:
        return Begins()
    return Begins(*(round(value) for value in quantiles))


def _whole(one: Vitals, row: Any) -> None:
    one.calls, one.failed = row.calls, row.failed
    one.last_day, one.last_hour = _begins(row.begins), _begins(row.begins_now)
    one.spent_microdollars = int(row.spent or 0)
    one.tokens_per_second = round(float(row.tokens) * 1000 / float(row.writing_ms), 1) if row.writing_ms else None
    one.first = (row.first_won + row.first_lost, row.first_won)
    one.second = (row.second_won + row.second_lost, row.second_won)
