"""What a colleague was told of and has heard enough of. Theirs alone: the others are told of it still."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ops import AlertDismissal

KEPT_FOR = timedelta(days=90)


async def dismiss(connection: AsyncConnection, staff: UUID, key: str) -> None:
    """They are told of this thing no more; again is the same. What they said months ago goes: the things are long over."""
    values = {"staff_id": staff, "key": key}
    await connection.execute(insert(AlertDismissal).values(values).on_conflict_do_nothing())
    old = (AlertDismissal.staff_id == staff, AlertDismissal.at < func.clock_timestamp() - KEPT_FOR)
    await connection.execute(delete(AlertDismissal).where(*old))


async def dismissed(connection: AsyncConnection, staff: UUID) -> frozenset[str]:
    """The keys of everything that they dismissed."""
    return frozenset(await connection.scalars(select(AlertDismissal.key).where(AlertDismissal.staff_id == staff)))


def ids(keys: frozenset[str], kind: str) -> list[UUID]:
    """Of one kind, whose things have ids."""
    found = (key.removeprefix(f"{kind}:") for key in keys if key.startswith(f"{kind}:"))
    return [UUID(one) for one in found if len(one) == 36]
