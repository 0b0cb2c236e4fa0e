"""The life of a turn in PostgreSQL: queued, claimed under a lease, restarted, cut, finished. Every write carries the fence.

A gateway that holds a turn's lease writes only while `state = 'running'` and the fence is its own; a claim, a takeover and a stop
lock the conversation's row first, so that exactly one of them ends the turn.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import records, summaries
from business.conversations.flushing import CLOCK, Rows
from business.conversations.log import Announcement, Writing, writing
from business.conversations.records import Recorded
from business.conversations.said import Spoken, for_turn, markers, said_so_far
from business.conversations.whole import Whole, say_whole
from kernel.errors import NotFound
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.tables.ai import ChatMessage, Turn
from kernel.wire.base import MAX_REPLY
from kernel.wire.server import Author, ReplyFinished, ReplyStarted, Restarted

LEASE_SECONDS = 7
VISIBLE_RESTARTS = 2
GATHERED_AT_MOST = 4
"""So many times the pause that texts are gathered for: whoever writes on and on is answered in between."""

FenceHome = Literal["redis", "postgres"]
CutOutcome = Literal["stopped", "taken_over", "failed"]
# Puts the customer in the queue for a handoff, in the transaction that ends the turn, where nobody was quicker.
HandOver = Callable[[Writing, UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn that this process may run. `memory` covers the customer's messages up to `memory_seq`; `history` holds every later one."""

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
    memory: Mapping[str, Any]
    memory_seq: int
    history: tuple[Spoken, ...]
    summary: str = ""  # of what was said up to `summary_seq`
    summary_seq: int = 0
    phone: str | None = None  # by which the customer texts
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
    waiting: bool = True  # False where nothing was left to answer


LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")


async def claim(
    connection: AsyncConnection,
    conversation: UUID,
    runner: str,
    home: FenceHome,
    *,
    gather: timedelta = timedelta(0),
    skip_locked: bool = False,
) -> tuple[Claim | Orphan | None, Announcement | None]:
    """Take the conversation's waiting turn, or one whose lease ran out. None: nothing to do now, or not yet. `gather`: so long after a
    customer's last text more is waited for."""
    try:
        async with writing(connection, conversation, skip_locked=skip_locked) as log:
            found = await _claim(log, runner, home, gather)
        return found, log.announcement if isinstance(found, Claim) else None
    except NotFound:
        return None, None


_OPEN = (
    select(Turn, (Turn.lease_until < func.clock_timestamp()).label("expired"))
    .where(Turn.conversation_id == bindparam("conversation"), Turn.state.in_(("running", "queued")))
    .with_for_update()
)


async def _claim(log: Writing, runner: str, home: FenceHome, gather: timedelta) -> Claim | Orphan | None:
    rows = (await log.connection.execute(_OPEN, {"conversation": log.id})).all()
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
    if queued is None or (gather and log.row.channel == "sms" and await _goes_on(log, queued.id, gather)):
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


async def _goes_on(log: Writing, turn: UUID, gather: timedelta) -> bool:
    """Whether the customer may not be done: phones are written on in pieces, and each would have a text of its own for an answer."""
    lately = (
        select(ChatMessage.id)
        .where(
            ChatMessage.conversation_id == log.id,
            ChatMessage.author_kind == "customer",
            ChatMessage.seq > log.row.claimed_seq,
            ChatMessage.channel == "sms",
            ChatMessage.created_at > func.clock_timestamp() - gather,
        )
        .exists()
    )
    young = select(Turn.id).where(Turn.id == turn, Turn.created_at > func.clock_timestamp() - GATHERED_AT_MOST * gather).exists()
    return bool(await log.connection.scalar(select(lately & young)))


async def start(log: Writing, runner: Runner, message: Spoken) -> Claim:
    """A turn for a message that `log` is about to store, running from the first; the caller knows that no other runs or waits."""
    return begin(log, runner, message, await _history(log))


def begin(log: Writing, runner: Runner, message: Spoken, spoken: Sequence[Spoken]) -> Claim:
    """As `start`, where it is known what was said so far."""
    turn, answers = TurnId(new_id()), (message.seq,)
    log.change(claimed_seq=message.seq)
    _insert_running(log, turn, runner, answers, restarts=0, replaces=None)
    log.add(ReplyStarted(turn=turn, answers=list(answers)))
    claim = _claim_of(log, turn, runner.home, answers, 0, spoken)
    return replace(claim, history=(*claim.history, message))


def _insert_running(
    log: Writing,
    turn: TurnId,
    runner: Runner,
    answers: Sequence[int],
    *,
    restarts: int,
    replaces: UUID | None,
    hand_over: UUID | None = None,
) -> None:
    row = {
        "id": turn,
        "conversation_id": log.id,
        "state": "running",
        "fence": 1,
        "fence_home": runner.home,
        "runner": runner.process,
        "answers": list(answers),
        "restarts": restarts,
        "replaces": replaces,
        "hand_over": hand_over,
    }
    log.insert(Rows(Turn, [row], {"lease_until": LEASE, "started_at": CLOCK}))


async def _claimed(log: Writing, turn: TurnId, home: FenceHome, answers: Sequence[int], restarts: int) -> Claim:
    return _claim_of(log, turn, home, answers, restarts, await _history(log))


