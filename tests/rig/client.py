"""A strict Socket.IO client over a raw WebSocket, after the protocol and nothing else; everything that it saw is recorded.

It can be cut at any moment without a goodbye, and come back at another gateway with what it holds.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.rig.fleet import ADMIN, PASSWORD
from tests.rig.history import Recorder
from tests.rig.transcript import Body, Transcript


class Refused(Exception):
    """`connect_error`, with the server's code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Gone(Exception):
    """The connection ended before what was awaited came."""


class WireClient:
    """One namespace of one connection. Subclasses know what the events mean."""

    namespace = ""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self.recorder = recorder
        self.name = name
        self.base = ""
        self.goodbye: Body | None = None
        self.seen: list[tuple[str, Body]] = []
        self._calls = itertools.count()
        self._acks: dict[int, asyncio.Future[Body]] = {}
        self._changed = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._side: set[asyncio.Task[Any]] = set()

    # -- the connection

    async def connect(self, base: str, auth: Body) -> None:
        """Open the transport and the namespace. Raises Refused."""
        self.base, self.goodbye = base, None
        url = f"{base.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        self._socket = await connect(url, compression=None, max_size=64 * 1024, proxy=None, ping_interval=None, open_timeout=10)
        opened = await self._receive()
        assert opened.startswith("0"), opened
        await self._socket.send(f"40{self.namespace},{json.dumps(auth)}")
        while True:
            answer = await self._receive()
            if answer.startswith(f"44{self.namespace},"):
                error = json.loads(answer.partition(",")[2])
                await self._socket.close()
                raise Refused(error.get("data", error).get("code", "?"), error.get("message", ""))
            if answer.startswith(f"40{self.namespace},"):
                break
            if answer == "2":
                await self._socket.send("3")
        self.recorder.add(self.name, "connected", base=base)
        self._reader = asyncio.create_task(self._read(self._socket))

    async def _receive(self) -> str:
        assert self._socket is not None
        async with asyncio.timeout(10):
            frame = await self._socket.recv()
        assert isinstance(frame, str), "a binary frame"
        return frame

    async def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for frame in socket:
                assert isinstance(frame, str), "a binary frame"
                if frame == "2":
                    await socket.send("3")
                elif frame[:1] == "4":
                    self._packet(frame[1:])
                self._changed.set()
        self.recorder.add(self.name, "closed", code=socket.close_code)
        for future in self._acks.values():
            if not future.done():
                future.set_exception(Gone(f"{self.name} lost its connection"))
        self._changed.set()

    def _packet(self, packet: str) -> None:
        kind, (space, _, rest) = packet[0], packet[1:].partition(",")
        if space != self.namespace:
            self.recorder.fault(self.name, f"a packet for {space}")
        elif kind == "2":
            event, body = json.loads(rest)
            self.recorder.add(self.name, event, body=body)
            self.seen.append((event, body))
            if event == "goodbye":
                self.goodbye = body
            self.on_event(event, body)
        elif kind == "3":
            digits = "".join(itertools.takewhile(str.isdigit, rest))
            (body,) = json.loads(rest[len(digits) :])
            future = self._acks.pop(int(digits), None)
            if future is None:
                self.recorder.fault(self.name, f"acknowledgement {digits} came twice or unasked")
                return
            self.recorder.add(self.name, "ack", call=int(digits), body=body)
            self.on_ack(int(digits), body)
            if not future.done():
                future.set_result(body)

    @property
    def connected(self) -> bool:
        return self._reader is not None and not self._reader.done()

    async def cut(self) -> None:
        """Drop the TCP connection, as a train in a tunnel does."""
        self.recorder.add(self.name, "cut")
        if self._socket is not None and self._reader is not None:
            self._socket.transport.abort()
            with suppress(asyncio.CancelledError):
                await self._reader

    async def close(self) -> None:
        """Leave politely."""
        for task in list(self._side):
            task.cancel()
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.wait([self._reader])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- asking

    async def call(self, event: str, payload: Body | None = None, within: float = 15.0) -> Body:
        """Send an event and wait for its acknowledgement. Raises Gone, TimeoutError."""
        if self._socket is None or not self.connected:
            raise Gone(f"{self.name} is not connected")
        number = next(self._calls)
        future: asyncio.Future[Body] = asyncio.get_running_loop().create_future()
        self._acks[number] = future
        self.recorder.add(self.name, "sent", event=event, call=number, payload=payload or {})
        try:
            self.on_sent(number, event, payload or {})
            await self._socket.send(f"42{self.namespace},{number}{json.dumps([event, payload or {}])}")
            async with asyncio.timeout(within):
                return await future
        except ConnectionClosed as error:
            raise Gone(f"{self.name} lost its connection") from error
        finally:
            self._acks.pop(number, None)

    async def tell(self, event: str, payload: Body) -> None:
        """Send an event that is not acknowledged (`typing`, `seen`)."""
        assert self._socket is not None
        await self._socket.send(f"42{self.namespace},{json.dumps([event, payload])}")

    async def until(self, test: Callable[[], Any], within: float = 15.0, what: str = "") -> Any:
        """Wait until `test` holds, looked at after every frame; returns what it gave."""
        try:
            async with asyncio.timeout(within):
                while not (found := test()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"{self.name}: {what or 'what was waited for'} did not come; last seen {self.seen[-3:]}") from None
        return found

    def others(self, event: str) -> list[Body]:
        """Every event of a name that came, in order."""
        return [body for name, body in self.seen if name == event]

    # -- for subclasses

    def on_event(self, event: str, body: Body) -> None:
        """Something came."""

    def on_sent(self, number: int, event: str, payload: Body) -> None:
        """An event is about to leave."""

    def on_ack(self, number: int, body: Body) -> None:
        """An acknowledgement came, in its place among the events."""

    def aside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    def keep_faults(self, log: Transcript) -> None:
        while log.faults:
            self.recorder.fault(self.name, log.faults.pop(0), conversation=log.conversation)


