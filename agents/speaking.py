"""Lets a model word what the agents found: its tools run, its figures and its manner are checked as they come, and where it lies, or does
not keep to how we write, the house speaks.

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
from agents.manner.keeper import Keeper
from agents.manner.manner import Fault, Manner
from agents.tools.context import ToolContext, TurnCalls
from agents.tools.loop import Step, ToolDone, ToolStarted, converse
from agents.tools.results import ToolResult
from agents.tools.toolbox import Toolbox
from business.channels.segments import spelled

log = structlog.get_logger(__name__)

CORRECTIONS = 1
Event = TurnText | TurnStage | TurnWritten | TurnRestarted | Finish


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a reply is spoken with. `prepared`: the house's words for it, which are true. `licence`: None where only the house speaks.
    `manner`: how it is to be said; None where nobody minds."""

    ensemble: Model
    house: Model
    tools: Toolbox
    context: ToolContext
    prepared: str
    licence: Licence | None
    manner: Manner | None = None


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
        refused, fault = guarded.refused, guarded.fault
        if refused is None and fault is None:
            return
        if refused is not None:
            log.warning("guard.refused", kind=refused.kind, attempt=attempt, turn=str(request.turn))
        elif fault is not None:
            log.warning("manner.refused", kind=fault.kind, attempt=attempt, turn=str(request.turn))
            if fault.final:
                break
        request = replace(request, messages=(*request.messages, *_correction(spoken, guarded)), paced=False)
        spoken = spoken if spoken.manner is None else replace(spoken, manner=spoken.manner.relaxed(spoken.prepared))
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


def _correction(spoken: Spoken, guarded: "_Guarded") -> tuple[ModelMessage, ...]:
    """One chance to go on from where it went wrong, without what it may not say."""
    said, words = guarded.said, ""
    if guarded.refused is not None:
        words = (
            f"What you were about to say next was stopped: it states something ({guarded.refused.kind}) that no tool and no fact above "
            "supports. Go on from exactly where the reply stands, without it. State no figure, date or promise that is not given above or "
            "by a tool; if that leaves nothing to say, end with the question that you were given."
        )
    elif guarded.fault is not None and spoken.manner is not None:
        words = spoken.manner.correction(guarded.fault)
    return (ModelMessage("assistant", said), ModelMessage("system", words)) if said else (ModelMessage("system", words),)


class Growing:
    """A text message as it is seen while it comes. `instead`: all of it, where it is another one in the end than what was seen."""

    def __init__(self, manner: Manner) -> None:
        self.instead: str | None = None
        self._keeper = Keeper(replace(manner, channel="web"))
        self._seen = ""
        self._star = ""  # may be the first of two, which no phone shows as bold

    def feed(self, text: str, *, ours: bool) -> str:
        """What may be seen of a piece: mended as in a chat, spelled as on a phone. `ours`: word for word the house's."""
        if self._keeper.fault is not None or self._keeper.full:
            return ""
        if ours:
            self._keeper.own(text)
        out = text if ours else spelled(self._keeper.feed(self._unmarked(text)))
        self._seen += out
        return out

    def _unmarked(self, text: str) -> str:
        bare = (self._star + text).replace("**", "")
        self._star = "*" if bare.endswith("*") else ""
        return bare.removesuffix("*")

    def end(self, whole: str) -> str:
        """What was not seen yet of the whole message."""
        if not whole.startswith(self._seen):
            self.instead = whole
            return ""
        return whole[len(self._seen) :]


class _Guarded:
    """One try. `said`: what went out so far, over all tries; `refused`, `fault`: why it was stopped.

    What is word for word the house's own goes out unread, for it comes from the tools; from the first other word on, everything is read:
    first what it states, then how it is said. A text message is judged as a whole, for it leaves as a whole: meanwhile whoever watches
    sees it grow, and where the whole is another one it begins again.
    """

    def __init__(self, spoken: Spoken, said: str = "") -> None:
        self._spoken = spoken
        self._licence = spoken.licence
        self.said = said
        self.refused: Refused | None = None
        self._keeper, self._growing = self._new_keepers()
        self._full = False
        self._renew()

    @property
    def fault(self) -> Fault | None:
        return self._keeper.fault if self._keeper is not None else None

    def _new_keepers(self) -> tuple[Keeper | None, Growing | None]:
        manner = self._spoken.manner if self._licence is not None else None
        if manner is None:
            return None, None
        return Keeper(manner, after=self.said), Growing(manner) if manner.channel == "sms" else None

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
                out = self._heard_of(step)
                stopped = self.refused is not None or self.fault is not None
                if self._growing is not None and (stopped or self._growing.instead is not None):
                    shown, self.said, out = self.said, "", "" if stopped else self._growing.instead or ""
                    if shown:
                        yield TurnRestarted("guard" if stopped else "wording")
                if out:
                    self.said += out
                    yield TurnText(out)
                if stopped:
                    return
                match step:
                    case Restart(reason):
                        shown, self.said = self.said, ""
                        self._keeper, self._growing = self._new_keepers()
                        self._full = False
                        self._renew()
                        if shown:
                            yield TurnRestarted(reason)
                    case ToolStarted() if self._full:
                        # The reply has ended: nothing is done any more that nobody would be told of.
                        yield Finish("length", None, None, model=self._spoken.ensemble.name)
                        return
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

    def _heard_of(self, step: Step) -> str:
        """What of a step the customer may see."""
        if self._full:
            return ""
        match step:
            case Text(text):
                return self._kept(self._feed(text))
            case ToolStarted():
                return self._kept(self._end()) + self._ended(whole=False)
            case Finish():
                return self._kept(self._end()) + self._ended(whole=True)
            case _:
                return ""

    def _kept(self, text: str) -> str:
        """Of what is true, what is said as we say it. A reply that is long enough ends with its step."""
        keeper = self._keeper
        if keeper is None or not text:
            return text
        if self._growing is not None:
            keeper.feed(text)
            return self._growing.feed(text, ours=self._same)
        if self._same:
            keeper.own(text)
            return text
        out = keeper.feed(text)
        if keeper.full and keeper.fault is None:
            self._full = True
            out += keeper.step(out)
        return out

    def _ended(self, *, whole: bool) -> str:
        """What a text that has ended gives besides. `whole`: the reply has ended with it."""
        if self._keeper is None or self._full or self.refused is not None or self.fault is not None:
            return ""
        if not whole:
            return self._keeper.pause()
        if self._same and self._heard == self._spoken.prepared:
            return self._rest_of(self._heard) if self._growing is not None else ""
        return self._rest_of(self._keeper.end())

    def _rest_of(self, ended: str) -> str:
        """Of a text message what has not been seen of it."""
        return ended if self._growing is None or self.fault is not None else self._growing.end(ended)

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
