"""Writes a text message: who may get it is asked, the text is stored as a phone will show it, and the effect that sends it is enqueued,
all in the caller's transaction. The same key again is the same text."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import gate, outgoing
from business.channels.gate import Candidate, Limits, Pass, Refuse, Wait
from business.channels.outgoing import Purpose, Text, Written
from business.channels.segments import plain, segments
from business.profile.schemas import Profile
from kernel.tables.ops import TextMessage


@dataclass(frozen=True, slots=True)
class _Any:
    """No limits but those of consent and hours: the install's are asked for when it goes."""

    per_number_hour: int = sys.maxsize
    per_prefix_hour: int = sys.maxsize
    per_day: int = sys.maxsize

    @property
    def countries(self) -> tuple[str, ...]:
        from phonenumbers import SUPPORTED_REGIONS

        return tuple(SUPPORTED_REGIONS)


ANY = _Any()


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
    limits: Limits | None = None,
    asked: Pass | None = None,
) -> Written:
    """`to` is E.164 (ValueError else). `sender`: a number of ours, None: the usual one; `media`: ids of uploads; `at`: not before that
    moment; `limits`: the install's, where the caller knows them; `asked`: what the gate said of it in this transaction.

    Whoever may not have it has it stored as `refused`, a placeholder as `held`, and neither is sent. Whether it may go is asked again
    when it goes: hours, caps and a STOP are those of that moment.
    """
    if asked is None and await connection.scalar(select(TextMessage.id).where(TextMessage.key == key)) is not None:
        return await outgoing.known(connection, key)
    candidate = Candidate(to, purpose, conversation, campaign, customer, segments(plain(text)))
    verdict = asked or await gate.verdict(connection, profile, limits or ANY, candidate, now)
    if isinstance(verdict, Wait):
        at = max(verdict.until, at or verdict.until)
    wanted = Text(
        key, purpose, to, text, locale or profile.business.locale,
        conversation, message, customer, staff, campaign, booking, sender, tuple(media), at,
    )  # fmt: skip
    if isinstance(verdict, Refuse):
        return await outgoing.store(connection, wanted, "refused", verdict.why)
    return await outgoing.store(connection, wanted, "waiting", verdict.why if isinstance(verdict, Wait) else None)
