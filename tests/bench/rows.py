"""What PostgreSQL holds of a scenario."""

from typing import Any

import asyncpg


async def rows(url: str, query: str, *arguments: Any) -> list[Any]:
    """Ask once."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()
