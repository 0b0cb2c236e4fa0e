"""A text message as a row, and the effect that sends it. Who may get it is decided elsewhere: `writing.py` asks when one is written, the
worker asks again just before it goes."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.segments import encoding, plain, segments
from business.customers.contacts import E164
from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import SendText
from kernel.tables.ops import TextMessage

Purpose = Literal["reply", "person", "transactional", "marketing", "code", "keyword", "staff"]
_NOBODYS = re.compile(r"\+1\d{3}55501\d{2}")
"""Numbers that films and examples use (NANPA): 555-0100 to 555-0199 of any area."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text message before it is stored. `key` makes it one, `media` are ids of uploads, `sender` a number of ours, None: the usual one;
    `at`: not before that moment."""

    key: str
    purpose: Purpose
    to: str
    text: str
    locale: str
    conversation: UUID | None = None
    message: UUID | None = None
    customer: UUID | None = None
    staff: UUID | None = None
    campaign: UUID | None = None
    booking: UUID | None = None
    sender: str | None = None
    media: tuple[UUID, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it stands. `why`: what keeps it from going out, None where nothing does."""

    id: UUID
    state: str
    why: str | None


def is_spent(purpose: str, state: str) -> bool:
    """Whether its words are needed no more and must not be kept: of a code that went, or never will."""
    return purpose == "code" and state not in ("waiting", "sending", "unknown")


def is_placeholder(number: str) -> bool:
    """Whether it is a number that nobody has."""
    return _NOBODYS.fullmatch(number) is not None


async def store(connection: AsyncConnection, text: Text, state: str = "waiting", why: str | None = None) -> Written:
    """Store it as it will be read on a phone, with the effect that sends it where it waits. The same key is the same text, as it was
    written first. Raises ValueError where `to` is no number in E.164."""
    if not E164.fullmatch(text.to):
        raise ValueError("A text goes to a number in E.164.")
    if is_placeholder(text.to):
        state, why = "held", "Placeholder"
    row = _row(text, state, why)
    inserted = await connection.scalar(
        insert(TextMessage).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(TextMessage.id)
    )
    if inserted is None:
        return await known(connection, text.key)
    if state == "waiting":
        await enqueue(connection, inserted, text.at)
    return Written(inserted, state, why)


async def known(connection: AsyncConnection, key: str) -> Written:
    """The text of this key, which there is."""
    row = (await connection.execute(select(TextMessage.id, TextMessage.state, TextMessage.error).where(TextMessage.key == key))).one()
    return Written(row.id, row.state, row.error)


async def enqueue(connection: AsyncConnection, text: UUID, at: datetime | None = None) -> None:
    """The effect that sends it, at its moment; each time another one, with all its attempts."""
    await outbox.enqueue(connection, SendText(text=text), key=f"text:{text}:{new_id()}", at=at)


def _row(text: Text, state: str, why: str | None) -> dict[str, Any]:
    words = plain(text.text)
    return {
        "id": new_id(),
        "key": text.key,
        "purpose": text.purpose,
        "to_number": text.to,
        "from_number": text.sender,
        "text": "" if is_spent(text.purpose, state) else words,
        "locale": text.locale,
        "media": [str(one) for one in text.media],
        "encoding": encoding(words),
        "segments": segments(words),
        "conversation_id": text.conversation,
        "message_id": text.message,
        "customer_id": text.customer,
        "staff_id": text.staff,
        "campaign_id": text.campaign,
        "booking_id": text.booking,
        "state": state,
        "error": why,
        **({"send_at": text.at} if text.at is not None else {}),
    }
