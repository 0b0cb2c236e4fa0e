"""What went to a number beside its conversation, a campaign's text or a reminder, stands in the conversation once its owner answers: the
colleague who reads on, and the assistant, see what is answered. It is shown once, as it went, and goes nowhere again."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.gate import WENT
from business.conversations.log import writing
from kernel.tables.ops import TextMessage
from kernel.wire.server import Author

WITHIN = timedelta(days=7)
"""As long as an answer counts for the campaign that it answers (business/campaigns/following.py)."""
MOST = 3


async def show(connection: AsyncConnection, conversation: UUID, number: str, by: str, now: datetime) -> None:
    """`by`: the name of the business. Safe to repeat; what the caller stores after it in the conversation announces it."""
    when = func.coalesce(TextMessage.sent_at, TextMessage.sending_at)
    beside = (TextMessage.message_id.is_(None), TextMessage.purpose.in_(("marketing", "transactional")))
    query = (
        select(TextMessage.id, TextMessage.text)
        .where(TextMessage.to_number == number, TextMessage.state.in_(WENT), when > now - WITHIN, *beside)
        .order_by(when.desc(), TextMessage.id.desc())
        .limit(MOST)
    )
    went = (await connection.execute(query)).all()
    if not went:
        return
    async with writing(connection, conversation) as log:
        shown = {one.id: log.say(Author(kind="ai", name=by), one.text, by_text=True)[0] for one in reversed(went)}
    for text, message in shown.items():
        given = {"message_id": message, "conversation_id": conversation}
        await connection.execute(update(TextMessage).where(TextMessage.id == text).values(given))
