"""One event on its way to many sockets: encoded once for each namespace, not once for each socket."""

from typing import Any, Literal

import orjson

Namespace = Literal["/chat", "/console"]


class Outgoing:
    """A server event. `live` ones may be dropped for a slow socket; durable ones may not."""

    __slots__ = ("_encoded", "body", "event", "live")

    def __init__(self, event: str, body: dict[str, Any], *, live: bool) -> None:
        self.event = event
        self.body = body
        self.live = live
        self._encoded: dict[str, str] = {}

    def packet(self, namespace: Namespace) -> str:
        """The Socket.IO EVENT packet, as text."""
        found = self._encoded.get(namespace)
        if found is None:
            data = orjson.dumps([self.event, self.body]).decode()
            found = self._encoded[namespace] = f"2{namespace},{data}"
        return found


def durable(body: dict[str, Any]) -> Outgoing:
    """An `event` of either log."""
    return Outgoing("event", body, live=False)


def hint(event: str, body: dict[str, Any]) -> Outgoing:
    """Something that may be lost."""
    return Outgoing(event, body, live=True)
