"""python-socketio with the guards that it lacks: frames are read by us, events wait in a short queue per socket, acknowledgements
precede what must follow them, queues are bounded, and whoever does not connect, reads too slowly or floods is shown the door."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

import engineio
import orjson
import socketio
import structlog
from engineio.packet import MESSAGE, Packet
from socketio.exceptions import ConnectionRefusedError as Refused

from gateway.live.outgoing import Outgoing
from gateway.metrics import Metrics
from gateway.socket import frames
from gateway.socket.frames import Incoming
from gateway.socket.session import Session
from kernel.errors import GatewayError, Unavailable
from kernel.wire.base import MAX_FRAME

log = structlog.get_logger(__name__)

CONNECT_WITHIN = 5.0
LINGER = 1.0  # from goodbye to the cut of a socket that does not leave by itself
ABORT = "hibachi.abort"


class Namespace(Protocol):
    """The handlers of one namespace."""

    async def connect(self, sid: str, eio_sid: str, environ: dict[str, Any], auth: Any) -> Session:
        """Let a client in, or raise GatewayError."""

    async def opened(self, session: Session) -> None:
        """The connection is confirmed: the first event may leave."""

    async def closed(self, session: Session) -> None:
        """The client is gone."""

    async def handle(self, session: Session, event: str, payload: Any) -> dict[str, Any]:
        """Do what was asked; what it returns is acknowledged with `ok`. Raises GatewayError."""


class _Queue(asyncio.Queue[Any]):
    """Packets that wait for a client, with their weight in characters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = 0

    def _put(self, item: Any) -> None:
        self.weight += _weight(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.weight -= _weight(item)
        return item


def _weight(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO whose queues can be weighed."""

    def create_queue(self, *arguments: Any, **options: Any) -> _Queue:
        return _Queue()


class _OrJson:
    """orjson in the shape that python-socketio wants of a json module: UTF-8, no escapes."""

    JSONDecodeError = orjson.JSONDecodeError

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]
    """The process's Socket.IO server."""

    def __init__(self, origin_allowed: Callable[[str | None, dict[str, Any]], bool], metrics: Metrics) -> None:
        super().__init__(
            async_mode="asgi",
            namespaces=["/chat", "/console"],
            cors_allowed_origins=origin_allowed,
            cors_credentials=False,
            json=_OrJson,
            ping_interval=10,
            ping_timeout=8,
            max_http_buffer_size=MAX_FRAME,
            http_compression=False,
            logger=False,
            engineio_logger=False,
        )
        self._metrics = metrics
        self.doors: dict[str, Namespace] = {}
        self.sessions: dict[tuple[str, str], Session] = {}
        self._arrived: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.draining = False

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    # What leaves

    def queue_of(self, eio_sid: str) -> "_Sink | None":
        """The queue of packets that wait for a client."""
        found = self.eio.sockets.get(eio_sid)
        return None if found is None or found.closed else _Sink(found.queue)

    def acknowledge(self, session: Session, number: int, body: dict[str, Any]) -> None:
        queue = self.queue_of(session.eio_sid)
        if queue is not None:
            queue.put_nowait(f"3{session.namespace},{number}{orjson.dumps([body]).decode()}")

    def expel(self, session: Session, code: str, retry_after_ms: int) -> None:
        """Say goodbye and cut the connection, whether or not it reads."""
        if session.closed:
            return
        session.closed = True
        self._metrics.goodbyes.labels(code).inc()
        log.info("socket.goodbye", code=code, namespace=session.namespace)
        queue = self.queue_of(session.eio_sid)
        if queue is not None:
            body = {"code": code, "retry_after_ms": retry_after_ms}
            queue.put_nowait(Outgoing("goodbye", body, live=False).packet(session.namespace))
        self._spawn(self._cut(session.eio_sid))

    async def _cut(self, eio_sid: str) -> None:
        """Close the transport; a socket that does not let itself be closed is aborted."""
        abort = self.environ.get(eio_sid, {}).get("asgi.scope", {}).get(ABORT)
        try:
            async with asyncio.timeout(LINGER):
                await self.eio.disconnect(eio_sid)
        except TimeoutError:
            pass
        if abort is not None:
            await asyncio.sleep(0.2)
            abort()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What comes in

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        self._arrived[eio_sid] = time.monotonic()
        await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._arrived.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        incoming = frames.read(data) if isinstance(data, str) else frames.UNREADABLE
        match incoming.kind:
            case "connect":
                await self._connect(eio_sid, incoming)
            case "disconnect":
                await self._handle_disconnect(eio_sid, incoming.namespace, self.reason.CLIENT_DISCONNECT)
            case _:
                self._take(eio_sid, incoming)

    def _take(self, eio_sid: str, incoming: Incoming) -> None:
        session = self.sessions.get((eio_sid, incoming.namespace))
        if session is not None:
            if self._admit(session, incoming) and incoming.kind in ("event", "binary"):
                session.do(incoming)
        elif (other := self._any(eio_sid)) is not None:
            self._admit(other, incoming)  # for nobody here, but it counts
        else:
            self._spawn(self._cut(eio_sid))  # it speaks before it was let in

    def _any(self, eio_sid: str) -> Session | None:
        return self.sessions.get((eio_sid, "/chat")) or self.sessions.get((eio_sid, "/console"))

    def _admit(self, session: Session, incoming: Incoming) -> bool:
        """The frame bucket: an empty one refuses, one twice its size cuts."""
        if session.frames.take():
            return True
        if not session.limit.take():
            self.expel(session, "flood", 10_000)
        elif incoming.id is not None:
            error = {"code": "rate_limited", "message": "Too much at once. Please wait a moment."}
            self.acknowledge(session, incoming.id, {"ok": False, "error": {**error, "retry_after_ms": session.frames.wait_ms}})
        return False

    async def _connect(self, eio_sid: str, incoming: Incoming) -> None:
        if (eio_sid, incoming.namespace) in self.sessions:
            return
        if incoming.problem is not None:
            await self._cut(eio_sid)
            return
        await self._handle_connect(eio_sid, incoming.namespace, incoming.data if incoming.data is not None else {})
        session = self.sessions.get((eio_sid, incoming.namespace))
        if session is None:
            # Refused, or no such namespace: the answer is on its way, and then there is nothing to stay for.
            self._spawn(self._cut_later(eio_sid))
            return
        try:
            await self.doors[incoming.namespace].opened(session)
        except GatewayError:
            self.expel(session, "draining", 1000)

    async def _cut_later(self, eio_sid: str) -> None:
        await asyncio.sleep(0.5)
        if self._any(eio_sid) is None:
            await self._cut(eio_sid)

    async def _trigger_event(self, event: str, namespace: str, *arguments: Any) -> Any:
        """The library's own events; those of clients never come through here."""
        door = self.doors[namespace]
        if event == "connect":
            sid, environ, auth = arguments
            try:
                eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
                if self.draining:
                    raise Unavailable("This server is going away. Please connect again.", retry_after_ms=500)
                session = await door.connect(sid, eio_sid, environ, auth)
                self.sessions[(eio_sid, namespace)] = session
                self._metrics.connections.labels(namespace).inc()
            except GatewayError as error:
                raise Refused(error.message, error.body()) from error
            return None
        if event == "disconnect":
            eio_sid = self.manager.eio_sid_from_sid(arguments[0], namespace)
            found = self.sessions.pop((eio_sid, namespace), None)
            if found is not None:
                found.closed = True
                self._metrics.connections.labels(namespace).dec()
                await door.closed(found)
        return None

    async def handle(self, session: Session, incoming: Incoming) -> None:
        """One event of a client, to its acknowledgement. The edge: whatever is wrong is told, never what is inside."""
        started = time.monotonic()
        code = "ok"
        try:
            if incoming.problem is not None:
                code = "bad_request"
                answer: dict[str, Any] = {"ok": False, "error": {"code": code, "message": incoming.problem}}
            else:
                answer = {"ok": True, **await self.doors[session.namespace].handle(session, incoming.event, incoming.payload)}
        except GatewayError as error:
            code = error.code
            answer = {"ok": False, "error": error.body()}
        except Exception:
            log.exception("socket.handler_failed", namespace=session.namespace)
            code = "unavailable"
            answer = {"ok": False, "error": {"code": code, "message": "Something went wrong on our side. Please try again."}}
        self._metrics.events.labels(session.namespace, code).inc()
        self._metrics.event_seconds.observe(time.monotonic() - started)
        session.answer(incoming, answer)

    async def reap(self) -> None:
        """Close connections that were never let into a namespace, until cancelled."""
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            for eio_sid, since in list(self._arrived.items()):
                if self._any(eio_sid) is not None:
                    self._arrived.pop(eio_sid, None)
                elif now - since > CONNECT_WITHIN:
                    self._arrived.pop(eio_sid, None)
                    self._spawn(self._cut(eio_sid))

    def drain(self) -> None:
        """Ask everyone to come back elsewhere."""
        self.draining = True
        for session in list(self.sessions.values()):
            self.expel(session, "draining", 500)


class _Sink:
    """A client's queue as sessions use it: text in, packets out."""

    __slots__ = ("_queue",)

    def __init__(self, queue: _Queue) -> None:
        self._queue = queue

    def qsize(self) -> int:
        return self._queue.qsize()

    @property
    def weight(self) -> int:
        return self._queue.weight

    def put_nowait(self, text: str) -> None:
        self._queue.put_nowait(Packet(MESSAGE, text))
