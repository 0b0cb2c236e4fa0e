"""A customer left before a person answered: what they have not read by now goes to them by e-mail, all of it in one, once.

Each message of a person has an effect some minutes later (`conversations/staffing.py`). The first that comes sends whatever is unread by
then and notes how far it got; those of the messages that went along find nothing left to do. All of it happens under the conversation's
row, for which a customer's "seen" waits too: what was seen in time goes nowhere.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Uuid, cast, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, Writing, writing
from business.customers import reach
from business.emails import kinds
from business.emails import writing as emails
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.ids import new_id
from kernel.jobs import UnreadReply
from kernel.tables.ai import ChatEvent
from kernel.tables.core import Customer
from kernel.tables.ops import Email, TextMessage
from kernel.wire.server import Author, NoteWritten

LONGEST = 50_000


async def send(connection: AsyncConnection, profile: Profile, links: Links, job: UnreadReply) -> Announcement | None:
    """Everything that people wrote and the customer has not read. None: they have, it went before, or no address takes it."""
    async with writing(connection, job.conversation) as log:
        known = max(log.row.customer_seen, log.row.mailed_seq)
        if job.seq <= known:
            return None
        address = await reach.email_of(connection, log.row.customer_id)
        messages = await _unread(log, known)
        if address is None or not messages:
            return None
        if not await _mail(log, profile, links, address, messages):
            return None
        last = messages[-1].seq
        log.change(mailed_seq=last)
        log.add_staff(
            NoteWritten(id=new_id(), author=Author(kind="system", name=profile.business.name), text=_note(len(messages), address))
        )
    return log.announcement


async def _unread(log: Writing, known: int) -> Sequence[Any]:
    """Messages of people after `known`, in their order: `seq`, and `message` as on the wire. What went by text was read there, as far as
    anybody can tell."""
    message = cast(ChatEvent.payload["message"]["id"].astext, Uuid)
    by_text = exists().where(TextMessage.message_id == message, TextMessage.state.not_in(("failed", "refused", "held", "cancelled")))
    query = select(ChatEvent.seq, ChatEvent.payload["message"].label("message")).where(
        ChatEvent.conversation_id == log.id,
        ChatEvent.seq > known,
        ChatEvent.kind == "message",
        ChatEvent.payload["message"]["author"]["kind"].astext == "human",
        ~by_text,
    )
    return (await log.connection.execute(query.order_by(ChatEvent.seq))).all()


async def _mail(log: Writing, profile: Profile, links: Links, address: str, messages: Sequence[Any]) -> bool:
    """Whether one is on its way."""
    mail = await emails.write(
        log.connection,
        profile,
        links,
        kind="unread_reply",
        to=address,
        to_name=await log.connection.scalar(select(Customer.name).where(Customer.id == log.row.customer_id)),
        locale=log.row.locale or profile.business.locale,
        values=kinds.UnreadReply(staff=messages[-1].message["author"]["name"], text=_text([one.message for one in messages])),
        key=f"unread_reply:{log.id}:{messages[-1].seq}",
        conversation=log.id,
        customer=log.row.customer_id,
    )
    state = await log.connection.scalar(select(Email.state).where(Email.id == mail))
    return state not in (None, "suppressed", "held")


def _text(messages: Sequence[Any]) -> str:
    """What was said, and the names of the files that stay in the chat."""
    parts = [
        part for message in messages for part in (message["text"].strip(), *(file["name"] for file in message.get("attachments") or ()))
    ]
    return "\n\n".join(filter(None, parts))[:LONGEST]


def _note(count: int, address: str) -> str:
    what = "the message" if count == 1 else f"{count} messages"
    return f"Not read in the chat: {what} went to {address} by e-mail. An answer to that mail comes back here."
