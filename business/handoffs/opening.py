"""The assistant calls a person: one unsettled handoff for each conversation and kind, however often it is called for.

For the agents' tools, each call in a transaction of its own while their turn runs:

    opened = await database.unit(lambda c: open_for(c, conversation, turn=request.turn, kind="complaint", ...))
    yield TurnWritten(opened.announcement, opened.effects, opened.handoff)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import leases
from business.conversations.log import Announcement, Writing, writing
from business.handoffs import calling, lines, records
from business.handoffs.expected import measured
from business.profile.hours import expected_minutes
from business.profile.schemas import Profile
from kernel.errors import Stale
from kernel.ids import HandoffId
from kernel.tables.ai import ChatEvent
from kernel.wire.base import HandoffKind, Risk, spoken
from kernel.wire.server import Author

ASSISTANT = Author(kind="ai", name="Assistant")
SUMMARY = 300
LONGEST = 1_000
MOST_FACTS = 40
WEIGHT = {risk: weight for weight, risk in enumerate(get_args(Risk))}


@dataclass(frozen=True, slots=True)
class Call:
    """Why a person is called. `summary` is one line, `facts` what is known (JSON), `tried` what the assistant did already.

    `hand_over`: the end of this turn puts the customer in the queue; else staff are told and the assistant goes on.
    """

    kind: HandoffKind
    urgency: Risk
    summary: str
    facts: dict[str, Any]
    tried: str | None
    suggested_reply: str | None
    due_at: datetime
    hand_over: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """`new`: there was none. `expected_minutes`: what the customer may be told. `settled`: people dealt with it before the customer came
    back to the assistant, and nothing new was said: nothing was opened, nobody is on the way."""

    handoff: HandoffId
    new: bool
    announcement: Announcement
    effects: tuple[UUID, ...] = ()
    expected_minutes: int | None = None
    settled: bool = False


async def open_for(
    connection: AsyncConnection,
    conversation: UUID,
    *,
    turn: UUID | None,
    kind: HandoffKind,
    urgency: Risk,
    summary: str,
    facts: Mapping[str, Any],
    profile: Profile,
    now: datetime,
    hand_over: bool = False,
    tried: str | None = None,
    suggested_reply: str | None = None,
    due_at: datetime | None = None,
    locale: str | None = None,
    by: Author = ASSISTANT,
) -> Opened:
    """Open the handoff, or add to the one that is unsettled: more facts, more urgency, never less. Safe to repeat and to race.

    `due_at` None: by the hours in which people answer, at once where it is severe. `locale`: the language that the customer writes, where
    it was heard; what the customer reads of the wait is in it.
    `turn` is the one that its caller answers; None where no turn is behind it, and then nobody is handed over. Raises Stale where that
    turn is over: somebody took the conversation, or another gateway answers it. Raises NotFound.
    """
    due = due_at or lines.due(profile, now, urgency)
    said = (_tidy(summary)[:SUMMARY], _tidy(dict(facts)), _tidy(tried), _tidy(suggested_reply))
    call = Call(kind, urgency, *said, due, hand_over)
    async with writing(connection, conversation) as log:
        running = await _running(log, turn)
        known = await records.unsettled(connection, log.id, kind)
        if known is None and running is not None and (settled := await _settled_before(log, running, kind)) is not None:
            return Opened(settled, False, log.announcement, settled=True)
        _raise_risk(log, urgency)
        if locale is not None and lines.language(locale) != lines.language(log.row.locale):
            log.change(locale=locale)
        if known is None:
            handoff, effects = await _open(log, call, running, by)
        else:
            handoff, effects = HandoffId(known.id), await _add(log, known, call, running, by)
    minutes = expected_minutes(profile, now, await measured(connection, profile, now))
    return Opened(handoff, known is None, log.announcement, effects, minutes)


async def _running(log: Writing, turn: UUID | None) -> Any | None:
    """The reply in progress of this turn, or the one that took its place."""
    if turn is None:
        return None
    running = await leases.running_for(log.connection, log.id, turn)
    if running is None or log.row.owner != "ai":
        raise Stale("This reply is over.", owner=log.row.owner, epoch=log.row.epoch)
    return running


async def _settled_before(log: Writing, running: Any, kind: HandoffKind) -> HandoffId | None:
    """The settled handoff of this kind, where the turn answers only what was said before people gave the conversation back."""
    if not log.row.epoch:
        return None
    given_back = await log.connection.scalar(
        select(func.max(ChatEvent.seq)).where(
            ChatEvent.conversation_id == log.id, ChatEvent.kind == "owner_changed", ChatEvent.payload["owner"].astext == "ai"
        )
    )
    if given_back is None or max(running.answers) > given_back:
        return None
    settled = await records.last_settled(log.connection, log.id, kind)
    return HandoffId(settled.id) if settled is not None else None


async def _open(log: Writing, call: Call, running: Any | None, by: Author) -> tuple[HandoffId, tuple[UUID, ...]]:
    handoff = await records.open_handoff(
        log,
        kind=call.kind,
        urgency=call.urgency,
        summary=call.summary,
        due_at=call.due_at,
        by=by,
        facts=call.facts,
        tried=call.tried,
        suggested_reply=call.suggested_reply,
    )
    staff = await _promise_queue(log, handoff, running) if call.hand_over else None
    return handoff, (await calling.tell_staff(log, handoff, call.kind, call.urgency, staff, f"handoff:{handoff}"),)


async def _add(log: Writing, known: Any, call: Call, running: Any | None, by: Author) -> tuple[UUID, ...]:
    """Staff hear of it again where it became more urgent, or the customer will now wait for them."""
    handoff = HandoffId(known.id)
    waits = call.hand_over and running is not None and running.hand_over != handoff
    await records.add_to(log, known, by, _news(known, call))
    if waits:
        await records.wait_anew(log, known, by, call.due_at)
    staff = await _promise_queue(log, handoff, running) if waits and known.claimed_by is None else known.claimed_by
    if waits and known.claimed_by is not None:
        assert running is not None
        await leases.put_in_queue_at_end(log.connection, running.id, handoff)
    urgency = max(known.urgency, call.urgency, key=WEIGHT.__getitem__)
    if urgency != known.urgency:
        return (await calling.tell_staff(log, handoff, call.kind, urgency, staff, f"handoff:{handoff}:{urgency}"),)
    if waits:
        return (await calling.tell_staff(log, handoff, call.kind, urgency, staff, f"handoff:{handoff}:queue:{log.row.epoch}"),)
    return ()


async def _promise_queue(log: Writing, handoff: HandoffId, running: Any | None) -> UUID | None:
    """The end of the turn puts the customer in the queue; whose turn among the staff it is, if turns are taken."""
    if running is None:
        return None
    await leases.put_in_queue_at_end(log.connection, running.id, handoff)
    return await calling.assign_next(log)


def _news(known: Any, call: Call) -> dict[str, Any]:
    """The columns that change: facts grow, what is more urgent or as urgent has the newer words, it is due no later than before."""
    news: dict[str, Any] = {}
    if (facts := {**known.facts, **call.facts}) != known.facts:
        news["facts"] = facts
    if WEIGHT[call.urgency] > WEIGHT[known.urgency]:
        news["urgency"] = call.urgency
    if WEIGHT[call.urgency] >= WEIGHT[known.urgency]:
        given = {"summary": call.summary, "tried": call.tried, "suggested_reply": call.suggested_reply}
        news |= {column: value for column, value in given.items() if value is not None and value != getattr(known, column)}
    if "urgency" in news and call.due_at < known.due_at:
        news["due_at"] = call.due_at
    return news


def _tidy(value: Any) -> Any:
    """What a model may have made up of the values: no database keeps a NUL, no socket half a character, no frame a novel."""
    match value:
        case str():
            return spoken(value)[:LONGEST]
        case dict():
            return {_tidy(str(key)): _tidy(entry) for key, entry in list(value.items())[:MOST_FACTS]}
        case list() | tuple():
            return [_tidy(entry) for entry in list(value)[:MOST_FACTS]]
        case _:
            return value


def _raise_risk(log: Writing, urgency: Risk) -> None:
    if WEIGHT[urgency] > WEIGHT[log.row.risk]:
        log.change(risk=urgency)
