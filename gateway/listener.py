"""How a gateway listens: uvicorn's settings, and a WebSocket that can be ended though its peer does not read."""

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from gateway.http.waiting import ImpatientHttp
from gateway.socket.guard import DROP, WRITE
from gateway.socket.queues import Gate, Mailbox
from kernel.settings import Settings
from kernel.wire.base import MAX_FRAME

# Closing waits until everything was sent, for ever where the peer does not read; what is over is dropped after this.
LINGER = 2.0


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, with a way to drop the connection: for the application by the scope, and by itself when the application is done.
    Its queue and its event are light ones: an idle connection holds 4.5 KB less."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = Mailbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # the handshake was one
            self.scope[DROP] = self.transport.abort  # type: ignore[literal-required]
            self.scope[WRITE] = self.write_frame  # type: ignore[literal-required]

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole frame of a server, past the sending half of the protocol, which keeps nothing of whole text frames. False where
        the peer must be waited for first, or the connection is not open."""
        closed = self.close_sent or self.disconnected or not self.handshake_complete or self.transport.is_closing()
        if closed or not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(LINGER, self.transport.abort)


def listening(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """What uvicorn is to do for a gateway."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=ImpatientHttp,
        ws=SocketProtocol,
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # Engine.IO has pings of its own
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
