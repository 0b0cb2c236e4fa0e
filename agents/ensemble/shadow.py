"""A candidate answers a turn that was answered already: the same messages, the same tools, and results as they were recorded.

Nothing is carried out here. A tool's call is looked up among those of the turn by its name and arguments; what nobody called then has no
result, and the candidate is told so.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents.citing import without_marks
from agents.ensemble.chunks import Chunk, Restart, Text, ToolCall
from agents.ensemble.errors import TimedOut
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.ensemble.watched import Contender, watched
from agents.tools.context import CallRecord, ToolContext
from agents.tools.loop import NOT_NOW, converse
from agents.tools.results import InvalidArguments, ToolError, ToolResult
from agents.tools.tool import Tool
from agents.tools.toolbox import Toolbox, parsed
from business.profile.schemas import Profile
from kernel.wire.base import MAX_REPLY, spoken
from knowledge.learning.records import Record

PURPOSE = "shadow"
# All of an answer, its calls among them. A customer would have left long before.
WHOLE_S = 120.0
NOT_RECORDED = "No result of this call was recorded, and none can be had. Answer with what you have; do not call it again."
CALLS_A_PERSON = "call_person"
NAME_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call that a candidate wanted. `arguments` as they were understood, None where they could not be; `recorded`: whether the turn
    had it; `handoff`: whether it calls a person."""

    name: str
    arguments: Any
    recorded: bool
    handoff: bool

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "arguments": self.arguments, "recorded": self.recorded}


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """What a candidate said. Times in milliseconds; no first token where it said nothing. `handoff`: it called a person."""

    text: str
    first_token_ms: int | None
    duration_ms: int
    handoff: bool


class RecordedTools(Toolbox):
    """The tools that were offered in a turn, which give what they gave then and do nothing. `asked`: what was wanted of them now."""

    def __init__(self, tools: Toolbox, record: Record) -> None:
        """`tools` are the product's; their names, words and arguments alone are used."""
        super().__init__(tool for tool in tools if tool.name in record.tools)
        self.asked: list[AskedCall] = []
        self._calls: dict[str, Mapping[str, Any]] = {}
        self._by: dict[str, set[str]] = {"agent": set(), "model": set()}
        for call in record.calls:
            label = self._label(call["name"], call["arguments"])
            self._calls[label] = call
            if call["arguments"] is not None:
                self._by[call["by"]].add(label)

    @property
    def called_then(self) -> frozenset[str]:
        """What the model that answered the customer called: name and arguments of each, in one shape."""
        return frozenset(self._by["model"])

    @property
    def called_now(self) -> frozenset[str]:
        """The same of what is called here. To ask again for what the agents had found before is no call of its own."""
        now = {self._label(call.name, call.arguments) for call in self.asked if call.arguments is not None}
        return frozenset(now - (self._by["agent"] - self._by["model"]))

    def stage(self, context: ToolContext, name: str, arguments: str) -> str | None:
        """Nobody waits."""
        return None

    async def call(self, context: ToolContext, name: str, arguments: str) -> ToolResult:
        """What was recorded of the same call. Raises ToolError where that failed, and where there was none."""
        name = spoken(name)[:NAME_AT_MOST]
        try:
            given = self._understood(name, arguments)
        except InvalidArguments:
            self.asked.append(AskedCall(name, None, recorded=False, handoff=False))
            raise
        call = self._calls.get(self._label(name, given))
        handoff = name == CALLS_A_PERSON or bool(call and call["handoff"])
        self.asked.append(AskedCall(name, given, recorded=call is not None, handoff=handoff))
        # The loop counts by the log how much one reply has called.
        context.calls.log.append(CallRecord(name, None, ok=call is not None and "data" in call))
        if call is None:
            raise ToolError(NOT_RECORDED)
        if "data" not in call:
            raise ToolError(call["error"] or NOT_NOW)
        return ToolResult(call["data"])

    def _understood(self, name: str, arguments: str) -> Any:
        """The arguments as JSON, without what stands for nothing else. Raises InvalidArguments where they are none."""
        if "\\u0000" in arguments:
            raise InvalidArguments("the arguments hold a character that no text has")
        tool = self.get(name)
        if tool is not None:
            return _understood(tool, arguments)
        try:
            return orjson.loads(arguments)
        except orjson.JSONDecodeError:
            raise InvalidArguments("the arguments are no JSON") from None

    def _label(self, name: str, arguments: Any) -> str:
        """By which two calls are the same, whatever was left out of one that the other says."""
        tool = self.get(name)
        if tool is not None and isinstance(arguments, Mapping):
            # Arguments that were wrong then stay as they are: the same wrong ones find them.
            with suppress(InvalidArguments):
                arguments = _understood(tool, orjson.dumps(arguments).decode())
        return f"{name} {orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS).decode()}"


