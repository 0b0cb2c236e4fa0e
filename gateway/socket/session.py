"""A connected client: its queue of work, its guards, and what it may be sent."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from business.customers.visitors import Visitor
from business.staff.sessions import StaffIdentity
from gateway.live.outgoing import Namespace, Outgoing
from gateway.live.room import Watch
from gateway.socket.buckets import Bucket
from gateway.socket.frames import Incoming
from gateway.socket.queues import PacketQueue
from kernel.ids import ConversationId
from kernel.wire.chat import ChatConnect

# A client that reads slower than it is sent to: live frames are dropped first (they are resumable), then the client.
DROP_LIVE_AT = 256
DROP_LIVE_BYTES = 1 << 20
CUT_AT = 512
CUT_BYTES = 2 << 20


class Server(Protocol):
    """What a session asks of whoever holds its connection (server.py)."""

    def queue_of(self, eio_sid: str) -> PacketQueue | None: ...

    def acknowledge(self, session: "Session", number: int, body: dict[str, Any]) -> None: ...

    def expel(self, session: "Session", code: str, retry_after_ms: int) -> None: ...

    async def handle(self, session: "Session", incoming: Incoming) -> None: ...


class Session:
    """One namespace of one connection. Its events are handled one after the other, in order."""

    __slots__ = ("_server", "_todo", "_worker", "after_ack", "closed", "eio_sid", "frames", "limit", "namespace", "sid", "slow")

    def __init__(self, server: Server, sid: str, eio_sid: str, namespace: Namespace, burst: int, rate: float) -> None:
        self._server = server
        self.sid = sid
        self.eio_sid = eio_sid
        self.namespace: Namespace = namespace
        self.frames = Bucket(burst, rate)
        self.limit = Bucket(2 * burst, 2 * rate)
        self.closed = False
        self.slow = False
        self.after_ack: list[Callable[[], None]] = []
        self._todo: list[Incoming] = []  # a few at most; a deque takes 760 bytes when empty
        self._worker: asyncio.Task[None] | None = None

    def send(self, outgoing: Outgoing) -> None:
        """Queue an event; never waits, never raises. A slow client loses live frames first, then its connection."""
        queue = self._server.queue_of(self.eio_sid)
        if queue is None or self.closed:
            return
        size, weight = queue.qsize(), queue.weight
        if outgoing.live and (size >= DROP_LIVE_AT or weight >= DROP_LIVE_BYTES):
            self.slow = True
            return
        if size >= CUT_AT or weight >= CUT_BYTES:
            self._server.expel(self, "slow", 1000)
            return
        queue.put_nowait(outgoing.packet(self.namespace))

    @property
    def waiting(self) -> int:
        """Events that wait for their turn."""
        return len(self._todo)

    def do(self, incoming: Incoming) -> None:
        """Handle this after what came before it."""
        self._todo.append(incoming)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._todo and not self.closed:
                await self._server.handle(self, self._todo.pop(0))
        finally:
            self._worker = None

    def answer(self, incoming: Incoming, acknowledgement: dict[str, Any]) -> None:
        """Acknowledge, then do what must come after the acknowledgement."""
        if incoming.id is not None:
            self._server.acknowledge(self, incoming.id, acknowledgement)
        after, self.after_ack = self.after_ack, []
        for step in after:
            step()


class ChatSession(Session):
    """A customer's socket."""

    __slots__ = ("address", "locale", "visitor", "wants", "watch")

    def __init__(self, *arguments: Any, visitor: Visitor, locale: str, address: str) -> None:
        super().__init__(*arguments)
        self.visitor = visitor
        self.locale = locale
        self.address = address  # where it connects from
        self.wants: ChatConnect | None = None  # what it holds already, until the snapshot was sent
        self.watch = Watch(self, staff=False, key="customer")


class ConsoleSession(Session):
    """A member of staff's socket."""

    __slots__ = ("staff", "watches")

    def __init__(self, *arguments: Any, staff: StaffIdentity) -> None:
        super().__init__(*arguments)
        self.staff = staff
        self.watches: dict[ConversationId, Watch] = {}