class ChatClient(WireClient):
    """A customer. `log` is what stands on the screen."""

    namespace = "/chat"

    def __init__(self, recorder: Recorder, name: str = "customer") -> None:
        super().__init__(recorder, name)
        self.token: str | None = None
        self.log = Transcript()
        self._syncing = False
        self._first = True

    async def open(self, base: str, **auth: Any) -> Self:
        """Connect, with what is held where there was a connection before; back when `ready` came."""
        mine: Body = {"token": self.token} if self.token else {}
        self._asked = self.log.position()
        self._first = True
        count = len(self.others("ready"))
        await self.connect(base, {"site": "demo", **mine, **self._asked, **auth})
        await self.until(lambda: len(self.others("ready")) > count or not self.connected, what="ready")
        if len(self.others("ready")) == count:
            raise Gone(f"{self.name} was let in, and cut before ready: {self.goodbye}")
        return self

    def on_event(self, event: str, body: Body) -> None:
        if self._first and event != "ready":
            self.recorder.fault(self.name, f"{event} came before ready")
        match event:
            case "ready":
                self._first = False
                self.token = body["token"]
                if self.log.snapshot(body, self._asked):
                    self.sync_aside()
            case "event" if self.log.event(body):
                self.sync_aside()
            case "delta" if self.log.delta(body):
                self.sync_aside()
            case "head" if body["seq"] > (self.log.top or 0):
                self.sync_aside()
        self.keep_faults(self.log)

    def sync_aside(self) -> None:
        if not self._syncing:
            self._syncing = True
            self.aside(self._sync_aside())

    async def _sync_aside(self) -> None:
        with suppress(Gone, TimeoutError):
            try:
                await self.sync()
            finally:
                self._syncing = False

    async def sync(self) -> Body:
        """Ask for what is missing until nothing is; returns the last snapshot."""
        while True:
            position = {"after": 0, **self.log.position()}
            body = await self.call("sync", position)
            if not body["ok"]:
                return body
            self.recorder.add(self.name, "snapshot", body=body)
            more = self.log.snapshot(body, position)
            self.keep_faults(self.log)
            if not more:
                return body

    async def say(self, text: str, id: str | None = None) -> Body:
        """Send a message, with an id of its own or a repeated one."""
        return await self.call("message", {"id": id or str(uuid4()), "text": text})

    async def finished(self, count: int = 1, within: float = 20.0) -> Body:
        """Wait for so many replies to end; returns the last end."""
        await self.until(lambda: len(self.log.finished) >= count, within, f"reply_finished number {count}")
        return self.log.finished[count - 1]

    async def shown(self, characters: int, within: float = 15.0) -> str:
        """Wait until so much of a reply stands there, or it has ended."""
        ended = len(self.log.finished)
        await self.until(lambda: len(self.log.text) >= characters or len(self.log.finished) > ended, within, f"{characters} characters")
        return self.log.text

    async def settle(self) -> None:
        """Ask once more, then record the final transcript for the checker."""
        await self.sync()
        self.recorder.add(self.name, "final", conversation=self.log.conversation, events=[e for _, e in sorted(self.log.events.items())])


