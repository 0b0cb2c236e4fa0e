"""A provider that speaks Anthropic's streaming protocol on loopback: text, then tool calls in fragments. A second tongue for tool calls."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class AnthropicProvider:
    """`text` and `calls` are the next answers; `requests` what was asked. `cut`: drop the connection after so many events."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    cut: int | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    base: str = ""
    # Stop after so many events and wait for the client to leave; set when it did.
    hang: int | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number, (kind, data) in enumerate(self._events()):
            if number == self.hang:
                await self._wait_for_the_end(request)
                return response
            if number == self.cut:
                assert request.transport is not None
                request.transport.abort()
                return response
            await response.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode())
        await response.write_eof()
        return response

    async def _wait_for_the_end(self, request: web.Request) -> None:
        while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - the server tells in no other way
            await asyncio.sleep(0.002)
        self.gone.set()

    def _events(self) -> list[tuple[str, dict[str, Any]]]:
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
        events: list[tuple[str, dict[str, Any]]] = [
            ("message_start", {"message": {**message, "usage": {"input_tokens": 9, "output_tokens": 1}}})
        ]
        blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
        if self.text:
            pieces = [{"type": "text_delta", "text": f"{word} "} for word in self.text.split()]
            blocks.append(({"type": "text", "text": ""}, pieces))
        for number, (name, arguments) in enumerate(self.calls):
            raw = json.dumps(arguments)
            fragments = [{"type": "input_json_delta", "partial_json": raw[at : at + 7]} for at in range(0, len(raw), 7)]
            blocks.append(({"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}, fragments))
        for index, (block, deltas) in enumerate(blocks):
            events.append(("content_block_start", {"index": index, "content_block": block}))
            events += [("content_block_delta", {"index": index, "delta": delta}) for delta in deltas]
            events.append(("content_block_stop", {"index": index}))
        reason = "tool_use" if self.calls else "end_turn"
        events.append(("message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 17}}))
        return [*events, ("message_stop", {})]

    @property
    def events(self) -> int:
        """How many events an answer has."""
        return len(self._events())

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["AnthropicProvider"]:
        app = web.Application()
        app.router.add_post("/v1/messages", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()
