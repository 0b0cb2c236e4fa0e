"""Campaigns and segments as rows: read, and written once each. Who may do what to them when stands in `life.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns.checks import Content
from business.campaigns.filters import Filter, parsed, stored
from business.staff import audit
from kernel import locks
from kernel.errors import Conflict, NotFound
from kernel.tables.core import Staff
from kernel.tables.marketing import Campaign, Segment

EDITED = ("season", "variant", "segment_id", "filter", "texts", "reminder", "reminder_after_hours", "offer_percent")
PLANNED = ("send_on", "send_from", "per_minute")
CONTENT = (*EDITED, *PLANNED)
"""Whatever of a campaign a person approves: a change of any makes it a draft again."""

_DRAFTER, _APPROVER = Staff.__table__.alias("drafter"), Staff.__table__.alias("approver")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the newest first; `before`: where the next page begins."""

    rows: tuple[Any, ...]
    before: UUID | None


@dataclass(frozen=True, slots=True)
class PausedCampaign:
    """One that paused by itself, and waits for a person. `rev`: another pause is another thing."""

    id: UUID
    rev: int
    name: str
    why: str


async def paused_by_themselves(connection: AsyncConnection) -> tuple[PausedCampaign, ...]:
    """The newest first."""
    query = select(Campaign.id, Campaign.rev, Campaign.name, Campaign.pause_reason)
    paused = query.where(Campaign.state == "paused", Campaign.pause_reason != "staff").order_by(Campaign.changed_at.desc()).limit(20)
    return tuple(PausedCampaign(row.id, row.rev, row.name, row.pause_reason) for row in await connection.execute(paused))


def _rows() -> Any:
    """Campaigns with the names of whoever drafted and approved them, and of their segment."""
    return (
        select(
            Campaign,
            _DRAFTER.c.name.label("drafter"),
            _APPROVER.c.name.label("approver"),
            Segment.name.label("segment_name"),
            Segment.filter.label("segment_filter"),
        )
        .outerjoin(_DRAFTER, _DRAFTER.c.id == Campaign.staff_id)
        .outerjoin(_APPROVER, _APPROVER.c.id == Campaign.approved_by)
        .outerjoin(Segment, Segment.id == Campaign.segment_id)
    )


async def page(connection: AsyncConnection, state: str | None, before: UUID | None, limit: int) -> Page:
    """Of a state, or of all; ids do not carry the time where a client made them, so that the row's own counts."""
    query = _rows().order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(Campaign.state == state)
    if before is not None:
        place = select(Campaign.created_at).where(Campaign.id == before).scalar_subquery()
        query = query.where((Campaign.created_at < place) | ((Campaign.created_at == place) & (Campaign.id < before)))
    rows = (await connection.execute(query)).all()
    return Page(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


async def one(connection: AsyncConnection, campaign: UUID) -> Any:
    """Raises NotFound."""
    row = (await connection.execute(_rows().where(Campaign.id == campaign))).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign.")
    return row


def filter_of(row: Any) -> Filter:
    """Whom it is for: the saved segment's as it is now while it is a draft, the approved one after that."""
    if row.segment_id is not None and row.state == "draft":
        return parsed(row.segment_filter)
    return parsed(row.filter)


def content_of(row: Any) -> Content:
    return Content(row.season, row.variant, row.texts, row.reminder, row.reminder_after_hours, row.offer_percent, row.send_on)


async def of_seasons(connection: AsyncConnection, since: date) -> list[Any]:
    """Campaigns that were made since, with their season, so that the calendar shows them."""
    query = select(Campaign.id, Campaign.season, Campaign.state, Campaign.send_on, Campaign.started_at, Campaign.created_at)
    return list(await connection.execute(query.where(Campaign.season.is_not(None), Campaign.created_at >= since)))


async def segments(connection: AsyncConnection) -> list[Any]:
    """By name, with how many campaigns name each."""
    used = select(func.count()).select_from(Campaign).where(Campaign.segment_id == Segment.id).scalar_subquery()
    return list(await connection.execute(select(Segment, used.label("campaigns")).order_by(func.lower(Segment.name), Segment.id)))


async def segment(connection: AsyncConnection, id: UUID) -> Any:
    """Raises NotFound."""
    found = next((row for row in await segments(connection) if row.id == id), None)
    if found is None:
        raise NotFound("There is no such segment.")
    return found


async def save_segment(connection: AsyncConnection, id: UUID, name: str, filter: Filter, staff: UUID) -> None:
    """A new one; the same id again is the same. Raises Conflict where the name is taken."""
    await _name_free(connection, id, name)
    values = {"id": id, "name": name, "filter": stored(filter), "staff_id": staff}
    made = await connection.execute(insert_once(Segment).values(values).on_conflict_do_nothing(index_elements=["id"]))
    if made.rowcount:
        await audit.record(connection, "staff", staff, "segment.created", id)


async def change_segment(connection: AsyncConnection, id: UUID, values: Mapping[str, Any], staff: UUID) -> None:
    """`name`, `filter`, or both. Raises NotFound, Conflict."""
    row = await segment(connection, id)
    if "name" in values:
        await _name_free(connection, id, values["name"])
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    await connection.execute(update(Segment).where(Segment.id == id).values(**changed, changed_at=func.clock_timestamp()))
    if "filter" in changed:
        await _seen_anew(connection, id)
    await audit.record(connection, "staff", staff, "segment.changed", id, {"what": sorted(changed)})


async def _seen_anew(connection: AsyncConnection, segment: UUID) -> None:
    """Drafts for this segment go to others now: whoever approves one has to have seen that."""
    drafts = update(Campaign).where(Campaign.segment_id == segment, Campaign.state == "draft")
    await connection.execute(drafts.values(rev=Campaign.rev + 1, changed_at=func.clock_timestamp()))


async def forget_segment(connection: AsyncConnection, id: UUID, staff: UUID) -> None:
    """Gone already is as good. Raises Conflict where a campaign names it."""
    if await connection.scalar(select(Segment.id).where(Segment.id == id).with_for_update()) is None:
        return
    used = await connection.scalar(select(Campaign.name).where(Campaign.segment_id == id).limit(1))
    if used is not None:
        raise Conflict(f"The campaign {used} is for this segment: it is part of what was sent, or is to be.")
    await connection.execute(delete(Segment).where(Segment.id == id))
    await audit.record(connection, "staff", staff, "segment.deleted", id)


async def _name_free(connection: AsyncConnection, id: UUID, name: str) -> None:
    await locks.hold(connection, "segment names")
    other = select(Segment.id).where(func.lower(Segment.name) == name.lower(), Segment.id != id)
    if await connection.scalar(other.limit(1)) is not None:
        raise Conflict("There is a segment of this name. Choose another name.")


async def insert_campaign(connection: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """False: there is one of this id."""
    made = await connection.execute(insert_once(Campaign).values(**values).on_conflict_do_nothing(index_elements=["id"]))
    return made.rowcount == 1
