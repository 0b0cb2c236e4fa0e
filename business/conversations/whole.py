"""A reply that is whole: what is stored of it, whichever way its turn ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from business.conversations.log import Writing
from kernel.ids import TurnId
from kernel.wire.base import MAX_REPLY
from kernel.wire.server import Author, ReplyFinished


@dataclass(frozen=True, slots=True)
class Whole:
    """A reply that is whole, and what is kept with it."""

    said: str
    name: str
    agent: str | None
    model: str
    sources: list[dict[str, Any]]
    memory: Mapping[str, Any] | None


def say_whole(log: Writing, turn: TurnId, answers: Iterable[int], reply: Whole) -> Literal["complete", "failed"]:
    """Log it, and that it has ended, with what is remembered for the next turn; returns the turn's outcome."""
    message = None
    if reply.said:
        message, _ = log.say(
            Author(kind="ai", name=reply.name),
            reply.said[:MAX_REPLY],
            format="markdown",
            turn=turn,
            agent=reply.agent,
            model=reply.model,
            sources=reply.sources,
        )
    outcome: Literal["complete", "failed"] = "complete" if reply.said else "failed"
    log.add(ReplyFinished(turn=turn, outcome=outcome, message=message))
    if reply.said and reply.memory is not None:
        log.change(memory=dict(reply.memory), memory_seq=max(log.row.memory_seq, *answers))
    return outcome
