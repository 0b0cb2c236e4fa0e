"""A client that speaks Engine.IO and Socket.IO frame by frame, and so may also speak it wrongly: for the guards."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

Event = tuple[str, str, Any]
PATIENCE = 8.0


class Refused(Exception):
    """`connect_error`, with its `data`."""

    def __init__(self, data: Any) -> None:
        super().__init__(str(data))
        self.data = data
        self.code = (data.get("data") or {}).get("code") if isinstance(data, dict) else None


class Raw:
    """One connection. What arrives is kept in `events` (namespace, event, payload), in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[Event] = []
        self.frames: list[str] = []
        self.closed = asyncio.Event()
        self.close_code: int | None = None
        self.pongs = True
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._number = 0
        self._news = asyncio.Condition()
        self._reading = asyncio.Event()
        self._reading.set()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        origin: str | None = None,
        headers: dict[str, str] | None = None,
        buffer: int | None = None,
        eio_sid: str | None = None,
    ) -> "Raw":
        """To `http://host:port`. `buffer`: bytes that the kernel may keep for us, for a reader that pauses. `eio_sid`: upgrade this."""
        parts = urlsplit(url)
        given: dict[str, Any] = {}
        if buffer is not None:
            plain = socket.socket()
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            plain.setblocking(False)
            await asyncio.get_running_loop().sock_connect(plain, (parts.hostname, parts.port))
            given["sock"] = plain
        opened = await connect(
            f"ws://{parts.netloc}/socket.io/?EIO=4&transport=websocket" + (f"&sid={eio_sid}" if eio_sid else ""),
            origin=Origin(origin) if origin is not None else None,
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            max_size=None,
            max_queue=4 if buffer else 4096,
            close_timeout=1,
            proxy=None,
            **given,
        )
        return cls(opened)

    # Reading

    async def _read(self) -> None:
        try:
            while True:
                await self._reading.wait()
                frame = await self.socket.recv()
                assert isinstance(frame, str)
                await self._take(frame)
        except ConnectionClosed as error:
            self.close_code = error.rcvd.code if error.rcvd else None
        finally:
            self.closed.set()
            async with self._news:
                self._news.notify_all()

    async def _take(self, frame: str) -> None:
        self.frames.append(frame)
        if frame == "2" and self.pongs:
            await self.socket.send("3")
        if frame.startswith("4"):
            self._read_packet(frame)
        async with self._news:
            self._news.notify_all()

    def _read_packet(self, frame: str) -> None:
        kind, rest = frame[1], frame[2:]
        namespace, _, rest = rest.partition(",") if rest.startswith("/") else ("/", "", rest)
        match kind:
            case "0" | "4":
                answer = self._answers.pop(namespace, None)
                if answer is not None and not answer.done():
                    answer.set_result(kind + rest)
            case "3":
                digits = rest[: rest.index("[")]
                future = self._acks.pop(int(digits), None)
                if future is not None and not future.done():
                    future.set_result(orjson.loads(rest[len(digits) :])[0])
            case "2":
                event, payload = orjson.loads(rest)
                self.events.append((namespace, event, payload))

    def pause(self) -> None:
        """Read no more: what is sent to us piles up."""
        self._reading.clear()

    def resume(self) -> None:
        self._reading.set()

    async def until(self, there: Callable[["Raw"], Any], timeout: float = PATIENCE) -> Any:
        """Wait until `there(self)` gives something true, and return it."""
        async with asyncio.timeout(timeout), self._news:
            while not (found := there(self)):
                await self._news.wait()
            return found

    def heard(self, event: str, namespace: str | None = None) -> list[Any]:
        """Payloads of the events of this name."""
        return [payload for where, name, payload in self.events if name == event and namespace in (None, where)]

    async def expect(self, event: str, match: Callable[[Any], bool] = lambda _: True, timeout: float = PATIENCE) -> Any:
        """The first event of this name that matches, past or to come."""
        return await self.until(lambda raw: next((body for body in raw.heard(event) if match(body)), None), timeout)

    async def durable(self, kind: str, timeout: float = PATIENCE) -> Any:
        """The first `event` of this kind."""
        return await self.expect("event", lambda body: body["kind"] == kind, timeout)

    # Writing

    async def send(self, frame: str | bytes) -> None:
        """Any frame, right or wrong."""
        await self.socket.send(frame)

    async def enter(self, namespace: str, auth: Any) -> Any:
        """CONNECT; the answer's data. Raises Refused."""
        answer = self._answers[namespace] = asyncio.get_running_loop().create_future()
        await self.send(f"40{namespace},{orjson.dumps(auth).decode()}")
        async with asyncio.timeout(PATIENCE):
            said: str = await answer
        data = orjson.loads(said[1:]) if len(said) > 1 else None
        if said[0] == "4":
            raise Refused(data)
        return data

    async def packet(self, namespace: str, data: str, timeout: float = PATIENCE) -> Any:
        """An EVENT with this raw data and an id; its acknowledgement."""
        number = self.next_number()
        future = self._acks[number] = asyncio.get_running_loop().create_future()
        await self.send(f"42{namespace},{number}{data}")
        async with asyncio.timeout(timeout):
            return await future

    async def ask(self, event: str, payload: Any, namespace: str = "/chat", timeout: float = PATIENCE) -> Any:
        """An event and its acknowledgement."""
        return await self.packet(namespace, orjson.dumps([event, payload]).decode(), timeout)

    async def tell(self, event: str, payload: Any, namespace: str = "/chat") -> None:
        """An event that is not acknowledged."""
        await self.send(f"42{namespace},{orjson.dumps([event, payload]).decode()}")

    def next_number(self) -> int:
        self._number += 1
        return self._number

    async def say(self, text: str, *, id: str | None = None) -> Any:
        """`message` on `/chat`."""
        return await self.ask("message", {"id": id or str(uuid4()), "text": text})

    async def gone(self, timeout: float) -> None:
        """Wait until the other side has ended the connection."""
        async with asyncio.timeout(timeout):
            await self.closed.wait()

    async def leave(self) -> None:
        """Close, and stop reading."""
        self._reading.set()
        if not self.closed.is_set():
            await self.socket.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        for future in (*self._acks.values(), *self._answers.values()):
            future.cancel()