def _understood(tool: Tool[Any], arguments: str) -> dict[str, Any]:
    return parsed(tool, arguments).model_dump(mode="json", exclude_defaults=True)


class Candidate:
    """A member of the ensemble on its own: its breaker hears how it fares, nobody takes its place."""

    def __init__(self, member: Contender) -> None:
        self._member = member
        self.name = member.name

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Raises ModelError. The breaker must have allowed the call."""
        return watched(self._member, request)


@dataclass(slots=True)
class _Heard:
    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    text: list[str] = field(default_factory=list)


async def answer(model: Model, tools: RecordedTools, profile: Profile, record: Record, *, whole_s: float = WHOLE_S) -> ShadowAnswer:
    """The candidate's answer, in so many seconds at most. Raises ModelError."""
    heard = _Heard()
    try:
        async with asyncio.timeout(whole_s):
            async with aclosing(converse(model, request_of(record), tools, _context(record, profile))) as steps:
                async for step in steps:
                    match step:
                        case Text(text):
                            heard.first = heard.first or time.monotonic()
                            heard.text.append(text)
                        case Restart():
                            heard.text.clear()
                        case _:
                            continue
    except TimeoutError:
        raise TimedOut("no whole answer in time") from None
    return ShadowAnswer(
        text=spoken(without_marks("".join(heard.text)))[:MAX_REPLY],
        first_token_ms=None if heard.first is None else round(1000 * (heard.first - heard.began)),
        duration_ms=round(1000 * (time.monotonic() - heard.began)),
        handoff=any(call.handoff for call in tools.asked),
    )


def request_of(record: Record) -> ModelRequest:
    """As the first model was asked."""
    return ModelRequest(
        conversation=record.conversation,
        turn=record.turn,
        site=record.site,
        customer=record.customer,
        channel=record.channel,  # type: ignore[arg-type]
        locale=record.locale,
        now=record.asked_at,
        messages=messages_of(record.messages),
        max_tokens=record.max_tokens,
        paced=False,
        purpose=PURPOSE,
        prepared=record.prepared,
        agent=record.agent,
        stakes=record.stakes,  # type: ignore[arg-type]
    )


def messages_of(recorded: Sequence[Mapping[str, Any]]) -> tuple[ModelMessage, ...]:
    """From JSON (agents/recording.py)."""
    return tuple(
        ModelMessage(
            message["role"],
            message["content"],
            tuple(ToolCall(call["id"], call["name"], call["arguments"]) for call in message.get("calls", ())),
            message.get("call_id"),
        )
        for message in recorded
    )


def _context(record: Record, profile: Profile) -> ToolContext:
    """Without a database, and nothing may be written: whatever would run in it could do nothing."""
    return ToolContext(
        conversation=record.conversation,
        customer=record.customer,
        turn=record.turn,
        site=record.site,
        channel=record.channel,  # type: ignore[arg-type]
        locale=record.locale,
        language=language_of(record.locale),
        now=record.asked_at,
        profile=profile,
        database=None,
        effects=False,
    )


def language_of(locale: str) -> str:
    """`es` of `es-MX`."""
    return locale.partition("-")[0].lower()
