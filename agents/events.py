"""What agents give the turn runner: the tagged union `TurnEvent`; the last stop before a reply is numbered and sent.

Order of a reply: `(TurnStage | TurnText | TurnWritten | TurnRestarted)* TurnFinished`. The runner matches on the type and ends with
`assert_never`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agents.written import TurnWritten as TurnWritten

if TYPE_CHECKING:
    from agents.ensemble.model import ModelRequest
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
class TurnRestarted:
    """All text given so far is void; text starts again from position 0. Given only when text had been given."""

    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """How models were asked for the words of a reply. `request` is the first one; `tools` are the names of those that were offered.

    `agents`: whose turn it was, by the tools that a model called where no rule gave it to anybody. Of the turn's calls those from
    number `begins` up to `ends` are the model's. Times in milliseconds from the asking; no first token where nothing was said.
    """

    request: "ModelRequest"
    tools: tuple[str, ...]
    agents: tuple[str, ...]
    begins: int
    ends: int
    first_token_ms: int | None
    duration_ms: int

    def calls(self, log: Sequence["CallRecord"]) -> "Iterator[tuple[CallRecord, Literal['agent', 'model']]]":
        """Each call of the turn, and who made it."""
        for number, call in enumerate(log):
            yield call, "model" if self.begins <= number < self.ends else "agent"


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The reply is whole. `agent` answered it, `model` is the ensemble's name of what worded it.

    `memory` (JSON) is kept with the reply, for the next turn; None keeps what is there and reads the same messages again. What the reply
    asks for belongs in it. `agents`: all that had the turn; `calls`: the tools' calls, in their order (personal data: never logged).
    `asked`: how models were asked; None where there is none but the house. `passages`: ids of the pieces that a model was shown, or would
    have been. `prompts`: which versions of its instructions hold.
    """

    agent: str
    sources: tuple[Source, ...] = ()
    model: str = "house"
    memory: Mapping[str, Any] | None = None
    agents: tuple[str, ...] = ()
    calls: tuple["CallRecord", ...] = ()
    asked: Asked | None = None
    passages: tuple[str, ...] = ()
    prompts: str = ""


TurnEvent: TypeAlias = TurnText | TurnStage | TurnWritten | TurnRestarted | TurnFinished
