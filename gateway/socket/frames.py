"""Reading what a client sent: one text frame of Socket.IO into a packet, or a reason to refuse it. Never raises."""

import re
from dataclasses import dataclass
from typing import Any, Literal

import orjson

# type, namespace (with a query that is ignored), acknowledgement id, data; binary types carry their number of attachments.
_PACKET = re.compile(r"([0-6])(?:\d{1,10}-)?(?:(/[^,?]{0,64})(?:\?[^,]{0,512})?,?)?(\d{0,15})(.*)", re.DOTALL)

Kind = Literal["connect", "disconnect", "event", "ack", "binary", "unknown"]
_KINDS: dict[str, Kind] = {"0": "connect", "1": "disconnect", "2": "event", "3": "ack", "5": "binary", "6": "binary"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A frame that could be told apart. `problem`: why its data cannot be used, in words for the person who wrote the client."""

    kind: Kind
    namespace: str
    id: int | None = None
    event: str = ""
    payload: Any = None
    data: Any = None
    problem: str | None = None


UNREADABLE = Incoming("unknown", "/", problem="This is not a Socket.IO packet.")


def read(frame: str) -> Incoming:
    """The packet in a text frame."""
    found = _PACKET.fullmatch(frame)
    if found is None or found[1] not in _KINDS:
        return UNREADABLE
    kind, namespace = _KINDS[found[1]], found[2] or "/"
    number = int(found[3]) if found[3] else None
    if kind == "binary":
        return Incoming(kind, namespace, number, problem="Binary payloads are not part of this protocol. Send one JSON object.")
    if kind not in ("connect", "event"):
        return Incoming(kind, namespace, number)
    data: Any = None
    if found[4]:
        try:
            data = orjson.loads(found[4])
        except orjson.JSONDecodeError:
            return Incoming(kind, namespace, number, problem="The data is not JSON that we can read.")
    if kind == "connect":
        return Incoming(kind, namespace, data=data)
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        return Incoming(kind, namespace, number, problem="An event is a name and one JSON object.")
    if len(data) != 2:
        return Incoming(kind, namespace, number, data[0], problem="Send exactly one JSON object with an event.")
    return Incoming(kind, namespace, number, data[0], data[1])
