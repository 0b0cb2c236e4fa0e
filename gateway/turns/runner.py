"""Runs turns: claims them under a lease, hands them to the agents, lets their tokens go, stores the reply.

A customer who leaves does not end a reply; a stop and a takeover do, through the fence. Any gateway claims what waits, or what a
lost gateway left behind.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, assert_never
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.events import TurnEvent, TurnFinished, TurnRestarted, TurnStage, TurnText, TurnWritten
from agents.recording import Recorder
from agents.turn import TurnRequest, request_of
from business.conversations import leases, turns
from business.conversations.turns import Claim, FenceHome, HandOver, Orphan, Runner
from gateway.turns.cut import Cutter
from gateway.turns.frames import Frames
from gateway.turns.reply import Reply
from gateway.turns.storing import Storing
from gateway.turns.ticker import Outlet, Ticker
from kernel.bus import Bus
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.pulse import Pulse

log = structlog.get_logger(__name__)
T = TypeVar("T")

RENEW_EVERY = 1.0
SWEEP_EVERY = 2.0
FULL_SECONDS = 3.0  # so long the agents may take to end a reply that holds no more

Answer = Callable[[TurnRequest], AsyncGenerator[TurnEvent, None]]


@dataclass(frozen=True, slots=True)
class Voice:
    """How replies are signed, and the language where the customer's is not known."""

    name: str
    locale: Callable[[], str]


