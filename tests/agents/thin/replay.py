"""Plays a recorded stream to whoever asks, in pieces of a given size."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

STREAMS = Path(__file__).parents[1] / "streams"


@dataclass
class Replay:
    """`play` a file, or bytes; `asked` is what was asked: path, headers, body; `peers` from which ports."""

    data: bytes = b""
    kind: str = "text/event-stream"
    size: int = 1 << 16
    pause_s: float = 0.0
    peers: list[object] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    address: str = ""

    def play(self, name: str, size: int = 1 << 16) -> None:
        self.data, self.size = (STREAMS / name).read_bytes(), size
        self.kind = "application/x-ndjson" if name.endswith(".ndjson") else "text/event-stream"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path_qs, {name.lower(): value for name, value in request.headers.items()}, await request.json()))
        self.peers.append(request.transport and request.transport.get_extra_info("peername"))
        response = web.StreamResponse(headers={"Content-Type": self.kind})
        await response.prepare(request)
        for start in range(0, len(self.data), self.size):
            await response.write(self.data[start : start + self.size])
            if self.pause_s:
                await asyncio.sleep(self.pause_s)
        await response.write_eof()
        return response

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Replay"]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()
