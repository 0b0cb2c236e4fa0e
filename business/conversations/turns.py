"""The life of a turn in PostgreSQL: queued, claimed under a lease, restarted, cut, finished. Every write carries the fence.

A gateway that holds a turn's lease writes only while `state = 'running'` and the fence is its own; a claim, a takeover and a stop
lock the conversation's row first, so that exactly one of them ends the turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import distinct, func, insert, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, Writing, writing
from kernel.errors import NotFound
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.tables.ai import ChatMessage, Turn, Upload
from kernel.wire.base import MAX_REPLY
from kernel.wire.server import Author, ReplyFinished, ReplyStarted, Restarted

LEASE_SECONDS = 7
HISTORY_MESSAGES = 40
VISIBLE_RESTARTS = 2

FenceHome = Literal["redis", "postgres"]
CutOutcome = Literal["stopped", "taken_over", "failed"]
WORDLESS = "(sent a file without a word)"  # what a model reads of it


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of the conversation so far, for the agents."""

    author: str
    text: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn that this process may run."""

    turn: TurnId
    conversation: ConversationId
    fence: int
    home: FenceHome
    answers: tuple[int, ...]
    restarts: int
    site: SiteId
    customer: CustomerId
    channel: str
    locale: str | None
    history: tuple[Spoken, ...]
    lost: TurnId | None = None  # the turn of a gateway that went away, which this one replaces


@dataclass(frozen=True, slots=True)
class Runner:
    """A process that offers to run a turn, and where it would keep the fence."""

    process: str
    home: FenceHome


@dataclass(frozen=True, slots=True)
class Orphan:
    """A turn whose gateway went away and that must not be answered again: it ends where it is."""

    turn: TurnId
    conversation: ConversationId
    outcome: CutOutcome


@dataclass(frozen=True, slots=True)
class Ended:
    """How a turn ended. `at`: the position of its last character."""

    turn: TurnId
    at: int
    outcome: str
    announcement: Announcement | None


LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")


async def claim(
    connection: AsyncConnection, conversation: UUID, runner: str, home: FenceHome, *, skip_locked: bool = False
) -> tuple[Claim | Orphan | None, Announcement | None]:
    """Take the conversation's waiting turn, or one whose lease ran out. None: nothing to do now, or not yet."""
    try:
        async with writing(connection, conversation, skip_locked=skip_locked) as log:
            found = await _claim(log, runner, home)
        return found, log.announcement if isinstance(found, Claim) else None
    except NotFound:
        return None, None


async def _claim(log: Writing, runner: str, home: FenceHome) -> Claim | Orphan | None:
    rows = (
        await log.connection.execute(
            select(Turn, (Turn.lease_until < func.clock_timestamp()).label("expired"))
            .where(Turn.conversation_id == log.id, Turn.state.in_(("running", "queued")))
            .with_for_update()
        )
    ).all()
    running = next((row for row in rows if row.state == "running"), None)
    queued = next((row for row in rows if row.state == "queued"), None)
    if running is not None:
        if not running.expired:
            return None
        if log.row.owner != "ai" or running.stop_requested or running.restarts >= VISIBLE_RESTARTS:
            outcome: CutOutcome = "stopped" if running.stop_requested else "taken_over"
            if log.row.owner == "ai" and not running.stop_requested:
                outcome = "failed"
            return Orphan(TurnId(running.id), log.id, outcome)
        restarted = await _restart(log, running, runner, home, visible=True, answers=None)
        return replace(restarted, lost=TurnId(running.id))
    if queued is None:
        return None
    answers = await _unanswered(log)
    if log.row.owner != "ai" or not answers:
        await log.connection.execute(
            update(Turn).where(Turn.id == queued.id).values(state="done", outcome="dropped", finished_at=func.clock_timestamp())
        )
        return None
    log.change(claimed_seq=answers[-1])
    await log.connection.execute(
        update(Turn)
        .where(Turn.id == queued.id)
        .values(
            state="running",
            fence=1,
            fence_home=home,
            runner=runner,
            lease_until=LEASE,
            answers=list(answers),
            started_at=func.clock_timestamp(),
        )
    )
    log.add(ReplyStarted(turn=queued.id, answers=list(answers)))
    return await _claimed(log, TurnId(queued.id), home, answers, 0)


