"""A reply for a colleague to send: worded as the console's drafts are, of what was said in the conversation."""

from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from agents.drafting import Drafter
from agents.events import TurnRestarted, TurnText
from agents.turn import TurnRequest, Utterance
from business.conversations import queries
from business.conversations.said import said_so_far
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id


async def drafted(
    drafter: Drafter, database: Database, conversation: UUID, instruction: str, now: datetime, profile: Profile
) -> str | None:
    """The whole text; None where there is no such conversation, or nothing came. Raises GatewayError."""
    async with database.transaction() as connection:
        row = await queries.row_of(connection, conversation)
        spoken = await said_so_far(connection, conversation)
    if row is None:
        return None
    request = TurnRequest(
        turn=TurnId(new_id()),
        conversation=ConversationId(row.id),
        site=SiteId(row.site_id),
        channel=row.channel,
        locale=row.locale or profile.business.locale,
        history=tuple(Utterance(s.author, s.text, s.at, s.seq) for s in spoken),  # type: ignore[arg-type]
        now=now,
        customer=CustomerId(row.customer_id),
        memory=row.memory,
        memory_seq=row.memory_seq,
    )
    text = ""
    async with aclosing(drafter.draft(request, instruction)) as events:
        async for event in events:
            match event:
                case TurnText(piece):
                    text += piece
                case TurnRestarted():
                    text = ""
    return text.strip() or None
