"""One event on its way to many sockets: encoded once for each namespace, not once for each socket."""

from typing import Any, Literal

import orjson
from engineio.packet import MESSAGE, Packet

Namespace = Literal["/chat", "/console"]


class TextPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet as Engine.IO sends it, with its WebSocket frame made once for all sockets that it goes to."""

    def __init__(self, text: str) -> None:
        super().__init__(MESSAGE, text)
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """One final text frame of a server, which is never masked."""
        if self._frame is None:
            payload = self.encode().encode()
            self._frame = _head(len(payload)) + payload
        return self._frame


def _head(size: int) -> bytes:
    if size < 126:
        return bytes((0x81, size))
    return b"\x81\x7e" + size.to_bytes(2) if size < 65_536 else b"\x81\x7f" + size.to_bytes(8)


class Outgoing:
    """A server event. `live` ones may be dropped for a slow socket; durable ones may not."""

    __slots__ = ("_data", "_packets", "body", "event", "live")

    def __init__(self, event: str, body: dict[str, Any], *, live: bool) -> None:
        self.event = event
        self.body = body
        self.live = live
        self._data: str | None = None
        self._packets: dict[str, TextPacket] = {}

    def packet(self, namespace: Namespace) -> TextPacket:
        """The Socket.IO EVENT packet."""
        found = self._packets.get(namespace)
        if found is None:
            if self._data is None:
                self._data = orjson.dumps([self.event, self.body]).decode()
            found = self._packets[namespace] = TextPacket(f"2{namespace},{self._data}")
        return found


def durable(body: dict[str, Any]) -> Outgoing:
    """An `event` of either log."""
    return Outgoing("event", body, live=False)


def hint(event: str, body: dict[str, Any]) -> Outgoing:
    """Something that may be lost."""
    return Outgoing(event, body, live=True)
