"""Stores a whole reply: what was said, what is remembered for the next turn, and what is kept of it for shadows."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.events import TurnFinished
from agents.recording import Recorder
from business.conversations import summaries, turns
from business.conversations.at_once import finish_at_once
from business.conversations.records import Recorded
from business.conversations.turns import Ended, HandOver
from business.conversations.whole import Whole
from gateway.turns.memory import storable
from gateway.turns.reply import Reply
from kernel.database import Database, sqlstate
from kernel.errors import Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Insist(Protocol):
    """Runs a unit of work until PostgreSQL takes it."""

    async def __call__(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T: ...


class Storing:
    """The ends of one process's replies. `name` signs them; without a `recorder` nothing is kept for shadows."""

    def __init__(self, database: Database, insist: Insist, name: str, hand_over: HandOver, recorder: Recorder | None) -> None:
        self._database = database
        self._insist = insist
        self._name = name
        self._hand_over = hand_over
        self._recorder = recorder

    async def whole(self, reply: Reply, finished: TurnFinished) -> Ended | None:
        """None: refused by the fence."""
        record = self._recorder.record(reply.turn, finished) if self._recorder is not None else None
        if (ended := await self._at_once(reply, finished, record)) is not None:
            return ended
        try:
            return await self._store(reply, finished, record)
        except DBAPIError as error:
            if record is None:
                raise
            # What shadows would be asked must never cost the reply.
            log.error("turn.record_refused", sqlstate=sqlstate(error))
            return await self._store(reply, finished, None)

    async def _at_once(self, reply: Reply, finished: TurnFinished, record: Recorded | None) -> Ended | None:
        """Where nothing else is going on, as mostly."""
        memory = storable(finished.memory)
        whole = Whole(reply.said, self._name, finished.agent or None, finished.model, _sources(finished), memory)
        with suppress(Unavailable):
            held = (reply.conversation, reply.turn, reply.fence)
            return await self._database.attempt(lambda c: finish_at_once(c, *held, whole, record, _falls_off(reply)))
        return None

    async def _store(self, reply: Reply, finished: TurnFinished, record: Recorded | None) -> Ended | None:
        memory = storable(finished.memory)
        return await self._insist(
            lambda c: turns.finish(
                c,
                reply.conversation,
                reply.turn,
                reply.fence,
                said=reply.said,
                name=self._name,
                agent=finished.agent or None,
                model=finished.model,
                sources=_sources(finished),
                memory=memory,
                hand_over=self._hand_over,
                record=record,
                summarise=_falls_off(reply),
            )
        )


def _falls_off(reply: Reply) -> int | None:
    """Up to which message the conversation has to be summed up once this reply is stored."""
    return summaries.due(reply.claim.history, reply.claim.summary_seq)


def _sources(finished: TurnFinished) -> list[dict[str, Any]]:
    return [{"id": source.id, "title": source.title} for source in finished.sources]
