"""What every protocol of the scripted provider has: how it is asked, and the frames in which it answers."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tests.rig.script import Script

End = Literal["running", "complete", "gone", "cut", "refused"]


@dataclass(slots=True)
class Call:
    """One request. `text` is what was sent of `plan`; `ended` is the monotonic time at which the end was noticed.

    `messages` are the request's with their texts, in every protocol; `body` is what was really sent.
    """

    number: int
    model: str
    script: str
    plan: str
    messages: list[dict[str, Any]]
    headers: dict[str, str]
    tools: list[dict[str, Any]] = field(default_factory=list)
    tool_choice: Any = None
    parameters: list[str] = field(default_factory=list)
    shape: str = "openai"
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    began: float = field(default_factory=time.monotonic)
    text: str = ""
    chunks: int = 0
    end: End = "running"
    ended: float | None = None

    def finish(self, end: End) -> None:
        """Keep the first end only: a reset after a complete answer changes nothing."""
        if self.end == "running":
            self.end, self.ended = end, time.monotonic()

    @property
    def words_in(self) -> int:
        return sum(len(str(message.get("content", "")).split()) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read. `tools` and `tool_choice` as the protocol has them."""

    model: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    tool_choice: Any
    streamed: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of server-sent events, or one line of JSON lines. `data` is an object, or text as it is."""

    data: Mapping[str, Any] | str
    event: str | None = None

    @property
    def text(self) -> str:
        return self.data if isinstance(self.data, str) else json.dumps(self.data)


@dataclass(frozen=True, slots=True)
class Step:
    """What is sent at one position of a script: frames, and the answer's text in them."""

    frames: Sequence[Frame]
    text: str = ""


class Shape(Protocol):
    """A module of this package."""

    NAME: str
    TYPE: str  # content type of a stream
    LINES: bool  # lines of JSON, in place of server-sent events
    PING: Frame | None  # sent where a script pings; None: a comment

    def takes(self, path: str) -> bool:
        """Whether a POST to this path is a request in this protocol."""

    def read(self, path: str, body: dict[str, Any]) -> Asked: ...

    def opening(self, call: Call) -> list[Frame]:
        """Before the first position."""

    def steps(self, call: Call, script: Script) -> list[Step]:
        """The text's pieces, then the fragments of the calls."""

    def empty(self, call: Call) -> Frame:
        """A chunk that says nothing."""

    def closing(self, call: Call, script: Script) -> list[Frame]:
        """After the last position: finish reason, count, end, as the script has them."""

    def error(self) -> Frame:
        """How the provider says in mid-stream that it is overloaded."""

    def refusal(self, status: int) -> dict[str, Any]:
        """The body of an answer with this status."""

    def whole(self, call: Call) -> dict[str, Any]:
        """The answer to a request that is not to be streamed."""


def pieces(call: Call, script: Script) -> list[str]:
    """The text in the chunks that the script wants: a word each, or so many characters."""
    if script.split and not script.calls:
        return split(call.plan, script.split)
    return [f"{word} " for word in call.plan.split(" ") if word]


def split(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)] if size else [text]


def parsed(arguments: str) -> Any:
    """A call's arguments for a protocol that gives them as an object; what is no JSON stays text, which is wrong there too."""
    try:
        return json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return arguments
