"""Cutting a reply: a takeover, a stop, a wish for a person. Afterwards its last character is known and nothing follows it."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from business.conversations import leases, turns
from business.conversations.turns import CutOutcome, Ended, HandOver
from gateway.turns.frames import Frames, Shown
from gateway.turns.reply import Reply
from gateway.turns.ticker import Outlet
from kernel import rooms
from kernel.bus import Bus
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import TurnId

log = structlog.get_logger(__name__)

PATIENCE = turns.LEASE_SECONDS + 1.0


class Cutter:
    """Ends replies wherever they run."""

    def __init__(
        self,
        database: Database,
        frames: Frames,
        bus: Bus,
        outlet: Outlet,
        local: Callable[[UUID], Reply | None],
        name: str,
        hand_over: HandOver,
    ) -> None:
        self._database = database
        self._frames = frames
        self._bus = bus
        self._outlet = outlet
        self._local = local
        self._name = name
        self._hand_over = hand_over

    async def cut(self, conversation: UUID, turn: UUID, home: str, outcome: CutOutcome) -> Ended:
        """End a running turn at its last character. The owner was changed, or the stop stored, before.

        Through Redis where the turn's fence is there and its position is known; else PostgreSQL's fence is moved and the runner,
        refused at its next renewal, ends the turn itself, or its lease runs out: at most 8 s.
        """
        shown = await self._frames.cut(turn) if home == "redis" else None
        reply = self._local(turn)
        if isinstance(shown, Shown):
            if reply is not None:
                reply.refuse()
            else:
                await self._bus.publish(rooms.conversation(conversation), {"k": "cut", "u": str(turn)})
            return await self.end(conversation, turn, outcome, shown.text)
        await self._database.unit(lambda c: leases.bump_fence(c, turn))
        if reply is not None:
            reply.refuse()
        else:
            await self._bus.publish(rooms.conversation(conversation), {"k": "cut", "u": str(turn)})
        return await self._wait(conversation, turn, outcome)

    async def _wait(self, conversation: UUID, turn: UUID, outcome: CutOutcome) -> Ended:
        """Until the runner has ended the turn, or can no longer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            async with self._database.transaction() as connection:
                state = await leases.state_of(connection, turn)
            if state.state == "done":
                return Ended(TurnId(turn), state.cut_at or 0, state.outcome, None)
            if state.expired:
                break
            await asyncio.sleep(0.1)
        return await self.end(conversation, turn, outcome, None)

    async def end(self, conversation: UUID, turn: UUID, outcome: CutOutcome, said: str | None) -> Ended:
        """Store the end and announce it; the first end of a turn stands."""
        ended = await self._database.unit(
            lambda c: turns.end_cut(c, conversation, TurnId(turn), outcome, said, self._name, self._hand_over)
        )
        if ended.announcement is not None:
            await self._outlet.announce(ended.announcement)
        return ended

    async def end_lost(self, conversation: UUID, turn: UUID, outcome: CutOutcome) -> None:
        """End a turn whose gateway went away: at what Redis saw leave, else at its checkpoint."""
        shown = await self._frames.cut(turn)
        await self.end(conversation, turn, outcome, shown.text if isinstance(shown, Shown) else None)

    async def end_refused(self, reply: Reply) -> None:
        """Our own reply was refused: end it at what left, which is what Redis says where it knows."""
        shown = await self._frames.cut(reply.turn) if reply.home == "redis" else None
        said = shown.text if isinstance(shown, Shown) else reply.said
        while True:
            try:
                await self.end(reply.conversation, reply.turn, "taken_over", said)
                return
            except Unavailable:
                log.warning("turn.end_waits_for_database")
                await asyncio.sleep(1)