async def start(log: Writing, runner: Runner, message: Spoken) -> Claim:
    """A turn for a message that `log` is about to store, running from the first; the caller knows that no other runs or waits."""
    turn, answers = TurnId(new_id()), (message.seq,)
    log.change(claimed_seq=message.seq)
    await _insert_running(log, turn, runner, answers, restarts=0, replaces=None)
    log.add(ReplyStarted(turn=turn, answers=list(answers)))
    claim = await _claimed(log, turn, runner.home, answers, 0)
    return replace(claim, history=(*claim.history, message)[-HISTORY_MESSAGES:])


async def _insert_running(
    log: Writing, turn: TurnId, runner: Runner, answers: Sequence[int], *, restarts: int, replaces: UUID | None
) -> None:
    await log.connection.execute(
        insert(Turn).values(
            id=turn,
            conversation_id=log.id,
            state="running",
            fence=1,
            fence_home=runner.home,
            runner=runner.process,
            lease_until=LEASE,
            answers=list(answers),
            restarts=restarts,
            replaces=replaces,
            started_at=func.clock_timestamp(),
        )
    )


async def _claimed(log: Writing, turn: TurnId, home: FenceHome, answers: Sequence[int], restarts: int) -> Claim:
    spoken = await said_so_far(log.connection, log.id)
    return Claim(
        turn=turn,
        conversation=log.id,
        fence=1,
        home=home,
        answers=tuple(answers),
        restarts=restarts,
        site=SiteId(log.row.site_id),
        customer=CustomerId(log.row.customer_id),
        channel=log.row.channel,
        locale=log.row.locale,
        history=spoken,
    )


async def said_so_far(connection: AsyncConnection, conversation: UUID) -> tuple[Spoken, ...]:
    """The newest messages, oldest first, as a model is to read them: of files it reads the kind, for a number in a name misleads."""
    kinds = func.string_agg(distinct(Upload.type), literal_column("' '"))
    files = select(kinds).where(Upload.message_id == ChatMessage.id).scalar_subquery()
    rows = (
        await connection.execute(
            select(ChatMessage.author_kind, ChatMessage.text, ChatMessage.created_at, ChatMessage.seq, files.label("files"))
            .where(ChatMessage.conversation_id == conversation)
            .order_by(ChatMessage.seq.desc())
            .limit(HISTORY_MESSAGES)
        )
    ).all()
    return tuple(Spoken(row.author_kind, _as_read(row.text, row.files), row.created_at, row.seq) for row in reversed(rows))


def _as_read(text: str, files: str | None) -> str:
    return f"{text or WORDLESS}\n[{files}]" if files else text or WORDLESS


async def _unanswered(log: Writing) -> tuple[int, ...]:
    rows = await log.connection.scalars(
        select(ChatMessage.seq)
        .where(
            ChatMessage.conversation_id == log.id,
            ChatMessage.author_kind == "customer",
            ChatMessage.seq > log.row.claimed_seq,
        )
        .order_by(ChatMessage.seq)
    )
    return tuple(rows)


async def _restart(log: Writing, running: Any, runner: str, home: FenceHome, *, visible: bool, answers: Sequence[int] | None) -> Claim:
    """End `running` as replaced and start the turn that takes its place (the waiting one, where messages came meanwhile)."""
    wanted = tuple(answers if answers is not None else running.answers)
    await log.connection.execute(
        update(Turn)
        .where(Turn.id == running.id)
        .values(state="done", outcome="replaced", lease_until=None, finished_at=func.clock_timestamp())
    )
    turn = TurnId(new_id())
    restarts = running.restarts + (1 if visible else 0)
    await _insert_running(log, turn, Runner(runner, home), wanted, restarts=restarts, replaces=running.id)
    log.add(Restarted(turn=turn, replaces=running.id, answers=list(wanted)))
    return await _claimed(log, turn, home, wanted, restarts)


