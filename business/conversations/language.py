"""Which language a conversation is in: the one that the customer writes, once it was heard; what is written for them follows it."""

from uuid import UUID

from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import ChatSession


async def heard(connection: AsyncConnection, conversation: UUID, language: str) -> None:
    """Keep it; "es-MX" stays where "es" was heard. Call it before the conversation's row is read in the same transaction."""
    spoken = func.split_part(ChatSession.locale, "-", 1)
    other = or_(ChatSession.locale.is_(None), func.lower(spoken) != language)
    await connection.execute(update(ChatSession).where(ChatSession.id == conversation, other).values(locale=language))
