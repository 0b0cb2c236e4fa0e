"""Lets a model word what the agents found: its tools run, its figures are checked as they come, and where it lies the house speaks.

A refused figure never goes out. The model gets one correction from that point; refused again, its reply is replaced by the house's.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import cast

import structlog

from agents.ensemble.chunks import Finish, Restart, Text
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.events import TurnRestarted, TurnStage, TurnText, TurnWritten
from agents.guard.guard import FigureGuard, Refused
from agents.guard.licence import Licence, Statement
from agents.tools.context import ToolContext, TurnCalls
from agents.tools.loop import ToolDone, ToolStarted, converse
from agents.tools.results import ToolResult
from agents.tools.toolbox import Toolbox

log = structlog.get_logger(__name__)

CORRECTIONS = 1
Event = TurnText | TurnStage | TurnWritten | TurnRestarted | Finish


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a reply is spoken with. `prepared`: the house's words for it, which are true. `licence`: None where only the house speaks."""

    ensemble: Model
    house: Model
    tools: Toolbox
    context: ToolContext
    prepared: str
    licence: Licence | None


def vouched(licence: Licence, calls: TurnCalls) -> Licence:
    """With everything that the tools of a turn have found so far."""
    for record in calls.log:
        if record.result is not None:
            licence = _with(licence, record.result)
    return licence


def _with(licence: Licence, result: ToolResult) -> Licence:
    return licence.plus(result.figures).allowing(cast("frozenset[Statement]", result.statements))


async def speak(spoken: Spoken, request: ModelRequest) -> AsyncGenerator[Event, None]:
    """Streams `(TurnText | TurnStage | TurnWritten | TurnRestarted)* Finish`. Hold it in `aclosing()`."""
    guarded = _Guarded(spoken)
    for attempt in range(CORRECTIONS + 1):
        async with aclosing(guarded.stream(request)) as events:
            async for event in events:
                yield event
        refused = guarded.refused
        if refused is None:
            return
        log.warning("guard.refused", kind=refused.kind, attempt=attempt, turn=str(request.turn))
        request = replace(request, messages=(*request.messages, *_correction(guarded.said, refused)), paced=False)
        guarded = _Guarded(spoken, guarded.said)
    if guarded.said:
        yield TurnRestarted("guard")
    house = replace(request, visible_restarts=request.visible_restarts + 1, paced=False, tools=())
    async with aclosing(spoken.house.stream(house)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                yield TurnText(chunk.text)
            elif isinstance(chunk, Finish):
                yield chunk


def _correction(said: str, refused: Refused) -> tuple[ModelMessage, ...]:
    """One chance to go on from where it went wrong, without what it may not say."""
    words = (
        f"What you were about to say next was stopped: it states something ({refused.kind}) that no tool and no fact above supports. "
        "Go on from exactly where the reply stands, without it. State no figure, date or promise that is not given above or by a tool; "
        "if that leaves nothing to say, end with the question that you were given."
    )
    return (ModelMessage("assistant", said), ModelMessage("system", words)) if said else (ModelMessage("system", words),)


class _Guarded:
    """One try. `said`: what went out so far, over all tries; `refused`: where it was stopped.

    What is word for word the house's own goes out unread, for it comes from the tools; from the first other word on, everything is read.
    """

    def __init__(self, spoken: Spoken, said: str = "") -> None:
        self._spoken = spoken
        self._licence = spoken.licence
        self.said = said
        self.refused: Refused | None = None
        self._renew()

    def _renew(self) -> None:
        """A text that begins: nothing of it was heard or has gone out."""
        # Words before a correction still name the figure that comes next.
        self._guard = FigureGuard(self._licence, after=self.said) if self._licence is not None else None
        self._heard = ""
        self._gone = 0
        self._same = True

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
        async with aclosing(converse(self._spoken.ensemble, request, self._spoken.tools, self._spoken.context)) as steps:
            async for step in steps:
                out = self._feed(step.text) if isinstance(step, Text) else self._end() if isinstance(step, ToolStarted | Finish) else ""
                if out:
                    self.said += out
                    yield TurnText(out)
                if self.refused is not None:
                    return
                match step:
                    case Restart(reason):
                        shown, self.said = self.said, ""
                        self._renew()
                        if shown:
                            yield TurnRestarted(reason)
                    case ToolStarted(stage=stage) if stage:
                        yield TurnStage(stage)
                    case ToolDone(result=result):
                        if result is not None:
                            for written in result.written:
                                yield written
                            self._widen(result)
                        # What was read to its end before the call reads nothing more: a failed call begins a text, too.
                        self._renew()
                    case Finish():
                        yield step
                    case _:
                        continue

    def _widen(self, result: ToolResult) -> None:
        """What a tool has just found may be said from here on."""
        if self._licence is not None:
            self._licence = _with(self._licence, result)

    def _feed(self, text: str) -> str:
        if self._guard is None:
            return text
        prepared, before = self._spoken.prepared, len(self._heard)
        self._heard += text
        if self._same and prepared.startswith(text, before):
            # A word that has not ended may still become another one.
            return self._out(self._heard.rfind(" ", self._gone) + 1 if len(self._heard) < len(prepared) else len(self._heard))
        self._guard.feed(self._heard if self._same else text)
        self._same = False
        return self._read()

    def _end(self) -> str:
        if self._guard is None:
            return ""
        if self._same and self._heard == self._spoken.prepared:
            return self._out(len(self._heard))
        if self._same:
            self._guard.feed(self._heard)
            self._same = False
        self._guard.end()
        return self._read()

    def _read(self) -> str:
        assert self._guard is not None
        self.refused = self._guard.refused
        return self._out(len(self._guard.released))

    def _out(self, upto: int) -> str:
        begin, self._gone = self._gone, max(self._gone, upto)
        return self._heard[begin : self._gone]
