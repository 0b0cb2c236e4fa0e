"""A receiver of webhooks on loopback that behaves as badly as it is told to, and remembers everything that it was sent.

async with Receiver() as receiver:
    receiver.behave("500", "hang")       # the next two requests; after that "200"
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Head = dict[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """One POST as it arrived."""

    path: str
    head: Head
    body: bytes

    @property
    def id(self) -> str:
        return self.head["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def type(self) -> str:
        return str(self.event["type"])


def verify(request: Request, secret: str) -> bool:
    """As standardwebhooks.com says, written from there and not from our signing: any `v1` signature may be the right one."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{request.head['webhook-id']}.{request.head['webhook-timestamp']}.{request.body.decode()}"
    expected = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    given = [one.split(",", 1) for one in request.head["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(signature, expected) for version, signature in given)


@dataclass
class Receiver:
    """`usual` is what it does where nothing else was planned: a status, `hang`, `reset`, `slow-body`, `redirect:URL`, `503+7`."""

    usual: str = "200"
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    _planned: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> "Receiver":
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen, at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    def url(self, host: str = "127.0.0.1", path: str = "/hook") -> str:
        return f"http://{host}:{self.port}{path}"

    def behave(self, *how: str) -> None:
        self._planned += how

    async def got(self, enough: Callable[[list[Request]], bool], within: float = 30.0) -> list[Request]:
        """Wait until what arrived is enough."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: enough(self.requests))
        return list(self.requests)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                request = await _read(reader)
                how = self._planned.pop(0) if self._planned else self.usual
                self.requests.append(request)
                async with self._arrived:
                    self._arrived.notify_all()
                await self._answer(how, reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, how: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if how == "hang":
            await reader.read()  # until the other side has had enough
        elif how == "reset":
            writer.transport.abort()
        elif how == "slow-body":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx")
            await writer.drain()
            await reader.read()
        elif how.startswith("redirect:"):
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {how[9:]}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            status, _, again = how.partition("+")
            more = f"Retry-After: {again}\r\n" if again else ""
            writer.write(f"HTTP/1.1 {status} So\r\n{more}Content-Length: 0\r\n\r\n".encode())


async def _read(reader: asyncio.StreamReader) -> Request:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    head = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    body = await reader.readexactly(int(head.get("content-length", "0")))
    return Request(lines[0].split(" ")[1], head, body)
