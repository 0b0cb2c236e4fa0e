"""Machines that answer us: an answering machine in a phone, another business's assistant, a number that sends back what it gets. Whoever
goes round in circles is answered no more for a while; what they write is still shown, and a person may answer.

Nobody is taken for a machine by one text. Where two machines answer each other at most five texts are ours: that is what `ALIKE`,
`ALIKE_SHORT`, `ECHOES` and `FAST` come to.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.reactions import is_reaction
from kernel.tables.ops import InboundText, TextMessage, TextNumber

Why = Literal["alike", "echo", "fast", "muted", "automatic"]

WINDOW = timedelta(hours=1)
LOOKED_AT = 8  # texts of either side
LONG = 16  # letters: people write "yes" many times, and a sentence once
ALIKE, ALIKE_SHORT = 3, 5  # of the last `AMONG`; of the short, one after the other
AMONG = 6
ECHOES = 2
FAST = 4  # one after the other: people type on while we write
READ_SECONDS, LETTERS_A_SECOND = 1.0, 15.0
NEARLY = 0.9
# What is compared is bounded: whoever writes chooses the words, and letters in disorder are slow to compare.
COMPARED, LOOKED_INTO = 200, 2_000  # characters, and those of which they are the letters
WORDS_SHARED = 0.5
AUTOMATIC_WITHIN = timedelta(minutes=10)
MUTED, MUTED_AGAIN = timedelta(hours=1), timedelta(hours=24)

_LETTERS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_AUTOMATIC = re.compile(
    r"\bi ?a?m (?:currently )?driving\b|\bdo not disturb while driving\b|\bout of (?:the )?office\b"
    r"|\bauto(?:mated|matic)? ?(?:reply|response|responder|message)\b|\b(?:do not|dont) reply to this (?:message|text|number)\b"
    r"|\b(?:number|inbox|mailbox|line) is not monitored\b|\bis no longer in service\b|\b(?:not receiving|silenced) notifications\b"
    r"|\bestoy (?:conduciendo|manejando)\b|\brespuesta automatica\b|\bmensaje automatico\b|\bfuera de (?:la )?oficina\b"
    r"|\bno respond(?:a|as|er) a este (?:mensaje|numero)\b"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of either side, by the provider's clock where it is theirs."""

    at: datetime
    words: str


def why(text: Text, theirs: Sequence[Text], ours: Sequence[Text]) -> Why | None:
    """Why this text is taken for a machine's; `theirs`: those before it. Both the newest first."""
    answered = [one for one in theirs if any(one.at <= our.at <= text.at for our in ours)]
    if _alike(text, answered):
        return "alike"
    if ours and sum(any(near(one.words, our.words) for our in ours if our.at <= one.at) for one in (text, *theirs)) >= ECHOES:
        return "echo"
    if _fast([text, *theirs][:FAST], ours):
        return "fast"
    if ours and text.at - ours[0].at < AUTOMATIC_WITHIN and "?" not in text.words and _AUTOMATIC.search(_bare(text.words)):
        return "automatic"
    return None


def near(one: str, other: str) -> bool:
    """Whether two texts say the same, but for figures, case, marks and a word or two. Short ones only where they are the same."""
    mine, its = _bare(one)[:COMPARED], _bare(other)[:COMPARED]
    if not mine or mine == its:
        return mine == its and bool(mine)
    if min(len(mine), len(its)) < LONG:
        return False
    if not _share_words(mine.split(), its.split()):
        return False
    matcher = SequenceMatcher(None, mine, its, autojunk=False)
    return matcher.real_quick_ratio() >= NEARLY and matcher.quick_ratio() >= NEARLY and matcher.ratio() >= NEARLY


def _share_words(mine: list[str], its: list[str]) -> bool:
    return (Counter(mine) & Counter(its)).total() >= WORDS_SHARED * min(len(mine), len(its))


def _alike(text: Text, answered: Sequence[Text]) -> bool:
    """Again and again the same, though it was answered in between."""
    same = [near(text.words, one.words) for one in answered]
    if len(_bare(text.words)) >= LONG:
        return 1 + sum(same[: AMONG - 1]) >= ALIKE
    return len(same) >= ALIKE_SHORT - 1 and all(same[: ALIKE_SHORT - 1])


