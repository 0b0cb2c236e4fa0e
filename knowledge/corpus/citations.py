"""Which pieces a conversation cites."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def cited(connection: AsyncConnection, conversation: UUID, chunk: UUID) -> bool:
    """Whether something that was said in the conversation names the piece as its source."""
    return bool(await connection.scalar(CITED, {"conversation": conversation, "source": f'[{{"id": "{chunk}"}}]'}))


CITED = text("""
    SELECT EXISTS (
        SELECT 1 FROM ai.chat_message
        WHERE conversation_id = :conversation AND author_kind = 'ai' AND sources @> CAST(:source AS jsonb)
    )
""")
