"""A turn as its models were asked and answered it: written in the transaction of the reply, with what is to be asked of shadows.

What it is made of is text already: this transaction is the one that the customer's last event waits for.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, cast
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from kernel.ids import ConversationId, TurnId
from kernel.jobs import AnswerShadow
from kernel.outbox import enqueue_all
from kernel.tables.ai import TurnRecord


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of one turn. `messages`, `tools` and `calls` are the text of JSON lists, which PostgreSQL is known to keep; times are whole
    milliseconds from the models' being asked. `asked`: under which turn the models' usage rows stand. `candidates`: who is to
    answer it again."""

    asked: TurnId
    agent: str
    intent: str
    stakes: str
    channel: str
    locale: str
    messages: str
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


async def keep(connection: AsyncConnection, conversation: ConversationId, turn: TurnId, text: str, record: Recorded) -> None:
    """Keep it for a turn that ends in this transaction with this text. Safe to repeat."""
    await connection.execute(
        insert(TurnRecord)
        .values(
            turn_id=turn,
            asked_turn_id=record.asked,
            conversation_id=conversation,
            agent=record.agent,
            intent=record.intent,
            stakes=record.stakes,
            channel=record.channel,
            locale=record.locale,
            messages=_json("messages", record.messages),
            tools=_json("tools", record.tools),
            max_tokens=record.max_tokens,
            prepared=record.prepared,
            calls=_json("calls", record.calls),
            text=text,
            model=record.model,
            handoff=record.handoff,
            first_token_ms=record.first_token_ms,
            duration_ms=record.duration_ms,
            asked_at=record.asked_at,
        )
        .on_conflict_do_nothing(index_elements=["turn_id"])
    )
    # Nobody is woken: shadows are in no hurry, and the gateway has no more to do with them.
    jobs = [AnswerShadow(turn=turn, candidate=name) for name in record.candidates]
    await enqueue_all(connection, [(job, effect_key(job), None) for job in jobs])


def effect_key(job: AnswerShadow) -> str:
    """By which one candidate's answer to one turn is one effect."""
    return f"shadow:{job.turn}:{job.candidate}:{job.run}"


def _json(name: str, text: str) -> ColumnElement[object]:
    """JSON that is text already, as the column's value."""
    return cast(bindparam(f"{name}_text", text, type_=Text()), JSONB)
