"""The demo's provider: OpenAI's streaming protocol over HTTP on loopback. LiteLLM reaches it as it would reach a real one.

It says what it is told to be true, word for word; what it adds is what a real provider has: a wait before the first token, a pace that
is never quite even.
"""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from agents.house.pacing import pieces
from agents.instructions import answer_in
from kernel.ids import new_id

MODEL = "demo"
FIRST_TOKEN_S = (0.5, 1.8)
BETWEEN_S = (0.05, 0.14)


class Provider:
    """`tempo`: how many times faster than life."""

    def __init__(self, tempo: float) -> None:
        self._tempo = tempo

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])

    async def _complete(self, request: Request) -> Response:
        asked = await request.json()
        text = answer_in(message["content"] for message in asked["messages"] if message["role"] == "system")
        return StreamingResponse(self._stream(text), media_type="text/event-stream")

    async def _stream(self, text: str) -> AsyncIterator[str]:
        made = f"chatcmpl-{new_id().hex}"
        words = pieces(text)
        await asyncio.sleep(random.uniform(*FIRST_TOKEN_S) / self._tempo)
        yield _event(made, [_choice({"role": "assistant", "content": ""})])
        for word in words:
            yield _event(made, [_choice({"content": word})])
            await asyncio.sleep(random.uniform(*BETWEEN_S) / self._tempo)
        yield _event(made, [_choice({}, "stop")])
        yield _event(made, [], usage={"prompt_tokens": 0, "completion_tokens": len(words), "total_tokens": len(words)})
        yield "data: [DONE]\n\n"


def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _event(made: str, choices: list[dict[str, Any]], **more: Any) -> str:
    body = {"id": made, "object": "chat.completion.chunk", "created": 0, "model": MODEL, "choices": choices, **more}
    return f"data: {json.dumps(body)}\n\n"


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[str]:
    """Serves until left; gives the address for `api_base`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _Server(uvicorn.Config(provider.app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            await running
