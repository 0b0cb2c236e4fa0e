"""What a page's sockets carried, read beside the page: the eye sees bubbles, this sees the events behind them."""

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from playwright.async_api import Page, WebSocket


@dataclass(frozen=True, slots=True)
class Frame:
    """One Socket.IO packet; `name` is `ack` for an acknowledgement."""

    sent: bool
    name: str
    body: dict[str, Any]


class Wire:
    """The frames of every socket of a page, in order."""

    def __init__(self, page: Page) -> None:
        self.frames: list[Frame] = []
        self.opened = 0
        self.closed = 0
        page.on("websocket", self._socket)

    def received(self, name: str) -> list[dict[str, Any]]:
        """Bodies of what came under a name."""
        return [frame.body for frame in self.frames if not frame.sent and frame.name == name]

    def sent(self, name: str) -> list[dict[str, Any]]:
        """Bodies of what went out under a name."""
        return [frame.body for frame in self.frames if frame.sent and frame.name == name]

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Durable events of a customer's conversation, each once, whether they came alone or in a snapshot."""
        found = {body["seq"]: body for body in self.received("event") if "seq" in body}
        for body in self.received("ready") + self.received("ack"):
            found |= {event["seq"]: event for event in body.get("events", [])}
        return [event for _, event in sorted(found.items()) if event["kind"] == kind]

    @property
    def conversation(self) -> str:
        """Whose page this is, as `ready` told a customer."""
        return str(self.received("ready")[-1]["conversation"]["id"])

    def _socket(self, socket: WebSocket) -> None:
        self.opened += 1
        socket.on("framesent", lambda frame: self._take(frame, sent=True))
        socket.on("framereceived", lambda frame: self._take(frame, sent=False))
        socket.on("close", lambda _: self._gone())

    def _gone(self) -> None:
        self.closed += 1

    def _take(self, frame: str | bytes, *, sent: bool) -> None:
        if isinstance(frame, bytes) or not frame.startswith(("42", "43")):
            return
        rest = frame[2:].partition(",")[2]
        digits = "".join(takewhile(str.isdigit, rest))
        content = json.loads(rest[len(digits) :])
        name, body = content if frame[1] == "2" else ("ack", content[0])
        self.frames.append(Frame(sent, name, body))
