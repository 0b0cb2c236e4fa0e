"""Somebody else's embedding model on loopback: OpenAI's `/embeddings` and Cohere's `/embed`, as badly behaved as it is told to be.

async with Embeddings(dimensions=8) as provider:
    provider.behave("500", "hang")       # the next two requests; after that it answers
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Embeddings:
    """Each text becomes a vector of its own. `asked`: the bodies of requests, `keys`: who asked. Behaviours: a status, `hang`, `short`
    (a vector too few), `backwards` (the last first), `zero`, `garbage`."""

    dimensions: int = 8
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    base: str = ""
    _planned: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def behave(self, *how: str) -> None:
        """What the next requests meet."""
        self._planned += how

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                body = json.loads(await reader.readexactly(int(fields["content-length"])))
                self.asked.append(body)
                self.keys.append(fields.get("authorization", ""))
                how = self._planned.pop(0) if self._planned else "answer"
                if how == "hang":
                    await asyncio.Event().wait()
                status, answer = (int(how), {"error": {"message": "no"}}) if how.isdigit() else (200, self._answer(body, how))
                content = b"<html>" if how == "garbage" else json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n".encode())
                writer.write(content)
                await writer.drain()
        writer.close()
        self._open.discard(writer)

    def _answer(self, body: dict[str, Any], how: str) -> dict[str, Any]:
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        length = body.get("dimensions") or self.dimensions
        vectors = [[0.0 if how == "zero" else float(len(text) + number) for number in range(length)] for text in texts]
        rows = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)]
        rows = rows[:-1] if how == "short" else rows[::-1] if how == "backwards" else rows
        return {"object": "list", "model": body["model"], "data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
