"""Bytes as they come off the wire, cut into events: server-sent events, or lines of JSON. Cuts may fall anywhere."""

from typing import Protocol, TypeAlias

from agents.ensemble.errors import Garbage

# (the event's name, None where it has none; its data)
Event: TypeAlias = tuple[bytes | None, bytes]
# No chunk of an answer is a thousandth of this; what has no end is no stream.
LONGEST_EVENT = 4_000_000
_MARK = b"\xef\xbb\xbf"


class Events(Protocol):
    """Cuts one stream. Both raise `Garbage` for an event without an end."""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        ...

    def end(self) -> list[Event]:
        """What the stream's end completes: the last event, where its last line end was left out."""
        ...


class ServerSentEvents:
    """The format of `text/event-stream`: CR LF, LF or CR end a line, an empty line an event; comments and unknown fields are skipped."""

    def __init__(self) -> None:
        self._rest = b""
        self._name: bytes | None = None
        self._data: list[bytes] = []
        self._size = 0
        self._begun = False

    def feed(self, data: bytes) -> list[Event]:
        data = self._rest + data
        if not self._begun:
            if len(data) < len(_MARK) and _MARK.startswith(data):
                self._rest = data
                return []
            self._begun = True
            data = data.removeprefix(_MARK)
        if b"\r" in data:
            # The last CR may be the first half of a line end.
            held = b"\r" if data.endswith(b"\r") else b""
            data = data.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held
        *lines, self._rest = data.split(b"\n")
        if len(self._rest) + self._size > LONGEST_EVENT:
            raise Garbage("an endless event")
        return self._events(lines)

    def end(self) -> list[Event]:
        lines = [self._rest.removesuffix(b"\r"), b""]
        self._rest = b""
        return self._events(lines)

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line.startswith(b"data:"):
                value = line[6:] if line[5:6] == b" " else line[5:]
                self._data.append(value)
                self._size += len(value)
            elif not line:
                if self._data:
                    events.append((self._name, self._data[0] if len(self._data) == 1 else b"\n".join(self._data)))
                    self._data, self._size = [], 0
                self._name = None
            elif line.startswith(b"event:"):
                self._name = line[6:].strip()
        return events


class JsonLines:
    """A line of JSON for every chunk; empty lines are skipped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_EVENT:
            raise Garbage("an endless line")
        return [(None, line) for line in lines if line and not line.isspace()]

    def end(self) -> list[Event]:
        rest, self._rest = self._rest, b""
        return [(None, rest)] if rest.strip() else []
