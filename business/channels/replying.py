"""What is said in a conversation that goes on by text: each message that is for the customer becomes one text, in its transaction.

Every word to a customer goes through `Writing.say`, which asks here; so no way of speaking can forget it. A reply that was cut is never
among them. What is written here is the whole of it: whether it still may go, and what becomes of it on a phone, is decided when it goes
(going.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.outgoing import Purpose, Text, store

_LOCALE = "en"


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it was logged. `files`: ids of its uploads."""

    message: UUID
    author: str
    staff: UUID | None
    text: str
    files: tuple[UUID, ...]


def goes_by_text(channel: str, phone: str | None, author: str, interrupted: bool) -> bool:
    """Whether this message is texted, the conversation being answered by `channel`."""
    return channel == "sms" and phone is not None and author != "customer" and not interrupted


async def write(connection: AsyncConnection, conversation: Any, phone: str, our_phone: str | None, said: Sequence[Said]) -> None:
    """`conversation`: its row."""
    for one in said:
        purpose: Purpose = "person" if one.author == "human" else "reply"
        text = Text(
            f"reply:{one.message}",
            purpose,
            phone,
            one.text,
            conversation.locale or _LOCALE,
            conversation=conversation.id,
            message=one.message,
            customer=conversation.customer_id,
            staff=one.staff,
            sender=our_phone,
            media=one.files,
        )
        await store(connection, text)
