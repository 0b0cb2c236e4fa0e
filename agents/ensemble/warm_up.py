"""Makes the first call as fast as the next: one answer streamed from a loopback socket of our own, before anyone waits."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from agents.ensemble.errors import ModelError
from agents.ensemble.gc_tuning import tune_gc
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_model import LiteLLMModel
from agents.ensemble.model import Model, ModelRequest, ToolSpec
from agents.ensemble.reading import ReadModel, model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.thin.model import ThinModel

_TOOL = ToolSpec("warm_up", "Nothing.", {"type": "object", "properties": {}})


async def warm_up(library: LiteLLMLibrary, request: ModelRequest, models: Sequence[Model] = ()) -> None:
    """Imports LiteLLM, shapes a request for each of `models`, then runs a call through client, transport and parser.

    That is 0.4 to 0.8 s which a customer would wait, for some providers' tables as much again. In a thread with a loop of its own:
    meanwhile the process already serves pages. LiteLLM's own way of reading is warmed only where one of the models is read so.
    """
    await library.load()
    await asyncio.to_thread(asyncio.run, _warm(library, request, models))
    tune_gc()  # once more: the first call leaves as much behind as some imports


async def _warm(library: LiteLLMLibrary, request: ModelRequest, models: Sequence[Model]) -> None:
    whole = not models
    for model in models:
        reader = _prepared(library, model, request)
        whole = whole or isinstance(reader, LiteLLMModel)
    await _call(library, request, whole)


def _prepared(library: LiteLLMLibrary, model: Model, request: ModelRequest) -> Model:
    """Who reads this model's answers, ready for requests with and without tools."""
    reader = model
    for asked in (request, replace(request, tools=(_TOOL,))):
        if isinstance(model, ReadModel) and library.loaded is not None:
            reader = model.reader(library.loaded, asked)
        if isinstance(reader, ThinModel):
            with suppress(ModelError):
                reader.wire(asked)
    return reader


async def _call(library: LiteLLMLibrary, request: ModelRequest, whole: bool) -> None:
    connections = Connections()
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        target = LiteLLMTarget("warm-up", "openai/warm-up", f"http://127.0.0.1:{port}/v1", "none", 10.0, 10.0)
        for read in (target, replace(target, whole=True))[: 1 + whole]:
            # Where there is no loopback the first customer's call is slower, nothing else.
            with suppress(ModelError):
                async with aclosing(model_for(read, library, connections).stream(request)) as chunks:
                    async for _ in chunks:
                        pass
        await connections.close()


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
