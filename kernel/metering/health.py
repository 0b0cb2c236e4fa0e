"""Whether models answer, read from their usage rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import Usage


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """Whether a model answers. `why` is the `ErrorKind` of its newest failure, `since` when that row of failures began."""

    model: str
    ok: bool
    why: str | None
    since: datetime | None


# A model that nobody asked for so long is not reported at all.
HEALTH_WINDOW = timedelta(days=1)


async def model_health(connection: AsyncConnection) -> list[ModelHealth]:
    """One entry per model called within a day, by name. Calls that we closed, or did not make for want of a
    budget, say nothing of a model and are passed over."""
    judged = (
        select(Usage.model, Usage.error, Usage.started_at, (Usage.outcome == "complete").label("ok"))
        .where(Usage.outcome != "cancelled", Usage.error.is_distinct_from("over_budget"), Usage.started_at > func.now() - HEALTH_WINDOW)
        .cte("judged")
    )
    last_ok = (select(judged.c.model, func.max(judged.c.started_at).filter(judged.c.ok).label("at")).group_by(judged.c.model)).cte(
        "last_ok"
    )
    failing = (
        select(judged.c.model, func.min(judged.c.started_at).label("since"))
        .join(last_ok, last_ok.c.model == judged.c.model)
        .where(judged.c.ok.is_(False), or_(last_ok.c.at.is_(None), judged.c.started_at > last_ok.c.at))
        .group_by(judged.c.model)
    ).cte("failing")
    newest = select(judged).ext(distinct_on(judged.c.model)).order_by(judged.c.model, judged.c.started_at.desc()).cte("newest")
    rows = await connection.execute(
        select(newest.c.model, newest.c.ok, newest.c.error, failing.c.since)
        .outerjoin(failing, failing.c.model == newest.c.model)
        .order_by(newest.c.model)
    )
    return [ModelHealth(row.model, row.ok, None if row.ok else row.error, None if row.ok else row.since) for row in rows]