class TurnRunner:
    """The turns of one process."""

    def __init__(
        self,
        process: str,
        database: Database,
        bus: Bus,
        frames: Frames,
        outlet: Outlet,
        answer: Answer,
        voice: Voice,
        clock: Clock,
        hand_over: HandOver,
        recorder: Recorder | None = None,
        pulse: Pulse | None = None,
        gather: timedelta = timedelta(0),
    ) -> None:
        """`recorder`: makes what is kept of a turn for shadows; None: nothing is. `pulse`: the beat at which replies leave. `gather`: so
        long after somebody's last text more is waited for."""
        self._process = process
        self._database = database
        self._bus = bus
        self._frames = frames
        self._outlet = outlet
        self._answer = answer
        self._voice = voice
        self._clock = clock
        self._gather = gather
        self._storing = Storing(database, self._insist, voice.name, hand_over, recorder)
        self._replies: dict[UUID, Reply] = {}
        self._claiming: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._draining = False
        self.ticker = Ticker(frames, database, outlet, self._replies.values, pulse or Pulse())
        self.cutter = Cutter(database, frames, bus, outlet, self.by_turn, voice.name, hand_over)

    @property
    def running(self) -> int:
        """How many replies are being written here."""
        return len(self._replies)

    def by_turn(self, turn: UUID) -> Reply | None:
        """The reply of a turn that runs here."""
        return next((reply for reply in self._replies.values() if reply.turn == turn), None)

    def in_conversation(self, conversation: UUID) -> Reply | None:
        """The reply that is being written here in a conversation."""
        return self._replies.get(conversation)

    def wake(self, conversation: UUID) -> None:
        """Something was said, or given back: run its turn, or let the running one see it while nothing is shown yet."""
        reply = self._replies.get(conversation)
        if reply is not None and not reply.visible and not reply.refused:
            reply.replace()
        elif conversation in self._claiming:
            self._again.add(conversation)
        elif not self._draining:
            self._start(conversation, skip_locked=False)

    @property
    def offer(self) -> Runner | None:
        """For whoever stores a message: this process would run its turn at once. None while it drains."""
        return None if self._draining else Runner(self._process, self._home)

    @property
    def _home(self) -> FenceHome:
        return "redis" if self._bus.up else "postgres"

    def run(self, claim: Claim) -> None:
        """Run a turn that was claimed together with its message."""
        self._launch(claim.conversation, self._run_claimed(claim))

    def cut(self, turn: UUID) -> None:
        """Another gateway cut a turn that runs here."""
        if (reply := self.by_turn(turn)) is not None:
            reply.refuse()

    def _start(self, conversation: UUID, *, skip_locked: bool) -> None:
        self._launch(conversation, self._run_all(conversation, skip_locked))

    def _launch(self, conversation: UUID, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"turn:{conversation}")
        self._claiming[conversation] = task
        task.add_done_callback(lambda done: self._ended(conversation, done))

    def _ended(self, conversation: UUID, task: asyncio.Task[None]) -> None:
        # A search that found the conversation's row held may end after the turn that held it has begun here.
        if self._claiming.get(conversation) is task:
            del self._claiming[conversation]
        if not task.cancelled() and (error := task.exception()) is not None:
            # What it left running is found by the sweep of some gateway when its lease is over.
            log.error("turn.runner_failed", exc_info=error)
        if conversation in self._again and not self._draining:
            self._start(conversation, skip_locked=False)

    async def _run_claimed(self, claim: Claim) -> None:
        if await self._run(claim) or claim.conversation in self._again:
            await self._run_all(claim.conversation, skip_locked=False)

    async def _run_all(self, conversation: UUID, skip_locked: bool) -> None:
        """Claim and run until nothing waits."""
        while not self._draining:
            self._again.discard(conversation)
            found = await self._claim(conversation, skip_locked)
            match found:
                case None:
                    if conversation not in self._again:
                        return
                case Orphan():
                    await self.cutter.end_lost(conversation, found.turn, found.outcome)
                case Claim():
                    if not await self._run(found) and conversation not in self._again:
                        return
                case _:
                    assert_never(found)

    async def _claim(self, conversation: UUID, skip_locked: bool) -> Claim | Orphan | None:
        home = self._home
        try:
            found, announcement = await self._database.unit(
                lambda c: turns.claim(c, conversation, self._process, home, gather=self._gather, skip_locked=skip_locked)
            )
        except (Unavailable, IntegrityError) as error:
            # The sweep comes back to it; a unique violation means that another gateway was first.
            log.info("turn.claim_later", cause=type(error).__name__)
            return None
        if announcement is not None:
            await self._outlet.announce(announcement)
        return found

    async def _run(self, claim: Claim) -> bool:
        """False where it is known that nothing was left to answer."""
        reply = Reply(claim, claim.home if self._bus.up else "postgres")
        self._replies[claim.conversation] = reply
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(turn=str(claim.turn), conversation=str(claim.conversation)):
            try:
                await self._outlet.follow(claim.conversation)
                if claim.lost is not None:
                    await self._frames.cut(claim.lost)
                await self._write(reply)
            finally:
                # Whoever read the end may have asked again, and be answered already.
                if self._replies.get(claim.conversation) is reply:
                    del self._replies[claim.conversation]
                await self._outlet.unfollow(claim.conversation)
                log.info("turn.ended", characters=len(reply.said), ms=round(1000 * (time.monotonic() - started)))
        return reply.waiting

    async def _write(self, reply: Reply) -> None:
        """Generate, as often as newer messages come before the first token, and store the end."""
        while True:
            finished: list[TurnFinished] = []
            failed = False
            if not reply.refused and not reply.replaced:
                reply.generation = asyncio.create_task(self._generate(reply, finished))
                try:
                    # The agents work meanwhile; nothing leaves before the entry stands.
                    await self._begin(reply)
                    await reply.generation
                except asyncio.CancelledError:
                    reply.generation.cancel()
                    if not (reply.refused or reply.replaced):
                        raise
                except Exception:
                    # The agents promise never to raise; if they do, the customer reads what was said so far.
                    log.exception("turn.agents_raised")
                    failed = True
            if reply.replaced and not reply.refused and await self._include_newer(reply):
                continue
            if failed:
                await reply.idle.wait()
                await self.cutter.end(reply.conversation, reply.turn, "failed", reply.said)
                return
            await reply.idle.wait()
            if not reply.refused and finished and await self._finish(reply, finished[0]):
                return
            await self.cutter.end_refused(reply)
            return

    async def _begin(self, reply: Reply) -> None:
        """The turn's entry must stand before its first token leaves."""
        if reply.home == "postgres":
            # Claimed while Redis was thought to be up: the cut must be decided where we say it is.
            self.ticker.mend(reply, "away")
            return
        verdict = await self._frames.begin(reply.turn)
        if verdict == "refused":
            reply.refuse()
        elif verdict == "away":
            self.ticker.mend(reply, "away")
        elif not reply.fresh:
            # This process stood still since the claim: the turn may have been cut, and Redis have forgotten it. PostgreSQL knows.
            self.ticker.mend(reply, "missing")
        else:
            reply.held = reply.replaced
            if reply.pending:
                self.ticker.urge()

    async def _generate(self, reply: Reply, finished: list[TurnFinished]) -> None:
        async with aclosing(self._answer(request_of(reply.claim, self._voice.locale(), self._clock()))) as events:
            try:
                async with asyncio.timeout(None) as patience:
                    async for event in events:
                        if await self._take(reply, event, finished):
                            return
                        if not reply.full:
                            patience.reschedule(None)
                        elif patience.when() is None:
                            patience.reschedule(asyncio.get_running_loop().time() + FULL_SECONDS)
            except TimeoutError:
                if not patience.expired():
                    raise
                finished.append(TurnFinished(agent=""))

    async def _take(self, reply: Reply, event: TurnEvent, finished: list[TurnFinished]) -> bool:
        """What the agents gave; True where there is to be no more."""
        match event:
            case TurnText(text):
                if reply.add(text):
                    self.ticker.urge()
            case TurnStage(text):
                await self._outlet.stage(reply.conversation, reply.turn, text)
            case TurnWritten():
                await self._outlet.written(event)
            case TurnRestarted():
                await self._restart(reply)
            case TurnFinished():
                finished.append(event)
                return True
            case _:
                assert_never(event)
        return reply.refused or reply.replaced

    async def _restart(self, reply: Reply) -> None:
        """What was shown is void. The generator goes on; its next text is position 0 of a new turn."""
        if not reply.visible:
            reply.pending = ""
            reply.idle.set()
            return
        reply.held = True
        reply.pending = ""
        reply.moving = True
        old = reply.turn
        done = await self._insist(lambda c: turns.restart(c, reply.conversation, old, reply.fence, self._process, reply.home))
        if done is None:
            reply.refuse()
            return
        claim, announcement = done
        generation = reply.generation
        reply.begin(claim)
        reply.generation = generation
        await self._frames.cut(old)
        await self._outlet.announce(announcement)
        await self._begin(reply)

    async def _insist(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run a unit again until PostgreSQL takes it; the fence says whether it is still ours to do."""
        while True:
            try:
                return await self._database.unit(work)
            except Unavailable:
                log.warning("turn.waits_for_database")
                await asyncio.sleep(0.5)

    async def _include_newer(self, reply: Reply) -> bool:
        """Replace the reply's turn by one that sees every message. True where it goes on."""
        reply.moving = True
        old = reply.turn
        done = await self._insist(lambda c: turns.include_newer(c, reply.conversation, old, reply.fence, self._process, reply.home))
        if done is not None:
            claim, announcement = done
            reply.begin(claim)
            await self._frames.cut(old)
            await self._outlet.announce(announcement)
            return True
        if not await self._insist(lambda c: leases.still_held(c, reply.conversation, old, reply.fence)):
            reply.refuse()
            return False
        reply.begin(reply.claim)
        return True

    async def _finish(self, reply: Reply, finished: TurnFinished) -> bool:
        """Store the whole reply; False where the fence refused it."""
        reply.moving = True
        ended = await self._storing.whole(reply, finished)
        if ended is None or ended.announcement is None:
            return False
        reply.waiting = ended.waiting
        await self._outlet.announce(ended.announcement)
        return True

    async def renew(self) -> None:
        """Renew the leases of all replies and store their checkpoints, until cancelled; a refused one stops."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            replies = [reply for reply in self._replies.values() if not reply.refused]
            if not replies:
                continue
            asked_at = time.monotonic()
            held = [(reply.turn, reply.fence, reply.said) for reply in replies]
            try:
                renewed = await self._database.unit(lambda c, held=held: leases.renew(c, held))  # type: ignore[misc]
            except Unavailable:
                continue
            for reply, (turn, _, _) in zip(replies, held, strict=True):
                if turn in renewed:
                    reply.renewed(asked_at)
                elif (reply.turn == turn and not reply.idle.is_set()) or (reply.turn == turn and self._generating(reply)):
                    reply.refuse()

    @staticmethod
    def _generating(reply: Reply) -> bool:
        return reply.generation is not None and not reply.generation.done()

    async def sweep(self) -> None:
        """Find turns that wait for a gateway, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            with suppress(Unavailable):
                async with self._database.transaction() as connection:
                    waiting = await leases.claimable(connection)
                for conversation in waiting:
                    if conversation not in self._claiming and conversation not in self._replies and not self._draining:
                        self._start(conversation, skip_locked=True)

    async def drain(self, patience: float) -> None:
        """Take no more turns; let the running ones end, or leave them to another gateway at once."""
        self._draining = True
        deadline = time.monotonic() + patience
        while self._claiming and time.monotonic() < deadline:
            await asyncio.wait(list(self._claiming.values()), timeout=max(0.0, deadline - time.monotonic()))
        left = [reply.turn for reply in self._replies.values()]
        for task in list(self._claiming.values()):
            task.cancel()
        if self._claiming:
            await asyncio.wait(list(self._claiming.values()), timeout=2)
        if left:
            with suppress(Unavailable):
                await self._database.unit(lambda c: leases.release(c, left))
