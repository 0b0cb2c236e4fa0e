"""python-socketio with the guards that it lacks: frames are read by us, events wait in a short queue per socket, acknowledgements
precede what must follow them, queues are bounded, and whoever does not connect, reads too slowly or floods is shown the door."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs

import engineio
import orjson
import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as Refused
from starlette.types import ASGIApp, Receive

from gateway.live.outgoing import Outgoing, TextPacket
from gateway.metrics import Metrics
from gateway.socket import frames
from gateway.socket.buckets import Bucket
from gateway.socket.frames import Incoming
from gateway.socket.guard import ABORT, HOLD, WRITE, Release
from gateway.socket.queues import PacketQueue
from gateway.socket.session import CUT_AT, CUT_BYTES, Session
from kernel.errors import GatewayError, RateLimited, Unavailable
from kernel.ids import new_id
from kernel.wire.base import MAX_FRAME

log = structlog.get_logger(__name__)

CONNECT_WITHIN = 5.0
ENTRIES = 6  # CONNECTs of one connection at once; a client needs one for each namespace
MOST_WAITING = 64  # events of one socket that wait for their turn
BROKEN = "Something went wrong on our side. Please try again."
LINGER = 1.0  # from goodbye to the cut of a socket that does not leave by itself


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


def _readable(receive: Receive, *, upgrade: bool) -> Receive:
    """Only packets that a client of Engine.IO sends, and no more of those without content than it needs: the library raises at
    the others, loses the connection out of its sight, or queues an answer to each. Whoever sends them has left, as it sees it."""
    idle = Bucket(20, 1)
    probing = 2 if upgrade else 0  # "2probe", then "5"

    async def checked() -> Any:
        nonlocal probing
        message = await receive()
        text = message.get("text") if message["type"] == "websocket.receive" else None
        if text is None:
            return message
        allowed, probing = ("25" if probing > 0 else "1346"), probing - 1
        if text[:1] not in allowed or not text or (text[0] != "4" and not idle.take()):
            return {"type": "websocket.disconnect", "code": 1002}
        return message

    return checked


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO whose queues can be weighed, and whose upgraded connections can be cut."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.upgrades: dict[str, dict[str, Any]] = {}  # the scope of the WebSocket that a polling connection became

    async def handle_request(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["type"] == "websocket":
            eio_sids = parse_qs(scope["query_string"]).get(b"sid", [])
            for eio_sid in eio_sids:
                found = self.sockets.get(eio_sid.decode("latin-1"))
                if found is not None and not found.upgraded:
                    self.upgrades[found.sid] = scope
                    found.queue.lane = _lane(found, scope)
            receive = _readable(receive, upgrade=bool(eio_sids))
        return await super().handle_request(scope, receive, send)

    def create_queue(self, *arguments: Any, **options: Any) -> PacketQueue:
        return PacketQueue()


def _lane(client: Any, scope: Any) -> Callable[[bytes], bool] | None:
    """How to write to a client past the queue, once its WebSocket is all that it listens to."""
    write = scope.get(WRITE)
    return None if write is None else lambda frame: client.upgraded and write(frame)


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
        self._entries: dict[str, Bucket] = {}
        self._polling: dict[str, Release] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.draining = False

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    def over(self, app: ASGIApp) -> ASGIApp:
        """An application that takes what is for Socket.IO and leaves the rest to `app`."""
        over: ASGIApp = socketio.ASGIApp(self, other_asgi_app=app)
        return over

    # What leaves

    def queue_of(self, eio_sid: str) -> PacketQueue | None:
        """The queue of packets that wait for a client."""
        found = self.eio.sockets.get(eio_sid)
        return None if found is None or found.closed else found.queue

    def acknowledge(self, session: Session, number: int, body: dict[str, Any]) -> None:
        queue = self.queue_of(session.eio_sid)
        if queue is None or session.closed:
            return
        if queue.qsize() >= CUT_AT or queue.weight >= CUT_BYTES:
            self.expel(session, "slow", 1000)  # it asks without reading the answers
        else:
            queue.put_nowait(TextPacket(f"3{session.namespace},{number}{orjson.dumps([body]).decode()}"))

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
        abort = self._abort_of(eio_sid)
        try:
            async with asyncio.timeout(LINGER):
                await self.eio.disconnect(eio_sid)
        except TimeoutError:
            pass
        if abort is not None:
            await asyncio.sleep(0.2)
            abort()

    def _abort_of(self, eio_sid: str) -> Callable[[], None] | None:
        """What ends the client's WebSocket, if it has one."""
        scope = self.eio.upgrades.get(eio_sid) or self.environ.get(eio_sid, {}).get("asgi.scope", {})
        found: Callable[[], None] | None = scope.get(ABORT)
        return found

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What comes in

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> bool:
        if (hold := environ["asgi.scope"].get(HOLD)) is not None:
            release = hold()
            if release is None:
                return False
            self._polling[eio_sid] = release
        self._arrived[eio_sid] = time.monotonic()
        self._entries[eio_sid] = Bucket(ENTRIES, 0.2)
        if environ["asgi.scope"]["type"] == "websocket":
            # The reader of a request's body, which a WebSocket has not: the library makes a class (3 KB) for every one.
            environ.pop("wsgi.input", None)
            opened = self.eio.sockets[eio_sid]
            opened.queue.lane = _lane(opened, environ["asgi.scope"])
        await super()._handle_eio_connect(eio_sid, environ)
        return True

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._arrived.pop(eio_sid, None)
        self._entries.pop(eio_sid, None)
        if (release := self._polling.pop(eio_sid, None)) is not None:
            release()
        if (abort := self._abort_of(eio_sid)) is not None:
            # Engine.IO reads on where the client said goodbye or fell silent; nobody would look after that connection.
            asyncio.get_running_loop().call_later(2 * LINGER, abort)
        self.eio.upgrades.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        incoming = frames.read(data) if isinstance(data, str) else frames.UNREADABLE
        match incoming.kind:
            case "connect":
                await self._connect(eio_sid, incoming)
            case "disconnect":
                await self._handle_disconnect(eio_sid, incoming.namespace, self.reason.CLIENT_DISCONNECT)
            case _:
                await self._take(eio_sid, incoming)

    async def _take(self, eio_sid: str, incoming: Incoming) -> None:
        session = self.sessions.get((eio_sid, incoming.namespace))
        if session is not None:
            if self._admit(session, incoming) and incoming.kind in ("event", "binary"):
                session.do(incoming)
        elif (other := self._any(eio_sid)) is not None:
            self._admit(other, incoming)  # for nobody here, but it counts
        else:
            await self._cut(eio_sid)  # it speaks before it was let in, or after it was asked to leave

    def _any(self, eio_sid: str) -> Session | None:
        return self.sessions.get((eio_sid, "/chat")) or self.sessions.get((eio_sid, "/console"))

    def _admit(self, session: Session, incoming: Incoming) -> bool:
        """The frame bucket: an empty one refuses, one twice its size cuts."""
        if not session.limit.take():
            self.expel(session, "flood", 10_000)
            return False
        if session.waiting < MOST_WAITING and session.frames.take():
            return True
        if incoming.id is not None:
            error = RateLimited("Too much at once. Please wait a moment.", retry_after_ms=max(session.frames.wait_ms, 50))
            self.acknowledge(session, incoming.id, {"ok": False, "error": error.body()})
        return False

    async def _connect(self, eio_sid: str, incoming: Incoming) -> None:
        if (eio_sid, incoming.namespace) in self.sessions:
            return
        entries = self._entries.get(eio_sid)
        if incoming.problem is not None or entries is None or not entries.take():
            await self._cut(eio_sid)
            return
        await self._handle_connect(eio_sid, incoming.namespace, incoming.data if incoming.data is not None else {})
        if eio_sid not in self.environ:  # it went while we let it in
            await self._handle_disconnect(eio_sid, incoming.namespace, self.reason.TRANSPORT_CLOSE)
        session = self.sessions.get((eio_sid, incoming.namespace))
        if session is None:
            # Refused, or no such namespace: the answer is on its way, and then there is nothing to stay for.
            self._spawn(self._cut_later(eio_sid))
            return
        try:
            await self.doors[incoming.namespace].opened(session)
        except GatewayError:
            self.expel(session, "draining", 1000)
        except Exception:
            log.exception("socket.open_failed", namespace=session.namespace)
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
            except Exception as error:
                log.exception("socket.connect_failed", namespace=namespace)
                broken = Unavailable(BROKEN)
                raise Refused(broken.message, broken.body()) from error
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
        structlog.contextvars.bind_contextvars(request=new_id().hex[-12:])
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
            answer = {"ok": False, "error": {"code": code, "message": BROKEN}}
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
