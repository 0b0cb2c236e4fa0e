"""One ticker per process: every 40 ms all replies with something to say leave in one fenced call; a first token at once.

Where Redis is away a reply moves its fence to PostgreSQL and goes on under its lease, for the sockets of this process.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol
from uuid import UUID

import structlog

from agents.events import TurnWritten
from business.conversations import leases
from business.conversations.log import Announcement
from gateway.turns.frames import Frame, Frames, Verdict
from gateway.turns.reply import Reply
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.pulse import Pulse

log = structlog.get_logger(__name__)

TICK = 0.04
# While a tick takes long the next one comes later, and takes more along: what a tick costs hardly depends on how much leaves with it.
BUSY_TICK = 0.05
BUSY_AT = TICK / 4


class Outlet(Protocol):
    """Where replies go: the sockets of this process, and the other gateways."""

    def delta(self, frame: Frame) -> None:
        """Characters for whoever watches here; they were appended, or are licensed by the lease."""

    async def stage(self, conversation: UUID, turn: UUID, text: str) -> None:
        """What is being done right now; for everyone who watches, anywhere."""

    async def announce(self, announcement: Announcement) -> None:
        """The logs have grown: deliver here, tell the others."""

    async def written(self, written: TurnWritten) -> None:
        """A tool wrote durable events: announce them, wake who is to act on them."""

    async def follow(self, conversation: UUID) -> None:
        """This process runs a turn here: it wants to hear of messages and cuts."""

    async def unfollow(self, conversation: UUID) -> None:
        """It no longer does."""


class Ticker:
    """Moves what replies have pending to the sockets, through the fence."""

    def __init__(self, frames: Frames, database: Database, outlet: Outlet, replies: Callable[[], Iterable[Reply]], pulse: Pulse) -> None:
        """`pulse`: beats before what has come leaves."""
        self._frames = frames
        self._pulse = pulse
        self._database = database
        self._outlet = outlet
        self._replies = replies
        self._urgent = asyncio.Event()
        self._mending: dict[UUID, asyncio.Task[None]] = {}

    def urge(self) -> None:
        """A first token waits."""
        self._urgent.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._run()
        finally:
            self._pulse.rest()

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        due, took = now(), 0.0
        while True:
            if not any(self._replies()):
                self._pulse.rest()
                await self._urgent.wait()
                due = now() + TICK
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._urgent.wait()
            if self._urgent.is_set():
                self._urgent.clear()
                await self.flush(begun=False)
            if now() >= due:
                began, tick = now(), TICK if took < BUSY_AT else BUSY_TICK
                due = max(due + tick, began + tick / 2)
                self._pulse.beat()
                await asyncio.sleep(0)
                await self.flush()
                took = now() - began

    async def flush(self, *, begun: bool = True) -> None:
        """Everything that waits leaves now, or is kept for the next tick. `begun`: False where only first tokens leave."""
        fenced: list[tuple[Reply, Frame]] = []
        for reply in list(self._replies()):
            if reply.said and not begun:
                continue
            if reply.home == "postgres":
                self._leave_under_lease(reply)
            elif (frame := reply.next_frame()) is not None:
                fenced.append((reply, frame))
        if not fenced:
            return
        verdicts = await self._frames.append([frame for _, frame in fenced])
        for (reply, frame), verdict in zip(fenced, verdicts, strict=True):
            self._settle(reply, frame, verdict)

    def _settle(self, reply: Reply, frame: Frame, verdict: Verdict) -> None:
        if frame.turn != reply.turn:
            return  # the reply started again meanwhile; the frame's turn is over
        if verdict == "appended":
            reply.sent()
            self._outlet.delta(frame)
            return
        reply.kept()
        if verdict == "refused":
            reply.refuse()
        elif verdict != "late":
            self.mend(reply, verdict)

    def _leave_under_lease(self, reply: Reply) -> None:
        if reply.leased and (frame := reply.next_frame()) is not None:
            reply.sent()
            self._outlet.delta(frame)

    def mend(self, reply: Reply, verdict: Verdict) -> None:
        """Hold the reply until PostgreSQL has said whether, and where, it goes on."""
        reply.held = True
        task = asyncio.create_task(self._mend(reply, verdict))
        self._mending[reply.turn] = task
        task.add_done_callback(lambda _: self._mending.pop(reply.turn, None))

    async def _mend(self, reply: Reply, verdict: Verdict) -> None:
        turn = reply.turn
        while not reply.refused and reply.turn == turn:
            try:
                if verdict == "missing":
                    verdict = await self._restore(reply)
                else:
                    moved = await self._database.unit(
                        lambda c: leases.move_fence_home(c, reply.conversation, turn, reply.fence, reply.said)
                    )
                    if not moved:
                        reply.refuse()
                        return
                    reply.home = "postgres"
                    verdict = "appended"
            except Unavailable:
                await asyncio.sleep(0.5)
                continue
            if verdict == "appended":
                reply.held = False
                return
            if verdict == "refused":
                reply.refuse()
                return

    async def _restore(self, reply: Reply) -> Verdict:
        """Redis lost the entry. PostgreSQL knows whether a takeover or a stop came meanwhile; asked again once the entry stands,
        for Redis may have lost a cut that came in between."""
        turn, fence = reply.turn, reply.fence

        async def held() -> bool:
            return await self._database.unit(lambda c: leases.still_held(c, reply.conversation, turn, fence))

        if not await held():
            return "refused"
        log.warning("turn.entry_restored")
        verdict = await self._frames.restore(turn, reply.said)
        return verdict if verdict != "appended" or await held() else "refused"
