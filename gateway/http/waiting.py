"""How long a connection may take to say what it wants: uvicorn's HTTP protocol waits for ever for the end of a request's head."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 5.0


class ImpatientHttp(HttpToolsProtocol):
    """uvicorn's, which closes a connection whose next request is not there within 5 s, however steadily it drips."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._waited()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waited()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waited()
        self._patience = self.loop.call_later(HEAD_WITHIN, self._give_up)

    def _waited(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        transport: Any = self.transport
        if self.cycle is None or self.cycle.response_complete:
            transport.abort()
