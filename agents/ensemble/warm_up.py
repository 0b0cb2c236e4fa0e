"""Makes LiteLLM's first call as fast as the next: one answer streamed from a loopback socket of our own, before anyone waits."""

import asyncio
import json
from contextlib import aclosing, suppress

from agents.ensemble.errors import ModelError
from agents.ensemble.gc_tuning import tune_gc
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_model import LiteLLMModel, LiteLLMTarget
from agents.ensemble.model import ModelRequest


async def warm_up(library: LiteLLMLibrary, request: ModelRequest) -> None:
    """Imports LiteLLM, then runs a call through client, transport, parser and wrapper: 0.4 to 0.8 s that a customer would wait.

    In a thread with a loop of its own: meanwhile the process already serves pages.
    """
    await library.load()
    await asyncio.to_thread(asyncio.run, _call(library, request))
    tune_gc()  # once more: the first call leaves as much behind as some imports


async def _call(library: LiteLLMLibrary, request: ModelRequest) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        target = LiteLLMTarget("warm-up", "openai/warm-up", f"http://127.0.0.1:{port}/v1", "none", 10.0, 10.0)
        # Where there is no loopback the first customer's call is slower, nothing else.
        with suppress(ModelError):
            async with aclosing(LiteLLMModel(target, library).stream(request)) as chunks:
                async for _ in chunks:
                    pass


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for delta, finish in (({"content": "ready"}, None), ({}, "stop")):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            event = {"id": "w", "object": "chat.completion.chunk", "created": 1, "model": "w", "choices": [choice]}
            writer.write(f"data: {json.dumps(event)}\n\n".encode())
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        event = {"id": "w", "object": "chat.completion.chunk", "created": 1, "model": "w", "choices": [], "usage": usage}
        writer.write(f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode())
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()
