"""Writes a text message: who may get it is asked, the text is stored as a phone will show it, and the effect that sends it is enqueued,
all in the caller's transaction. The same key again is the same text."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import outgoing
from business.channels.outgoing import Purpose, Text, Written
from business.profile.schemas import Profile
from kernel.tables.ops import TextMessage


async def write(
    connection: AsyncConnection,
    profile: Profile,
    *,
    to: str,
    text: str,
    purpose: Purpose,
    key: str,
    locale: str | None,
    now: datetime,
    conversation: UUID | None = None,
    message: UUID | None = None,
    customer: UUID | None = None,
    staff: UUID | None = None,
    campaign: UUID | None = None,
    booking: UUID | None = None,
    sender: str | None = None,
    media: Sequence[UUID] = (),
    at: datetime | None = None,
) -> Written:
    """`to` is E.164 (ValueError else). `sender`: a number of ours, None: the usual one; `media`: ids of uploads; `at`: not before.

    Whoever may not have it has it stored as `refused`, a placeholder as `held`, and neither is sent. Whether it may go is asked again
    when it goes: hours, caps and a STOP are those of that moment.
    """
    if await connection.scalar(select(TextMessage.id).where(TextMessage.key == key)) is not None:
        return await outgoing.known(connection, key)
    language = locale or profile.business.locale
    wanted = Text(
        key, purpose, to, text, language, conversation, message, customer, staff, campaign, booking, sender, tuple(media), at
    )  # fmt: skip
    return await outgoing.store(connection, wanted)
