"""What agents give the turn runner: the tagged union `TurnEvent`; the last stop before a reply is numbered and sent.

Order of a reply: `(TurnStage | TurnText | TurnRestarted)* TurnFinished`. The runner matches on the type and ends with `assert_never`.
"""

from dataclasses import dataclass
from typing import TypeAlias


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
class TurnRestarted:
    """All text given so far is void; text starts again from position 0. Given only when text had been given."""

    reason: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The reply is whole. `agent` answered it, `model` is the ensemble's name of what worded it."""

    agent: str
    sources: tuple[Source, ...] = ()
    model: str = "house"


TurnEvent: TypeAlias = TurnText | TurnStage | TurnRestarted | TurnFinished
