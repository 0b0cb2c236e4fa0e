"""The people of a bench: customers who ask again as soon as they were answered, staff who watch them. For both gateways."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import uuid4

import orjson

from tests.bench.plan import say
from tests.bench.sockets import Socket
from tests.bench.stamps import LENGTH, Tally, now_us

WATCHES_PER_SOCKET = 20
PACE_MS = 20  # 50 tokens a second
REPLY_TOKENS = 450  # nine seconds; 8 characters each, so 3,600 of the 8,000 that a reply may have
EMAIL, PASSWORD = "bench@example.com", "a long password for the bench"


def order(tokens: int, pace_ms: int = PACE_MS, tag: str = "") -> str:
    """What a customer says to be answered so; the provider reads it."""
    return f"Please tell me about the evening. tokens={tokens} pace={pace_ms}" + (f" tag={tag}" if tag else "")


class Conversation(Protocol):
    """One conversation with its two watchers, as the bench drives it."""

    def start(self, tokens: int) -> None:
        """Ask for a reply of so many tokens, and on its end for one of the usual length, until stopped."""

    def close(self) -> None:
        """Everyone leaves."""


class Customer:
    """A customer of the product. `reply_over` is called with the time at which a whole reply was there."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.first_us: int | None = None
        self.stamp = b""
        self.reply_over: Callable[[], None] = lambda: None
        self.conversation = self.history = self.token = ""
        self._arrived: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[None] | None = None
        self._kept: set[asyncio.Task[Any]] = set()

    async def open(self, port: int, *, source: str | None = None, token: str | None = None) -> "Customer":
        """Come in, as a newcomer or as whom the token names."""
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def prepare(socket: Socket) -> None:
            socket.on_text = self._text
            socket.on_event = lambda event, body, at: ready.set_result(body) if event == "ready" else self._event(event, body)

        self.socket = await Socket.open(port, "/chat", {"site": "demo", "token": token}, source=source, prepare=prepare)
        async with asyncio.timeout(30):
            body = await ready
        self.conversation, self.history, self.token = body["conversation"]["id"], body["history"], body["token"]
        return self

    def _text(self, text: bytes, at_us: int) -> None:
        if self.first_us is None:
            self.first_us, self.stamp = at_us, next(word for word in text.split() if len(word) == LENGTH)
            if self._arrived is not None:
                self._arrived.set_result(None)
        self.tally.take(text, at_us)

    def _event(self, event: str, body: Any) -> None:
        if event == "event" and body["kind"] == "message" and body["message"]["author"]["kind"] == "ai":
            if self._ended is not None:
                self._ended.set_result(None)
                self._ended = None
            self.reply_over()

    def say(self, text: str) -> int:
        """Send a message; gives the time at which it left. Where it is refused it is sent again after a second."""
        self.first_us = None
        task = asyncio.ensure_future(self.socket.call("message", {"id": str(uuid4()), "text": text}))
        self._kept.add(task)
        task.add_done_callback(lambda done: self._answered(done, text))
        return now_us()

    def _answered(self, call: "asyncio.Task[Any]", text: str) -> None:
        self._kept.discard(call)
        if not call.cancelled() and (error := call.exception()) is not None and not self.socket.closed:
            say(f"  refused: {error}")
            asyncio.get_running_loop().call_later(1.0, self.say, text)

    async def ask(self, text: str) -> int:
        """Say it and wait for the whole reply; gives the time at which the question left."""
        self._ended = asyncio.get_running_loop().create_future()
        ended = self._ended
        at_us = self.say(text)
        async with asyncio.timeout(30):
            await ended
        return at_us

    async def first_token(self, text: str) -> tuple[int, int, bytes]:
        """(asked, first token here, its stamp) of a question; times in microseconds."""
        self._arrived = asyncio.get_running_loop().create_future()
        at_us = self.say(text)
        async with asyncio.timeout(30):
            await self._arrived
        self._arrived = None
        assert self.first_us is not None
        return at_us, self.first_us, self.stamp


