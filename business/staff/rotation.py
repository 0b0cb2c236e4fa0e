"""Taking turns: who of those who are here gets the next customer that asks for a person.

A console that is open says every few seconds that its person is here. Whoever had a turn the longest ago is next; who is away, or
has as many customers as one may have, is passed over. One lock makes the turns one after the other, however many ask at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit
from kernel import locks
from kernel.ids import StaffId
from kernel.tables.ai import ChatSession
from kernel.tables.core import Install, Staff, StaffPresence

HERE = timedelta(seconds=45)  # since a console last said so
LOCK = "taking turns"


@dataclass(frozen=True, slots=True)
class Rotation:
    """The install's rule: whether turns are taken, and how many customers one person may have at once."""

    on: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is."""

    staff: StaffId
    name: str


async def rule(connection: AsyncConnection) -> Rotation:
    """As it is set; off where nothing was."""
    row = (await connection.execute(select(Install.rotation, Install.rotation_limit))).one_or_none()
    return Rotation(row.rotation, row.rotation_limit) if row is not None else Rotation(False, 1)


async def change(connection: AsyncConnection, by: UUID, on: bool | None, limit: int | None) -> None:
    """Set what is given."""
    values = {name: value for name, value in (("rotation", on), ("rotation_limit", limit)) if value is not None}
    if values:
        await connection.execute(update(Install).values(values))
        await audit.record(connection, "staff", by, "rotation.changed", None, values)


async def here(connection: AsyncConnection, staff: Collection[UUID]) -> None:
    """Their consoles are open. In one order everywhere, so that two gateways never wait for each other."""
    if staff:
        values = [{"staff_id": one, "seen_at": func.clock_timestamp()} for one in sorted(staff)]
        await connection.execute(
            insert(StaffPresence)
            .values(values)
            .on_conflict_do_update(index_elements=["staff_id"], set_={"seen_at": func.clock_timestamp()})
        )


async def set_away(connection: AsyncConnection, staff: UUID, away: bool) -> None:
    """No new customers for this person, or again."""
    await connection.execute(
        insert(StaffPresence).values(staff_id=staff, away=away).on_conflict_do_update(index_elements=["staff_id"], set_={"away": away})
    )


async def is_away(connection: AsyncConnection, staff: UUID) -> bool:
    """Whether they said so."""
    return bool(await connection.scalar(select(StaffPresence.away).where(StaffPresence.staff_id == staff)))


async def take_turn(connection: AsyncConnection) -> Turn | None:
    """Whose turn it is, which is then theirs; None where turns are not taken, or nobody is here who may have one more."""
    set_to = await rule(connection)
    if not set_to.on:
        return None
    await locks.hold(connection, LOCK)
    held = (
        select(func.count())
        .where(ChatSession.assignee_id == Staff.id, ChatSession.state == "open", ChatSession.owner.in_(("queue", "human")))
        .correlate(Staff)
        .scalar_subquery()
    )
    row = (
        await connection.execute(
            select(Staff.id, Staff.name)
            .join(StaffPresence, StaffPresence.staff_id == Staff.id)
            .where(
                Staff.disabled_at.is_(None),
                StaffPresence.away.is_(False),
                StaffPresence.seen_at > func.clock_timestamp() - HERE,
                held < set_to.limit,
            )
            .order_by(StaffPresence.turn_at.nulls_first(), Staff.created_at, Staff.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    await connection.execute(update(StaffPresence).where(StaffPresence.staff_id == row.id).values(turn_at=func.clock_timestamp()))
    return Turn(StaffId(row.id), row.name)
