"""Snapshots: what a client that connects, syncs or watches is given, with the reply in progress."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import queries
from business.conversations.queries import View
from gateway.turns.frames import Frames, Shown
from gateway.turns.runner import TurnRunner
from kernel.wire.chat import LivePosition


class Snapshots:
    """Reads them: durable parts from PostgreSQL, the live part from the runner, Redis or the checkpoint, whichever knows most."""

    def __init__(self, frames: Frames, runner: TurnRunner) -> None:
        self._frames = frames
        self._runner = runner

    async def of(
        self,
        connection: AsyncConnection,
        conversation: UUID,
        history: str | None,
        after: int | None,
        live: LivePosition | None,
    ) -> tuple[View, dict[str, Any]] | None:
        """The view and its body. None where nothing was written yet."""
        view = await queries.view(connection, conversation, history=history, after=after)
        if view is None:
            return None
        body: dict[str, Any] = {
            "conversation": view.conversation(),
            "history": view.row.history,
            "events": view.events,
            "head": view.row.last_seq,
            "live": await self._live(view, live),
        }
        if view.more:
            body["more"] = True
        if view.resync:
            body["resync"] = True
        return view, body

    async def _live(self, view: View, held: LivePosition | None) -> dict[str, Any] | None:
        if view.running is None:
            return None
        turn = view.running.turn
        shown = await self._shown(turn, view.running.checkpoint)
        start = held.at if held is not None and held.turn == turn and held.at <= shown.to else 0
        return {"turn": str(turn), "from": start, "to": shown.to, "text": shown.text[start:]}

    async def _shown(self, turn: UUID, checkpoint: str) -> Shown:
        reply = self._runner.by_turn(turn)
        if reply is not None:
            return Shown(len(reply.said), reply.said)
        return await self._frames.read(turn) or Shown(len(checkpoint), checkpoint)


def unwritten(conversation: UUID, history: str, after: int | None) -> dict[str, Any]:
    """The snapshot of a conversation in which nothing was said yet."""
    body: dict[str, Any] = {
        "conversation": {"id": str(conversation), "owner": "ai", "epoch": 0, "state": "open"},
        "history": history,
        "events": [],
        "head": 0,
        "live": None,
    }
    if after:
        body["resync"] = True
    return body