class Staff:
    """The console's side: signs in once, opens sockets, watches."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._port = port
        self.tally = tally
        self._cookie = self._csrf = ""
        self._sockets: list[Socket] = []
        self._room = 0

    async def sign_in(self) -> "Staff":
        headers, body = await self._post("/api/admin/login", {"email": EMAIL, "password": PASSWORD}, {})
        self._cookie = headers["set-cookie"].partition(";")[0]
        self._csrf = body["csrf"]
        return self

    async def socket(self) -> Socket:
        """A socket of its own on `/console`."""
        _, body = await self._post("/api/admin/socket-token", {}, {"Cookie": self._cookie, "X-CSRF-Token": self._csrf})

        def prepare(socket: Socket) -> None:
            socket.on_text = self.tally.take

        opened = await Socket.open(self._port, "/console", {"token": body["token"]}, prepare=prepare)
        self._sockets.append(opened)
        return opened

    async def watch(self, conversation: str) -> None:
        """Watch a conversation, on a socket that watches some others."""
        if self._room == 0:
            await self.socket()
            self._room = WATCHES_PER_SOCKET
        self._room -= 1
        await self._sockets[-1].call("watch", {"conversation": conversation})

    def close(self) -> None:
        for socket in self._sockets:
            socket.close()

    async def put(self, path: str, body: Any) -> Any:
        """Of the admin's API."""
        return (await self._post(path, body, {"Cookie": self._cookie, "X-CSRF-Token": self._csrf}, method="PUT"))[1]

    async def _post(self, path: str, body: Any, headers: dict[str, str], method: str = "POST") -> tuple[dict[str, str], Any]:
        def send() -> tuple[dict[str, str], Any]:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            connection.request(method, path, orjson.dumps(body), {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            given = orjson.loads(response.read())
            if response.status != 200:
                raise RuntimeError(f"{path}: {response.status} {given}")
            return {name.lower(): value for name, value in response.getheaders()}, given

        return await asyncio.to_thread(send)


class HibachiConversation:
    """A conversation of the product: the customer's socket and one watch of the staff."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer

    @classmethod
    async def open(cls, port: int, tally: Tally, staff: Staff) -> "HibachiConversation":
        customer = await Customer(tally).open(port)
        await customer.ask(order(1))  # what nobody has written to cannot be watched
        await staff.watch(customer.conversation)
        return cls(customer)

    def start(self, tokens: int) -> None:
        def again() -> None:
            self._customer.say(order(REPLY_TOKENS))

        self._customer.reply_over = again
        self._customer.say(order(tokens))

    def close(self) -> None:
        self._customer.socket.close()


class NaiveConversation:
    """A conversation of the naive gateway: the same two watchers, in one of its rooms."""

    def __init__(self, customer: Socket, watcher: Socket) -> None:
        self._customer = customer
        self._watcher = watcher

    @classmethod
    async def open(cls, port: int, tally: Tally, staff_tally: Tally) -> "NaiveConversation":
        def prepare(mine: Tally) -> Callable[[Socket], None]:
            def listen(socket: Socket) -> None:
                socket.on_text = mine.take

            return listen

        room = uuid4().hex
        customer = await Socket.open(port, "/", {}, prepare=prepare(tally))
        watcher = await Socket.open(port, "/", {}, prepare=prepare(staff_tally))
        for socket in (customer, watcher):
            socket.emit("join", {"conversation": room})
        made = cls(customer, watcher)
        made.room = room
        return made

    room = ""

    def start(self, tokens: int) -> None:
        def over(event: str, body: Any, at_us: int) -> None:
            if event == "done":
                self._customer.emit("message", {"conversation": self.room, "text": order(REPLY_TOKENS)})

        self._customer.on_event = over
        self._customer.emit("message", {"conversation": self.room, "text": order(tokens)})

    def close(self) -> None:
        self._customer.close()
        self._watcher.close()


Opener = Callable[[], Awaitable[Conversation]]
