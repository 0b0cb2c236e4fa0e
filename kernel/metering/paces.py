"""How soon models gave their first sign in their newest calls: what a process that starts knows of their pace."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import Usage

# What is older says little of how a provider does today.
RECENT = timedelta(days=1)


async def first_signs(connection: AsyncConnection, models: Sequence[str], role: str, at_most: int) -> dict[str, list[float]]:
    """Seconds to the first token or tool call of each model's newest calls of this role, oldest first; `at_most` of each."""
    if not models:
        return {}
    asked = func.unnest(array(models)).table_valued("name").render_derived("asked")
    newest = (
        select(Usage.first_token_ms, Usage.started_at)
        .where(Usage.model == asked.c.name, Usage.role == role, Usage.first_token_ms.is_not(None), Usage.started_at > func.now() - RECENT)
        .order_by(Usage.started_at.desc())
        .limit(at_most)
        .lateral()
    )
    query = select(asked.c.name, newest.c.first_token_ms).select_from(asked).join(newest, true()).order_by(newest.c.started_at)
    found: dict[str, list[float]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.name, []).append(row.first_token_ms / 1000)
    return found
