"""Questions for which nothing was found that the business has written: kept, shown together where they are the same, settled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.tables.ai import UnansweredQuestion

State = Literal["open", "answered", "ignored"]
CHARACTERS_AT_MOST = 1_000
PAGE = 50
FORGOTTEN = 500  # in one statement


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the customer put it. `nearest`: the piece that came closest, `similarity` -1 to 1."""

    conversation: UUID
    turn: UUID
    question: str
    language: str
    nearest: UUID | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question, however often it was asked; what differs is as it was the last time. `id`: of that time, by which it is settled."""

    id: UUID
    conversation: UUID
    question: str
    language: str
    state: State
    times: int
    first_at: datetime
    last_at: datetime
    nearest: UUID | None
    nearest_title: str | None
    nearest_heading: str | None
    similarity: float | None


async def keep(connection: AsyncConnection, asked: Asked) -> None:
    """Once for a turn, however often it is said."""
    row = {
        "id": new_id(),
        "conversation_id": asked.conversation,
        "turn_id": asked.turn,
        "question": asked.question[:CHARACTERS_AT_MOST],
        "language": asked.language,
        "nearest_chunk_id": asked.nearest,
        "similarity": asked.similarity,
    }
    await connection.execute(insert(UnansweredQuestion).values(row).on_conflict_do_nothing(index_elements=["turn_id"]))


async def listing(
    connection: AsyncConnection, state: State = "open", *, before: datetime | None = None, limit: int = PAGE
) -> tuple[Question, ...]:
    """The one asked last first; `before`: those that were last asked before this moment."""
    rows = await connection.execute(LISTING, {"state": state, "before": before, "most": limit})
    return tuple(Question(*row) for row in rows)


async def counted(connection: AsyncConnection) -> dict[State, int]:
    """How many there are in each state; the same one asked twice is one."""
    found = {row.state: row.questions for row in await connection.execute(COUNTED)}
    return {"open": found.get("open", 0), "answered": found.get("answered", 0), "ignored": found.get("ignored", 0)}


async def settle(connection: AsyncConnection, question: UUID, state: State, staff: UUID) -> int:
    """Answered, ignored, or open again, with all that ask the same; returns how many times it was asked, 0 where it is gone."""
    return (await connection.execute(SETTLE, {"question": question, "state": state, "staff": staff})).rowcount


async def forget(connection: AsyncConnection, days: int) -> int:
    """Some of those that are older; returns how many, 0 where none is left."""
    old = (
        select(UnansweredQuestion.id).where(UnansweredQuestion.created_at < func.now() - func.make_interval(0, 0, 0, days)).limit(FORGOTTEN)
    )
    return (await connection.execute(delete(UnansweredQuestion).where(UnansweredQuestion.id.in_(old)))).rowcount


# The same question: without accents, case, marks and more than one space.
SAME = r"btrim(regexp_replace(regexp_replace(lower(normalize({0}, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g'))"

LISTING = text(f"""
    WITH numbered AS (
        SELECT q.*, count(*) OVER same AS times, min(q.created_at) OVER same AS first_at,
               row_number() OVER (PARTITION BY {SAME.format("q.question")} ORDER BY q.created_at DESC, q.id DESC) AS place
        FROM ai.unanswered_question q WHERE q.state = :state
        WINDOW same AS (PARTITION BY {SAME.format("q.question")})
    )
    SELECT n.id, n.conversation_id, n.question, n.language, n.state, n.times, n.first_at, n.created_at,
           c.id, c.title, c.heading, n.similarity
    FROM numbered n LEFT JOIN ai.document_chunk c ON c.id = n.nearest_chunk_id
    WHERE n.place = 1 AND (CAST(:before AS timestamptz) IS NULL OR n.created_at < :before)
    ORDER BY n.created_at DESC, n.id DESC LIMIT :most
""")  # noqa: S608

COUNTED = text(f"SELECT state, count(DISTINCT {SAME.format('question')}) AS questions FROM ai.unanswered_question GROUP BY state")  # noqa: S608

SETTLE = text(f"""
    UPDATE ai.unanswered_question q
    SET state = :state, settled_by = CASE WHEN :state = 'open' THEN NULL ELSE CAST(:staff AS uuid) END,
        settled_at = CASE WHEN :state = 'open' THEN NULL ELSE clock_timestamp() END
    FROM ai.unanswered_question chosen
    WHERE chosen.id = :question AND q.state = chosen.state
      AND {SAME.format("q.question")} = {SAME.format("chosen.question")}
""")  # noqa: S608
