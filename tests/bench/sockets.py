"""A Socket.IO client that costs next to nothing, so that one core can be many customers. WebSocket only, text only."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import Any, cast

import orjson

from tests.bench.stamps import now_us

PATH = "/socket.io/"
OPEN_WITHIN = 30.0


class Refused(Exception):
    """The server did not let us in, or answered with an error."""


def _frame(data: bytes, opcode: int = 1) -> bytes:
    """A masked frame; the mask is zero, which leaves the data as it is."""
    size = len(data)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        head = struct.pack(">BBH", 0x80 | opcode, 0xFE, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0xFF, size)
    return head + b"\0\0\0\0" + data


class Socket(asyncio.Protocol):
    """One connection to one namespace. `on_text` sees the text of live frames as bytes, `on_event` everything else."""

    def __init__(self, namespace: str, auth: dict[str, Any], path: str = PATH) -> None:
        self._prefix = namespace.encode() + b"," if namespace != "/" else b""
        self._auth = auth
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._got = b""
        self._upgraded = False
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self.entered: asyncio.Future[None] = self._loop.create_future()
        self.live = {b"delta", b"token"}
        self.on_text: Callable[[bytes, int], None] = lambda text, at_us: None
        self.on_event: Callable[[str, Any, int], None] = lambda event, body, at_us: None
        self.closed = False

    @classmethod
    async def open(
        cls, port: int, namespace: str, auth: dict[str, Any], *, source: str | None = None, prepare: Any = None, path: str = PATH
    ) -> "Socket":
        """Connect and enter; `prepare(socket)` runs before the first frame can come. Raises Refused."""
        loop = asyncio.get_running_loop()
        socket = cls(namespace, auth, path)
        if prepare is not None:
            prepare(socket)
        local = (source, 0) if source else None
        await loop.create_connection(lambda: socket, "127.0.0.1", port, local_addr=local)
        async with asyncio.timeout(OPEN_WITHIN):
            await socket.entered
        return socket

    # -- out

    def emit(self, event: str, *body: dict[str, Any]) -> None:
        """Send an event that wants no acknowledgement."""
        self._send(b"42" + self._prefix + orjson.dumps([event, *body]))

    async def call(self, event: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send an event and wait for its acknowledgement. Raises Refused where it is an error."""
        self._next += 1
        answer = self._calls[self._next] = self._loop.create_future()
        self._send(b"42" + self._prefix + str(self._next).encode() + orjson.dumps([event, body]))
        async with asyncio.timeout(OPEN_WITHIN):
            body = await answer
        if not body.get("ok"):
            raise Refused(f"{event}: {body}")
        return body

    def _send(self, data: bytes) -> None:
        self._out.write(_frame(data))

    def close(self) -> None:
        """Leave without a word, as a phone in a tunnel does."""
        self.closed = True
        self._out.abort()

    # -- in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast("asyncio.Transport", transport)  # uvloop's is one, but not by inheritance
        host = transport.get_extra_info("peername")
        key = base64.b64encode(os.urandom(16)).decode()
        self._out.write(
            f"GET {self._path}?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host[0]}:{host[1]}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        for waiting in (self.entered, *self._calls.values()):
            if not waiting.done():
                waiting.set_exception(Refused(f"the connection was closed: {self._got[:200]!r}"))
                waiting.exception()  # nobody may be waiting for it

    def data_received(self, data: bytes) -> None:
        at_us = now_us()
        got = self._got + data if self._got else data
        if not self._upgraded:
            end = got.find(b"\r\n\r\n")
            if end < 0 or b" 101 " not in got[:32]:
                self._got = got
                if end >= 0:
                    self._out.abort()
                return
            self._upgraded = True
            got = got[end + 4 :]
        start, size = 0, len(got)
        while size - start >= 2:
            length, at = got[start + 1] & 127, start + 2
            if length == 126:
                length, at = int.from_bytes(got[at : at + 2], "big"), at + 2
            elif length == 127:
                length, at = int.from_bytes(got[at : at + 8], "big"), at + 8
            if size < at + length:
                break
            self._take(got[start] & 15, got[at : at + length], at_us)
            start = at + length
        self._got = got[start:]

    def _take(self, opcode: int, data: bytes, at_us: int) -> None:
        if opcode == 9:
            self._out.write(_frame(data, 10))
        elif opcode == 8:
            self._out.close()
        elif opcode == 1:
            kind = data[:1]
            if kind == b"4":
                self._packet(data[1:], at_us)
            elif kind == b"2":
                self._send(b"3")
            elif kind == b"0":
                self._send(b"40" + self._prefix + orjson.dumps(self._auth))

    def _packet(self, data: bytes, at_us: int) -> None:
        kind, rest = data[:1], data[1:].removeprefix(self._prefix)
        if kind == b"2":
            if rest[2 : rest.find(b'"', 2)] in self.live:
                # The text is letters and spaces: no JSON reader is needed for the one event that comes in thousands.
                start = rest.rfind(b'"', 0, rest.rfind(b'"'))
                self.on_text(rest[start + 1 : rest.rfind(b'"')], at_us)
            else:
                event, *body = orjson.loads(rest)
                self.on_event(event, body[0] if body else None, at_us)
        elif kind == b"3":
            number = rest[: rest.index(b"[")]
            self._calls.pop(int(number)).set_result(orjson.loads(rest[len(number) :])[0])
        elif kind == b"0":
            self.entered.set_result(None)
        elif kind == b"4" and not self.entered.done():
            self.entered.set_exception(Refused(rest.decode()))
