"""Copies of conversations that customers asked for, by mail: what was said between them and the business, and no note of the staff."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.emails.kinds import MOST_LINES, Said, Transcript
from business.emails.writing import write
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Customer
from kernel.tables.ops import TranscriptRequest

AT_ONCE = 5
TEXT_MOST = 20_000


async def write_waiting(connection: AsyncConnection, profile: Profile, links: Links) -> int:
    """Write those that were asked for and are not written yet; how many. Several workers may do so at once."""
    waiting = select(TranscriptRequest).where(TranscriptRequest.sent_at.is_(None)).limit(AT_ONCE).with_for_update(skip_locked=True)
    rows = (await connection.execute(waiting)).all()
    for row in rows:
        await _write(connection, profile, links, row.id, row.conversation_id, row.email)
        done = update(TranscriptRequest).where(TranscriptRequest.id == row.id)
        await connection.execute(done.values(sent_at=func.clock_timestamp()))
    return len(rows)


async def _write(connection: AsyncConnection, profile: Profile, links: Links, request: UUID, conversation: UUID, to: str) -> None:
    query = (
        select(ChatSession.locale, ChatSession.customer_id, Customer.name)
        .join(Customer, Customer.id == ChatSession.customer_id)
        .where(ChatSession.id == conversation)
    )
    about = (await connection.execute(query)).one_or_none()
    said = await _said(connection, conversation)
    if about is None or not said:
        return
    await write(
        connection,
        profile,
        links,
        kind="transcript",
        to=to,
        to_name=about.name,
        locale=about.locale,
        values=Transcript(messages=said, began_at=said[0].at),
        key=f"transcript:{request}",
        conversation=conversation,
        customer=about.customer_id,
    )


async def _said(connection: AsyncConnection, conversation: UUID) -> tuple[Said, ...]:
    """The newest that a mail has room for, in their order."""
    query = (
        select(ChatMessage.author_name, ChatMessage.text, ChatMessage.created_at)
        .where(ChatMessage.conversation_id == conversation, ChatMessage.author_kind != "system", ChatMessage.text != "")
        .order_by(ChatMessage.seq.desc())
        .limit(MOST_LINES)
    )
    rows = reversed((await connection.execute(query)).all())
    return tuple(Said(author=row.author_name, at=row.created_at, text=row.text[:TEXT_MOST]) for row in rows)
