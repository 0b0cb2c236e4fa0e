"""Snapshots: what a client that connects, syncs or watches is given, with the reply in progress."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import queries
from business.conversations.queries import View
from gateway.turns.frames import Frames, Shown
from gateway.turns.runner import TurnRunner
from kernel.wire.base import MAX_FRAME, SNAPSHOT_BYTES
from kernel.wire.chat import LivePosition

# What a snapshot may fill of a frame; the rest is for the envelope, the business card, the token.
FRAME_ROOM = MAX_FRAME - 6 * 1024


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
        room: int = FRAME_ROOM,
    ) -> tuple[View, dict[str, Any]] | None:
        """The view and its body, which fits into `room` bytes. None where nothing was written yet."""
        view = await queries.view(connection, conversation, history=history, after=after)
        if view is None:
            return None
        reply = await self._live(view, live)
        left = room - len(orjson.dumps(reply))
        events = queries.fitting(view.events, room=min(left, SNAPSHOT_BYTES), from_the_end=view.fresh)
        body: dict[str, Any] = {
            "conversation": view.conversation(),
            "history": view.row.history,
            "events": events,
            "head": view.row.last_seq,
            "live": reply,
        }
        if view.fresh:
            if view.foreign or (events and events[0]["seq"] > 1):
                body["resync"] = True
        elif events and (events[-1]["seq"] < view.row.last_seq or len(orjson.dumps(events)) > left):
            # The client asks again from here; the reply in progress comes with the last part.
            body |= {"more": True, "live": None}
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
