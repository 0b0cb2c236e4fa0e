"""What a customer thinks of a whole conversation, and where they want a copy of it."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.ids import new_id
from kernel.tables.ai import TrainingSignal
from kernel.tables.ops import TranscriptRequest
from kernel.wire.server import Rated

# 1 to 5 stars, as the quality of an answer counts them.
WEIGHTS = {1: Decimal("-0.3"), 2: Decimal("-0.3"), 3: Decimal(0), 4: Decimal("0.2"), 5: Decimal("0.4")}
MOST_ADDRESSES = 3  # of transcripts, per conversation: whoever holds a token is not to mail the world
UNWRITTEN = "Nothing was said in this conversation yet."


async def rate(
    connection: AsyncConnection, conversation: UUID, customer: UUID, *, client_id: UUID, score: int, comment: str | None
) -> Announcement | None:
    """Stars for the conversation; the last ones count, the same id again changes nothing (None). Raises NotFound, Conflict."""
    try:
        async with writing(connection, conversation) as log:
            known = (
                await connection.execute(
                    select(TrainingSignal.id, TrainingSignal.client_id, TrainingSignal.score, TrainingSignal.comment).where(
                        TrainingSignal.conversation_id == conversation, TrainingSignal.kind == "rating"
                    )
                )
            ).one_or_none()
            if known is not None and known.client_id == str(client_id):
                if (known.score, known.comment) != (score, comment):
                    raise Conflict("This id was already used for another rating. Send it with a new id.")
                return None
            values = {"client_id": str(client_id), "score": score, "value": WEIGHTS[score], "comment": comment}
            if known is None:
                await connection.execute(
                    insert(TrainingSignal).values(
                        id=new_id(), conversation_id=conversation, kind="rating", author_kind="customer", author_id=customer, **values
                    )
                )
            else:
                await connection.execute(
                    update(TrainingSignal).where(TrainingSignal.id == known.id).values(changed_at=func.clock_timestamp(), **values)
                )
            log.add_staff(Rated(score=score, comment=comment))
    except NotFound:
        raise NotFound(UNWRITTEN) from None
    return log.announcement


async def keep_transcript(connection: AsyncConnection, conversation: UUID, email: str) -> None:
    """Remember that a copy is wanted at `email`, a stored form; once for each address. Raises NotFound, NotAllowed."""
    try:
        async with writing(connection, conversation):
            asked = select(TranscriptRequest.email).where(TranscriptRequest.conversation_id == conversation)
            known = set(await connection.scalars(asked))
            if email not in known and len(known) >= MOST_ADDRESSES:
                raise NotAllowed(f"A copy goes to at most {MOST_ADDRESSES} addresses.")
            await connection.execute(
                upsert(TranscriptRequest)
                .values(id=new_id(), conversation_id=conversation, email=email)
                .on_conflict_do_nothing(index_elements=["conversation_id", "email"], index_where=text("sent_at IS NULL"))
            )
    except NotFound:
        raise NotFound(UNWRITTEN) from None
