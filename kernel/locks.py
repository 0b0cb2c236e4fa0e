"""Locks by name, held until the end of a transaction: for what no row stands for yet, or several rows together."""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
_SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")


async def hold(connection: AsyncConnection, *names: str) -> None:
    """Nobody else holds, or shares, one of these names until the transaction ends. They are taken in alphabetical order, so that two who
    want the same ones never wait for each other. Raises what the database raises where it waited for longer than `lock_timeout`."""
    await _take(_HOLD, connection, names)


async def share(connection: AsyncConnection, *names: str) -> None:
    """Nobody holds one of these names until the transaction ends; others may share them."""
    await _take(_SHARE, connection, names)


async def _take(query: TextClause, connection: AsyncConnection, names: tuple[str, ...]) -> None:
    await connection.execute(query, {"names": sorted(names)})
