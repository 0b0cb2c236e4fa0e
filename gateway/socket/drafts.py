"""Drafts for staff: one at a time for each socket, streamed to that socket alone, stored nowhere."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import structlog

from agents.events import TurnRestarted, TurnText
from agents.turn import TurnRequest
from gateway.live.outgoing import Outgoing
from gateway.socket.session import ConsoleSession
from kernel.wire.base import MAX_TEXT, spoken

log = structlog.get_logger(__name__)

Draft = Callable[[TurnRequest, str | None], AsyncGenerator[TurnText | TurnRestarted, None]]


@dataclass(frozen=True, slots=True)
class _Running:
    conversation: UUID
    task: asyncio.Task[None]


class Drafts:
    """The drafts of one process."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._running: dict[str, _Running] = {}

    def begin(self, session: ConsoleSession, request: TurnRequest, instruction: str | None) -> None:
        """Stream a draft; the one before it ends. `request.turn` is its id."""
        if session.closed:
            return
        self.stop(session)
        task = asyncio.create_task(self._write(session, request, instruction), name=f"draft:{request.turn}")
        running = self._running[session.sid] = _Running(request.conversation, task)
        task.add_done_callback(lambda _: self._forget(session.sid, running))

    def stop(self, session: ConsoleSession, conversation: UUID | None = None) -> None:
        """End the socket's draft (None: whatever it is of); the provider's stream is closed with it."""
        running = self._running.get(session.sid)
        if running is not None and conversation in (None, running.conversation):
            running.task.cancel()

    async def close(self) -> None:
        """End them all, and wait for it."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, sid: str, running: _Running) -> None:
        if self._running.get(sid) is running:
            del self._running[sid]

    async def _write(self, session: ConsoleSession, request: TurnRequest, instruction: str | None) -> None:
        at = 0

        def send(text: str, **more: bool) -> None:
            ids = {"conversation": str(request.conversation), "draft": str(request.turn)}
            session.send(Outgoing("draft_delta", {**ids, "at": at, "to": at + len(text), "text": text, **more}, live=False))

        try:
            async with aclosing(self._draft(request, instruction)) as events:
                async for event in events:
                    match event:
                        case TurnRestarted():
                            at = 0
                        case TurnText(text):
                            text = spoken(text)[: MAX_TEXT - at]
                            send(text)
                            at += len(text)
                    if session.closed or at >= MAX_TEXT:
                        break
        except Exception:
            # The agents promise never to raise; whoever waits for the draft must not wait for ever.
            log.exception("draft.failed")
        send("", done=True)