def _fast(row: Sequence[Text], ours: Sequence[Text]) -> bool:
    """Each of these came sooner after one of ours than anybody types."""
    return len(row) == FAST and all(_sooner(one, ours) for one in row) and all(_between(a, b, ours) for b, a in pairwise(row))


def _sooner(text: Text, ours: Sequence[Text]) -> bool:
    last = next((our for our in ours if our.at <= text.at), None)
    length = len(_bare(text.words))
    return last is not None and length >= LONG and (text.at - last.at).total_seconds() < READ_SECONDS + length / LETTERS_A_SECOND


def _between(earlier: Text, later: Text, ours: Sequence[Text]) -> bool:
    return any(earlier.at <= our.at <= later.at for our in ours)


def _bare(text: str) -> str:
    import unicodedata

    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text[:LOOKED_INTO].casefold()) if not unicodedata.combining(mark))
    return _DIGITS.sub("0", " ".join(_LETTERS.findall(plain.replace("'", "").replace("\u2019", ""))))


_MUTE = select(TextNumber.muted_until, TextNumber.mute_reason).where(
    TextNumber.number == bindparam("number"), TextNumber.muted_until.is_not(None)
)


async def judge(connection: AsyncConnection, number: str, text: Text, now: datetime) -> Why | None:
    """Why the assistant is not to answer this text, which is not among those that were taken yet. None: it may."""
    known: Any = (await connection.execute(_MUTE, {"number": number})).one_or_none()
    if known is not None and known.muted_until > now:
        return "muted"
    since = text.at - WINDOW
    if known is not None and known.mute_reason is None:
        since = max(since, known.muted_until)  # somebody has read what was before, and found no machine
    came = (
        select(InboundText.sent_at, InboundText.text)
        .where(InboundText.from_number == number, InboundText.state == "taken", InboundText.sent_at.between(since, text.at))
        .where(InboundText.error.is_(None))  # nobody wrote twice what is in two stores
        .order_by(InboundText.sent_at.desc(), InboundText.provider_id.desc())
    )
    when = func.coalesce(TextMessage.sent_at, TextMessage.sending_at, TextMessage.created_at)
    went = (
        select(when.label("at"), TextMessage.text)
        .where(TextMessage.to_number == number, TextMessage.state.in_(("waiting", "sending", "sent", "delivered", "unknown")))
        .where(when > since)
        .order_by(when.desc())
    )
    theirs = [
        Text(row.sent_at, row.text or "") for row in await connection.execute(came.limit(LOOKED_AT)) if not is_reaction(row.text or "")
    ]
    ours = [Text(row.at, row.text) for row in await connection.execute(went.limit(LOOKED_AT))]
    return why(text, theirs, ours)


async def mute(connection: AsyncConnection, number: str, reason: Why, now: datetime) -> datetime:
    """Answer nothing there by itself until the moment that comes back; longer where it was muted within the last day."""
    last = await connection.scalar(select(TextNumber.muted_until).where(TextNumber.number == number))
    until = now + (MUTED_AGAIN if last is not None and last > now - MUTED_AGAIN else MUTED)
    values = {"muted_until": until, "mute_reason": reason, "changed_at": func.clock_timestamp()}
    await connection.execute(
        insert(TextNumber).values(number=number, **values).on_conflict_do_update(index_elements=["number"], set_=values)
    )
    return until


async def unmute(connection: AsyncConnection, number: str, now: datetime) -> str | None:
    """It is answered from now on, and what was before tells no machine any more; why it was muted. None: it is not. A machine that goes on
    is muted for longer, as one that comes again is."""
    row: Any = (await connection.execute(_MUTE.with_for_update(), {"number": number})).one_or_none()
    if row is None or row.muted_until <= now:
        return None
    values = {"muted_until": now, "mute_reason": None, "changed_at": func.clock_timestamp()}
    await connection.execute(update(TextNumber).where(TextNumber.number == number).values(values))
    return str(row.mute_reason or "")
