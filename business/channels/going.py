"""What becomes of a text message at the moment when it goes: whether it still may, how long it is on a phone, which files go along.

It is decided in the transaction that commits `sending`, under the row of its conversation: what a takeover, a STOP or a number that moved
away have changed by then counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import gate, zones
from business.channels.segments import encoding, segments, shorten
from business.channels.states import Held
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.settings.schema import SmsSettings
from kernel.tables.ai import ChatMessage, Upload
from kernel.tables.ops import PhoneCode, TextSubscription

LONGEST = 6
"""Segments of what is said in a conversation; what is longer goes on behind a link."""
SHORTENED = 2
PICTURES_BYTES = 1_500_000
"""Of all files of one MMS together, as RingCentral takes them."""
PICTURES_AT_MOST = 10
MICRODOLLARS_OF_CENT = 10_000
ANSWERS_FOR = timedelta(hours=1)
"""So long after a customer wrote, what the business says answers them, whatever the hour."""


@dataclass(frozen=True, slots=True)
class Sends:
    """How this install sends: by whose API, from which of our numbers, at which price."""

    provider: str
    sms: SmsSettings

    def cost(self, segments: int) -> int:
        """In microdollars."""
        return round(segments * self.sms.cents_per_segment * MICRODOLLARS_OF_CENT)


@dataclass(frozen=True, slots=True)
class Letter:
    """A text as it is handed to the provider. `files`: rows of uploads whose bytes go along."""

    id: UUID
    to: str
    text: str
    sender: str | None
    files: tuple[Any, ...]
    segments: int


async def why_not(held: Held, now: datetime) -> str | None:
    """Why a text that waits must not go any more, whatever the rules say; None: nothing keeps it."""
    row, log = held.row, held.log
    if row.purpose == "code" and await _is_over(held, now):
        return "TooLate"
    if log is None or row.purpose not in ("reply", "person"):
        return None
    if log.row.phone != row.to_number:
        return "NumberMoved"
    if log.row.owner != "human" or row.message_id is None:
        return None
    return "TakenOver" if await _author(held) == "ai" else None


async def _is_over(held: Held, now: datetime) -> bool:
    """Whether the code in it is good no more."""
    theirs = PhoneCode.phone == held.row.to_number, PhoneCode.text_id == held.row.id
    ends = await held.connection.scalar(select(PhoneCode.expires_at).where(*theirs))
    return ends is not None and ends <= now


async def _author(held: Held) -> str | None:
    found: str | None = await held.connection.scalar(select(ChatMessage.author_kind).where(ChatMessage.id == held.row.message_id))
    return found


async def opens_at(held: Held, profile: Profile, now: datetime) -> datetime | None:
    """When a line of the business may go that answers nobody: by day, where the customer is. None: now."""
    row = held.row
    if row.purpose != "reply" or row.message_id is None or await _author(held) != "system":
        return None
    lately = func.clock_timestamp() - ANSWERS_FOR
    wrote = select(ChatMessage.id).where(
        ChatMessage.conversation_id == row.conversation_id, ChatMessage.author_kind == "customer", ChatMessage.created_at > lately
    )
    if await held.connection.scalar(wrote.limit(1)) is not None:
        return None
    known = dict.fromkeys((*zones.zones_of(row.to_number), *await gate.zones_at_home(held.connection, row.customer_id)))
    opens = zones.opening(now, tuple(known), profile)
    return opens if opens > now else None


async def letter(held: Held, sends: Sends, links: Links, now: datetime) -> Letter:
    """The text as it goes. `sending` is set with it: nobody else may send it from here on."""
    row = held.row
    ours = await _ours(held.connection, sends, row.from_number)
    files = await _files(held.connection, row.media)
    along = files if _fits(files) and ours.pictures else ()
    words = _words(row, links, now, left_out=len(files) > len(along))
    counted = segments(words)
    await held.become(
        "sending",
        text=words,
        encoding=encoding(words),
        segments=counted,
        from_number=ours.number,
        provider=sends.provider,
        provider_id=None,
        provider_batch=None,
        sending_at=func.clock_timestamp(),
    )
    return Letter(row.id, row.to_number, words, ours.number, along, counted)


def _words(row: Any, links: Links, now: datetime, *, left_out: bool) -> str:
    """What a phone shows. What is too long for it, or has files that do not go along, leads to the whole conversation."""
    words: str = row.text.strip()
    if row.conversation_id is None or row.purpose not in ("reply", "person"):
        return words
    long = segments(words) > LONGEST
    if not long and not left_out:
        return words
    link = links.thread(row.conversation_id, row.to_number, row.created_at)
    if link in words:  # it was on its way before
        return words
    return shorten(words, SHORTENED, link) if long else f"{words}\n{link}".strip()


@dataclass(frozen=True, slots=True)
class _Ours:
    number: str | None
    pictures: bool


async def _ours(connection: AsyncConnection, sends: Sends, asked: str | None) -> _Ours:
    """The number of ours that it goes from: the one that they write to, where it still is one that sends, else the usual one."""
    stored = await connection.scalar(select(TextSubscription.numbers).where(TextSubscription.provider == sends.provider))
    able = {one["number"]: one for one in stored or () if one.get("sends")}
    for number in (asked, sends.sms.number, *able):
        if number is not None and (number in able or not able):
            return _Ours(number, bool(able.get(number, {}).get("pictures")))
    return _Ours(None, False)


async def _files(connection: AsyncConnection, media: Sequence[str]) -> tuple[Any, ...]:
    """In their order."""
    if not media:
        return ()
    wanted = [UUID(one) for one in media]
    found = {row.id: row for row in await connection.execute(select(Upload).where(Upload.id.in_(wanted)))}
    return tuple(found[one] for one in wanted if one in found)


def _fits(files: Sequence[Any]) -> bool:
    return len(files) <= PICTURES_AT_MOST and sum(file.size for file in files) <= PICTURES_BYTES