async def _history(log: Writing) -> tuple[Spoken, ...]:
    spoken = await said_so_far(log.connection, log.id, log.row.memory_seq)
    # Most conversations never change hands: those cost nothing here.
    owners = await markers(log.connection, log.id, spoken[0].seq if spoken else 0) if log.row.epoch else ()
    return *spoken, *owners


def _claim_of(log: Writing, turn: TurnId, home: FenceHome, answers: Sequence[int], restarts: int, spoken: Sequence[Spoken]) -> Claim:
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
        memory=log.row.memory,
        memory_seq=log.row.memory_seq,
        history=for_turn(spoken, answers),
        summary=log.row.summary,
        summary_seq=log.row.summary_seq,
        phone=log.row.phone,
    )


async def _unanswered(log: Writing) -> tuple[int, ...]:
    return tuple(await log.connection.scalars(_UNANSWERED, {"conversation": log.id, "claimed": log.row.claimed_seq}))


_UNANSWERED = (
    select(ChatMessage.seq)
    .where(
        ChatMessage.conversation_id == bindparam("conversation"),
        ChatMessage.author_kind == "customer",
        ChatMessage.seq > bindparam("claimed"),
    )
    .order_by(ChatMessage.seq)
)


async def _restart(log: Writing, running: Any, runner: str, home: FenceHome, *, visible: bool, answers: Sequence[int] | None) -> Claim:
    """End `running` as replaced and start the turn that takes its place (the waiting one, where messages came meanwhile), with what
    `running` was to do at its end."""
    wanted = tuple(answers if answers is not None else running.answers)
    await log.connection.execute(
        update(Turn)
        .where(Turn.id == running.id)
        .values(state="done", outcome="replaced", lease_until=None, finished_at=func.clock_timestamp())
    )
    turn = TurnId(new_id())
    restarts = running.restarts + (1 if visible else 0)
    taking_over = Runner(runner, home)
    _insert_running(log, turn, taking_over, wanted, restarts=restarts, replaces=running.id, hand_over=running.hand_over)
    log.add(Restarted(turn=turn, replaces=running.id, answers=list(wanted)))
    return await _claimed(log, turn, home, wanted, restarts)


async def held(log: Writing, turn: TurnId, fence: int) -> Any | None:
    """The running turn, locked, where this fence still holds it and the AI may go on; else None."""
    if log.row.owner != "ai":
        return None
    return (await log.connection.execute(_RUNNING, {"turn": turn, "fence": fence})).one_or_none()


_RUNNING = (
    select(Turn)
    .where(Turn.id == bindparam("turn"), Turn.state == "running", Turn.fence == bindparam("fence"), Turn.stop_requested.is_(False))
    .with_for_update()
)


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
    agent: str | None,
    model: str,
    sources: list[dict[str, Any]],
    memory: Mapping[str, Any] | None,
    hand_over: HandOver,
    record: Recorded | None = None,
    summarise: int | None = None,
) -> Ended | None:
    """The reply is whole: store it and end the turn, in one transaction. None: refused by the fence, the owner or a stop.

    With a reply its `memory` is kept, as covering what the turn answered. None keeps the one that is there. With a reply its `record`
    is kept, too, and who is to answer it again. `summarise`: up to which message the conversation is to be summed up.
    """
    async with writing(connection, conversation) as log:
        running = await held(log, turn, fence)
        if running is None:
            return None
        outcome = say_whole(log, turn, running.answers, Whole(said, name, agent, model, sources, memory))
        await _done(log, turn, outcome, len(said))
        waiting = bool(await _unanswered(log))
        if not waiting:
            log.change(waiting_since=None)
        await _hand_over(log, running, hand_over)
        if said and record is not None:
            await records.keep(connection, log.id, turn, said[:MAX_REPLY], record)
        if said and summarise is not None:
            await summaries.want(connection, log.id, summarise)
    return Ended(turn, len(said), outcome, log.announcement, waiting)


async def end_cut(
    connection: AsyncConnection,
    conversation: UUID,
    turn: TurnId,
    outcome: CutOutcome,
    said: str | None,
    name: str,
    hand_over: HandOver,
) -> Ended:
    """End a cut turn with the text that went out (None: its last checkpoint). Safe to repeat: the first end stands.

    What it left for the next turn is not kept: nobody knows what of it the customer has read.
    """
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
        await _hand_over(log, row, hand_over)
    return Ended(turn, len(words), outcome, log.announcement)


async def _hand_over(log: Writing, turn: Any, hand_over: HandOver) -> None:
    """What was read last is the reply; nothing of the AI follows."""
    if turn.hand_over is not None and log.row.owner == "ai":
        await hand_over(log, turn.hand_over)


async def _done(log: Writing, turn: TurnId, outcome: str, at: int) -> None:
    await log.connection.execute(_DONE, {"turn": turn, "how": outcome, "at": at})


_DONE = (
    update(Turn)
    .where(Turn.id == bindparam("turn"))
    .values(state="done", outcome=bindparam("how"), lease_until=None, cut_at=bindparam("at"), finished_at=func.clock_timestamp())
)