class ConsoleClient(WireClient):
    """A member of staff. `logs` holds a transcript for every watched conversation."""

    namespace = "/console"

    def __init__(self, recorder: Recorder, name: str = "admin") -> None:
        super().__init__(recorder, name)
        self.logs: dict[str, Transcript] = {}
        self._asked: dict[int, Body] = {}
        self._watched: set[str] = set()
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    async def login(self, base: str, email: str = ADMIN, password: str = PASSWORD) -> Self:
        """Sign in over HTTP."""
        async with httpx.AsyncClient(trust_env=False) as http:
            response = await http.post(f"{base}/api/admin/login", json={"email": email, "password": password}, timeout=15)
            assert response.status_code == 200, response.text
            self.cookies, self.csrf = dict(response.cookies), response.json()["csrf"]
        return self

    async def open(self, base: str) -> Self:
        """Fetch a socket token and connect; what was watched before is not watched yet."""
        async with httpx.AsyncClient(cookies=self.cookies, trust_env=False) as http:
            response = await http.post(f"{base}/api/admin/socket-token", headers={"X-CSRF-Token": self.csrf}, timeout=15)
            assert response.status_code == 200, response.text
        self._watched.clear()
        await self.connect(base, {"token": response.json()["token"]})
        return self

    def on_event(self, event: str, body: Body) -> None:
        log = self.logs.get(body.get("conversation", ""))
        if event in ("event", "delta"):
            if log is None or body["conversation"] not in self._watched:
                self.recorder.fault(self.name, f"{event} came before the acknowledgement of its watch")
            elif (log.event if event == "event" else log.delta)(body):
                self.aside(self._watch_again(body["conversation"]))
        if log is not None:
            self.keep_faults(log)

    async def _watch_again(self, conversation: str) -> None:
        with suppress(Gone, TimeoutError):
            await self.watch(conversation)

    async def watch(self, conversation: str) -> Body:
        """Watch, or watch again from what is held."""
        log = self.logs.get(conversation)
        position: Body = {}
        if log is not None:
            position = log.position()
            if "history" in position:
                position["after_staff"] = log.staff_top
        return await self.call("watch", {"conversation": conversation, **position})

    def on_sent(self, number: int, event: str, payload: Body) -> None:
        if event in ("watch", "sync"):
            self._asked[number] = payload

    def on_ack(self, number: int, body: Body) -> None:
        asked = self._asked.pop(number, None)
        if asked is None or not body["ok"]:
            return
        conversation = asked["conversation"]
        self._watched.add(conversation)
        log = self.logs.setdefault(conversation, Transcript())
        self.recorder.add(self.name, "snapshot", body=body)
        more = log.snapshot(body, asked)
        log.staff_snapshot(body)
        self.keep_faults(log)
        if more:
            self.aside(self._watch_again(conversation))

    async def do(self, event: str, conversation: str, **payload: Any) -> Body:
        """An event about a conversation."""
        return await self.call(event, {"conversation": conversation, **payload})

    async def say(self, conversation: str, text: str, epoch: int, id: str | None = None) -> Body:
        """Words to the customer."""
        return await self.do("message", conversation, id=id or str(uuid4()), text=text, epoch=epoch)

    async def settle(self) -> None:
        """Watch everything once more, then record the final transcripts."""
        for conversation, log in self.logs.items():
            await self.watch(conversation)
            self.recorder.add(self.name, "final", conversation=conversation, events=[e for _, e in sorted(log.events.items())])
