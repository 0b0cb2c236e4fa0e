"""What agents give the turn runner: the tagged union `TurnEvent`; the last stop before a reply is numbered and sent.

Order of a reply: `(TurnStage | TurnText | TurnWritten | TurnRestarted)* TurnFinished`. The runner matches on the type and ends with
`assert_never`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from business.conversations.log import Announcement
from kernel.ids import HandoffId

if TYPE_CHECKING:
    from agents.tools.context import CallRecord


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: `id` of a document or chunk, `title` as a person would call it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class TurnText:
    """The next piece of the reply; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class TurnStage:
    """What is being done right now ("Checking Saturday 6 PM"): a hint, no part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class TurnWritten:
    """A tool wrote durable events in a transaction of its own, which is committed: everyone is to be told now.

    `effects` are rows of the outbox that a worker is to be woken for, `handoff` one that is new or changed.
    """

    announcement: Announcement
    effects: tuple[UUID, ...] = ()
    handoff: HandoffId | None = None


@dataclass(frozen=True, slots=True)
class TurnRestarted:
    """All text given so far is void; text starts again from position 0. Given only when text had been given."""

    reason: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The reply is whole. `agent` answered it, `model` is the ensemble's name of what worded it.

    `memory` (JSON) is kept with the reply, for the next turn; None keeps what is there and reads the same messages again. What the reply
    asks for belongs in it. `agents`: all that had the turn; `calls`: the tools' calls, in their order (personal data: never logged).
    """

    agent: str
    sources: tuple[Source, ...] = ()
    model: str = "house"
    memory: Mapping[str, Any] | None = None
    agents: tuple[str, ...] = ()
    calls: tuple["CallRecord", ...] = ()


TurnEvent: TypeAlias = TurnText | TurnStage | TurnWritten | TurnRestarted | TurnFinished
