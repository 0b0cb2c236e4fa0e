"""What was said so far, as the agents are to read it: the newest messages, all that no memory covers, and who spoke when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, distinct, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.tables.ai import ChatEvent, ChatMessage, ChatSession, Upload

HISTORY_MESSAGES = 40
UNREAD_MESSAGES = 100  # beyond the newest ones; somebody who wrote more than that to nobody is not read from the beginning
MARKERS = 10
WORDLESS = "(sent a file without a word)"  # what a model reads of it


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of the conversation so far, for the agents."""

    author: str
    text: str
    at: datetime
    seq: int


async def said_so_far(connection: AsyncConnection, conversation: UUID, memory_seq: int | None = None) -> tuple[Spoken, ...]:
    """The newest messages, oldest first, as a model is to read them: of files it reads the kind, for a number in a name misleads.

    With them every message of the customer after `memory_seq`, which no memory covers.
    """
    given = {"conversation": conversation} if memory_seq is None else {"conversation": conversation, "memory_seq": memory_seq}
    rows = (await connection.execute(_NEWEST if memory_seq is None else _UNREAD, given)).all()
    return tuple(Spoken(row.author_kind, _as_read(row.text, row.files), row.created_at, row.seq) for row in reversed(rows))


async def said_between(connection: AsyncConnection, conversation: UUID, after: int, upto: int) -> tuple[Spoken, ...]:
    """What was said after one `seq` up to another, oldest first; of very much the newest."""
    rows = (await connection.execute(_BETWEEN, {"conversation": conversation, "after": after, "upto": upto})).all()
    return tuple(Spoken(row.author_kind, _as_read(row.text, row.files), row.created_at, row.seq) for row in reversed(rows))


def in_one(lines: Sequence[Mapping[str, Any]] | None) -> tuple[Spoken, ...]:
    """The same of what `SAID` gave."""
    kept = sorted(lines or (), key=lambda line: line["seq"])
    return tuple(Spoken(line["author_kind"], _as_read(line["text"], line["files"]), _at(line["created_at"]), line["seq"]) for line in kept)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _lines() -> Select[Any]:
    """The newest first; who asks says which."""
    kinds = func.string_agg(distinct(Upload.type), literal_column("' '"))
    files = select(kinds).where(Upload.message_id == ChatMessage.id).scalar_subquery()
    return (
        select(ChatMessage.author_kind, ChatMessage.text, ChatMessage.created_at, ChatMessage.seq, files.label("files"))
        .where(ChatMessage.conversation_id == bindparam("conversation"))
        .order_by(ChatMessage.seq.desc())
        .limit(HISTORY_MESSAGES + UNREAD_MESSAGES)
    )


def _said(covered: ColumnElement[int] | None) -> Select[Any]:
    mine = ChatMessage.conversation_id == bindparam("conversation")
    newest = select(ChatMessage.seq).where(mine).order_by(ChatMessage.seq.desc()).offset(HISTORY_MESSAGES - 1).limit(1)
    oldest = func.coalesce(newest.scalar_subquery(), 0)
    wanted: ColumnElement[bool] = ChatMessage.seq >= oldest
    if covered is not None:
        # The bound beside it is for the index: a long conversation is read from there on, not from its beginning.
        later = and_(ChatMessage.author_kind == "customer", ChatMessage.seq > covered)
        wanted = and_(ChatMessage.seq >= func.least(oldest, covered + 1), or_(wanted, later))
    return _lines().where(wanted)


def _in_one() -> ScalarSelect[Any]:
    covered = select(ChatSession.memory_seq).where(ChatSession.id == bindparam("conversation")).correlate(None).scalar_subquery()
    lines = _said(covered).subquery("lines")
    return select(func.jsonb_agg(literal_column("to_jsonb(lines)"), type_=JSONB())).select_from(lines).scalar_subquery()


_NEWEST, _UNREAD = _said(None), _said(bindparam("memory_seq", type_=ChatMessage.seq.type))
_BETWEEN = _lines().where(ChatMessage.seq > bindparam("after"), ChatMessage.seq <= bindparam("upto"), ChatMessage.author_kind != "system")
# What was said so far as a value in another statement: JSON, for `in_one`.
SAID = _in_one()


def _as_read(text: str, files: str | None) -> str:
    return f"{text or WORDLESS}\n[{files}]" if files else text or WORDLESS


async def markers(connection: AsyncConnection, conversation: UUID, since: int) -> tuple[Spoken, ...]:
    """The last changes of owner from `seq` `since` on, oldest first: so that nobody believes to be silent, or asks again for a person
    who has been."""
    rows = (
        await connection.execute(
            select(ChatEvent.payload, ChatEvent.at, ChatEvent.seq)
            .where(ChatEvent.conversation_id == conversation, ChatEvent.kind == "owner_changed", ChatEvent.seq >= since)
            .order_by(ChatEvent.seq.desc())
            .limit(MARKERS)
        )
    ).all()
    return tuple(Spoken("system", _marker(row.payload), row.at, row.seq) for row in reversed(rows))


def _marker(event: dict[str, Any]) -> str:
    by = event["by"]
    match event["owner"]:
        case "queue":
            return "The customer waits for a person now; the assistant is silent."
        case "human":
            return f"{by['name']} took over; the assistant is silent."
        case _:
            who = by["name"] if by["kind"] == "human" else "The customer"
            return f"{who} gave the conversation back to the assistant, who answers again. What was asked of a person before is settled."


def for_turn(spoken: Sequence[Spoken], answers: Sequence[int]) -> tuple[Spoken, ...]:
    """In order of `seq`, but ending with what the turn answers: the reply to an earlier message may have come after it. What the
    customer said later is another turn's."""
    first, last = answers[0], answers[-1]
    known = sorted((line for line in spoken if line.author != "customer" or line.seq <= last), key=lambda line: line.seq)
    before = [line for line in known if line.seq < first or line.author == "ai"]
    return (*before, *(line for line in known if line.seq >= first and line.author != "ai"))
