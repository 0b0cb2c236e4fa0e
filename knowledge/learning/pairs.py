"""Pairs as people look at them: a page of them, one whole, and which answer somebody of the staff prefers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from kernel.errors import Conflict, NotFound
from kernel.tables.ai import ShadowPair, TurnRecord
from kernel.tables.core import Staff

Preference = Literal["primary", "candidate", "tie"]
GONE = "There is no such pair."
ASKED = 200  # characters of the customer's message in a list


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs. None: whatever it is. `judged`: somebody of the staff said which answer is better; `before`: the pair that the page
    before ended with."""

    candidate: str | None = None
    intent: str | None = None
    run: str | None = None
    state: str | None = None
    agrees: bool | None = None
    judged: bool | None = None
    before: UUID | None = None
    limit: int = 50

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions, the beginning of the page among them."""
        equal = {"candidate": self.candidate, "intent": self.intent, "run": self.run, "state": self.state, "agrees": self.agrees}
        found = [getattr(ShadowPair, name) == value for name, value in equal.items() if value is not None]
        if self.judged is not None:
            found.append(ShadowPair.preference.is_not(None) if self.judged else ShadowPair.preference.is_(None))
        if self.before is not None:
            found.append(tuple_(ShadowPair.created_at, ShadowPair.id) < _place(self.before))
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A pair in a list. `question`: how the customer's message begins, None once the record is gone."""

    id: UUID
    candidate: str
    primary_model: str
    run: str
    agent: str
    intent: str
    state: str
    error: str | None
    similarity: float | None
    agrees: bool | None
    critic: str | None
    preference: str | None
    question: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """One side of a pair. `text` is None where it is not kept any more. `calls`: the tools it asked for, as they were recorded."""

    model: str
    text: str | None
    calls: Sequence[dict[str, Any]]
    first_token_ms: int | None
    duration_ms: int | None
    cost_microdollars: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair, whole. `question`, the channel and the primary's words are of the turn's record: None once that is gone."""

    id: UUID
    conversation: UUID
    candidate: str
    run: str
    agent: str
    intent: str
    state: str
    error: str | None
    question: str | None
    channel: str | None
    stakes: str | None
    primary: Answered
    shadow: Answered
    similarity: float | None
    agreement: dict[str, Any]
    agrees: bool | None
    critic: str | None
    critic_why: str | None
    preference: str | None
    preferred_by: str | None
    preferred_at: datetime | None
    created_at: datetime
    done_at: datetime | None


async def page(connection: AsyncConnection, wanted: Wanted) -> tuple[tuple[Line, ...], UUID | None]:
    """The newest first, and what the next page goes on before."""
    said = _question().lateral("said")
    columns = [getattr(ShadowPair, name) for name in Line.__slots__ if name != "question"]
    query = (
        select(*columns, func.left(said.c.content, ASKED).label("question"))
        .outerjoin(TurnRecord, TurnRecord.turn_id == ShadowPair.turn_id)
        .outerjoin(said, true())
        .where(*wanted.where())
        .order_by(ShadowPair.created_at.desc(), ShadowPair.id.desc())
        .limit(wanted.limit + 1)
    )
    rows = (await connection.execute(query)).all()
    lines = tuple(Line(**row._mapping) for row in rows[: wanted.limit])
    return lines, lines[-1].id if len(rows) > wanted.limit else None


async def runs(connection: AsyncConnection, most: int = 20) -> tuple[str, ...]:
    """The names of the runs that made pairs, the newest first."""
    query = select(ShadowPair.run).group_by(ShadowPair.run).order_by(func.max(ShadowPair.created_at).desc()).limit(most)
    return tuple((await connection.scalars(query)).all())


async def pair(connection: AsyncConnection, wanted: UUID) -> Pair:
    """Raises NotFound."""
    said = _question().lateral("said")
    record = [getattr(TurnRecord, name).label(f"record_{name}") for name in ("text", "calls", "channel", "stakes")]
    query = (
        select(ShadowPair, *record, said.c.content.label("question"), Staff.name.label("by"))
        .outerjoin(TurnRecord, TurnRecord.turn_id == ShadowPair.turn_id)
        .outerjoin(said, true())
        .outerjoin(Staff, Staff.id == ShadowPair.preferred_by)
        .where(ShadowPair.id == wanted)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(GONE)
    return _pair(row)


async def prefer(connection: AsyncConnection, wanted: UUID, preference: Preference | None, staff: UUID) -> bool:
    """Note which answer is better, or that nobody says so any more (None). True where that changed anything: the same said again, by
    whomever, leaves the pair as it is. Raises NotFound, and Conflict where there are no two answers to compare."""
    query = select(ShadowPair.state, ShadowPair.preference).where(ShadowPair.id == wanted).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(GONE)
    if row.state != "done":
        raise Conflict("The candidate gave no answer here, so there is nothing to prefer.")
    if row.preference == preference:
        return False
    judged = {"preference": preference, "preferred_by": staff, "preferred_at": func.clock_timestamp()}
    nobody: dict[str, Any] = dict.fromkeys(judged)
    await connection.execute(update(ShadowPair).where(ShadowPair.id == wanted).values(nobody if preference is None else judged))
    return True


def _place(before: UUID) -> Any:
    """Where a pair stands in the order of pages."""
    last = aliased(ShadowPair)
    return tuple_(select(last.created_at).where(last.id == before).scalar_subquery(), before)


def _question() -> Any:
    """The customer's last message among those that the model was asked with: role "user" is theirs alone."""
    said = func.jsonb_array_elements(TurnRecord.messages).table_valued("value", with_ordinality="place").render_derived()
    content, role = said.c.value.op("->>")("content"), said.c.value.op("->>")("role")
    return select(content.label("content")).select_from(said).where(role == "user").order_by(said.c.place.desc()).limit(1)


def _pair(row: Any) -> Pair:
    primary = Answered(
        row.primary_model,
        row.record_text,
        row.record_calls or (),
        row.primary_first_token_ms,
        row.primary_duration_ms,
        row.primary_cost_microdollars,
    )
    shadow = Answered(row.candidate, row.text, row.calls, row.first_token_ms, row.duration_ms, row.cost_microdollars)
    return Pair(
        id=row.id,
        conversation=row.conversation_id,
        candidate=row.candidate,
        run=row.run,
        agent=row.agent,
        intent=row.intent,
        state=row.state,
        error=row.error,
        question=row.question,
        channel=row.record_channel,
        stakes=row.record_stakes,
        primary=primary,
        shadow=shadow,
        similarity=row.similarity,
        agreement=row.agreement,
        agrees=row.agrees,
        critic=row.critic,
        critic_why=row.critic_why,
        preference=row.preference,
        preferred_by=row.by,
        preferred_at=row.preferred_at,
        created_at=row.created_at,
        done_at=row.done_at,
    )