async def held(log: Writing, turn: TurnId, fence: int) -> Any | None:
    """The running turn, locked, where this fence still holds it and the AI may go on; else None."""
    if log.row.owner != "ai":
        return None
    return (
        await log.connection.execute(
            select(Turn)
            .where(Turn.id == turn, Turn.state == "running", Turn.fence == fence, Turn.stop_requested.is_(False))
            .with_for_update()
        )
    ).one_or_none()


async def restart(
    connection: AsyncConnection, conversation: UUID, turn: TurnId, fence: int, runner: str, home: FenceHome
) -> tuple[Claim, Announcement] | None:
    """What was shown of `turn` is void: replace it with a new turn for the same messages. None: refused by the fence."""
    async with writing(connection, conversation) as log:
        running = await held(log, turn, fence)
        if running is None:
            return None
        claimed = await _restart(log, running, runner, home, visible=True, answers=None)
    return claimed, log.announcement


async def include_newer(
    connection: AsyncConnection, conversation: UUID, turn: TurnId, fence: int, runner: str, home: FenceHome
) -> tuple[Claim, Announcement] | None:
    """Nothing was shown of `turn` yet and more was said: replace it with one that sees it all. None: refused, or nothing new."""
    async with writing(connection, conversation) as log:
        running = await held(log, turn, fence)
        newer = await _unanswered(log)
        if running is None or not newer:
            return None
        log.change(claimed_seq=newer[-1])
        await connection.execute(
            update(Turn)
            .where(Turn.conversation_id == conversation, Turn.state == "queued")
            .values(state="done", outcome="dropped", finished_at=func.clock_timestamp())
        )
        claimed = await _restart(log, running, runner, home, visible=False, answers=(*running.answers, *newer))
    return claimed, log.announcement


async def finish(
    connection: AsyncConnection,
    conversation: UUID,
    turn: TurnId,
    fence: int,
    *,
    said: str,
    name: str,
    agent: str,
    model: str,
    sources: list[dict[str, Any]],
) -> Ended | None:
    """The reply is whole: store it and end the turn, in one transaction. None: refused by the fence, the owner or a stop."""
    async with writing(connection, conversation) as log:
        running = await held(log, turn, fence)
        if running is None:
            return None
        message = None
        if said:
            message, _ = log.say(
                Author(kind="ai", name=name),
                said[:MAX_REPLY],
                format="markdown",
                turn=turn,
                agent=agent,
                model=model,
                sources=sources,
            )
        outcome: Literal["complete", "failed"] = "complete" if said else "failed"
        log.add(ReplyFinished(turn=turn, outcome=outcome, message=message))
        await _done(log, turn, outcome, len(said))
        if not await _unanswered(log):
            log.change(waiting_since=None)
    return Ended(turn, len(said), outcome, log.announcement)


async def end_cut(connection: AsyncConnection, conversation: UUID, turn: TurnId, outcome: CutOutcome, said: str | None, name: str) -> Ended:
    """End a cut turn with the text that went out (None: its last checkpoint). Safe to repeat: the first end stands."""
    async with writing(connection, conversation) as log:
        row = (await connection.execute(select(Turn).where(Turn.id == turn).with_for_update())).one()
        if row.state == "done":
            return Ended(turn, row.cut_at or 0, row.outcome, None)
        outcome = "stopped" if row.stop_requested else outcome
        words = (row.partial if said is None else said)[:MAX_REPLY]
        message = None
        if words:
            message, _ = log.say(Author(kind="ai", name=name), words, format="markdown", turn=turn, interrupted=True)
        log.add(ReplyFinished(turn=turn, outcome=outcome, message=message))
        await _done(log, turn, outcome, len(words))
        if outcome == "stopped" and not await _unanswered(log):
            log.change(waiting_since=None)
    return Ended(turn, len(words), outcome, log.announcement)


async def _done(log: Writing, turn: TurnId, outcome: str, at: int) -> None:
    await log.connection.execute(
        update(Turn)
        .where(Turn.id == turn)
        .values(state="done", outcome=outcome, lease_until=None, cut_at=at, finished_at=func.clock_timestamp())
    )
