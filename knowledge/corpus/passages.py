"""A piece by its id, for whoever opens what a reply cites."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.corpus.search import Passage
from knowledge.corpus.vectors import SHOWN


async def passage(connection: AsyncConnection, chunk: UUID, audience: tuple[str, ...] = ("everyone",)) -> Passage | None:
    """The piece as it stands now; None where it is gone, is held back, or is not for this audience."""
    row = (await connection.execute(ONE, {"chunk": chunk, "audience": list(audience)})).one_or_none()
    return None if row is None else Passage(**row._mapping, score=0.0, similarity=None, rank_words=None, rank_vector=None)


ONE = text(f"""
    SELECT c.id AS chunk, c.document_id AS document, c.title, c.heading, c.text, c.language FROM ai.document_chunk c
    WHERE c.id = :chunk AND c.audience = ANY(CAST(:audience AS text[])) AND {SHOWN}
""")  # noqa: S608
