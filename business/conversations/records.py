"""A turn as its models were asked and answered it: written in the transaction of the reply, with what is to be asked of shadows.

What it is made of is text already: this transaction is the one that the customer's last event waits for.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, bindparam, cast
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.flushing import Rows
from kernel.ids import ConversationId, TurnId
from kernel.jobs import AnswerShadow
from kernel.outbox import enqueue_all
from kernel.tables.ai import TurnRecord


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of one turn. `messages`, `chunks`, `tools` and `calls` are the text of JSON lists, which PostgreSQL is known to keep; times are whole
    milliseconds from the models' being asked. `asked`: under which turn the models' usage rows stand. `candidates`: who is to
    answer it again."""

    asked: TurnId
    agent: str
    intent: str
    stakes: str
    channel: str
    locale: str
    messages: str
    chunks: str
    prompts: str
    tools: str
    max_tokens: int
    prepared: str
    calls: str
    model: str
    handoff: bool
    first_token_ms: int | None
    duration_ms: int
    asked_at: datetime
    candidates: tuple[str, ...] = ()


# Columns that a record has under the same name.
_COLUMNS = tuple(field.name for field in fields(Recorded) if field.name not in ("asked", "candidates"))
# Those that are JSON.
_JSON = ("messages", "chunks", "tools", "calls")


def _keeping() -> Insert:
    types = TurnRecord.__table__.c
    values: dict[str, Any] = {
        name: bindparam(name, type_=types[name].type) for name in ("turn_id", "asked_turn_id", "conversation_id", "text", *_COLUMNS)
    }
    # Text already: nothing is put into JSON a second time.
    values |= {name: cast(bindparam(name, type_=Text()), JSONB) for name in _JSON}
    return insert(TurnRecord).values(values).on_conflict_do_nothing(index_elements=["turn_id"])


_KEEP = _keeping()


def row_of(conversation: ConversationId, turn: TurnId, text: str, record: Recorded) -> Rows:
    """The record of a turn that ends with this text, to be written with what else is logged."""
    row = {name: getattr(record, name) for name in _COLUMNS}
    row |= {name: orjson.Fragment(row[name]) for name in _JSON}
    return Rows(TurnRecord, [{**row, "turn_id": turn, "asked_turn_id": record.asked, "conversation_id": conversation, "text": text}])


async def keep(connection: AsyncConnection, conversation: ConversationId, turn: TurnId, text: str, record: Recorded) -> None:
    """Keep it for a turn that ends in this transaction with this text. Safe to repeat."""
    given = {name: getattr(record, name) for name in _COLUMNS}
    await connection.execute(
        _KEEP, {**given, "turn_id": turn, "asked_turn_id": record.asked, "conversation_id": conversation, "text": text}
    )
    # Nobody is woken: shadows are in no hurry, and the gateway has no more to do with them.
    jobs = [AnswerShadow(turn=turn, candidate=name) for name in record.candidates]
    await enqueue_all(connection, [(job, effect_key(job), None) for job in jobs])


def effect_key(job: AnswerShadow) -> str:
    """By which one candidate's answer to one turn is one effect."""
    return f"shadow:{job.turn}:{job.candidate}:{job.run}"
