"""One model's part in a race: its stream, begun in a task of its own up to its first sign."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from agents.ensemble.chunks import Chunk
from agents.ensemble.errors import ModelError
from agents.ensemble.model import ModelRequest
from agents.ensemble.racer import Racer
from agents.ensemble.watched import Contender, watched


class Leg:
    """Asked from its construction on. `begun` ends with the first chunk or a ModelError; `stream` gives what follows."""

    def __init__(self, contender: Contender, request: ModelRequest, place: Literal["first", "second"]) -> None:
        self.contender = contender
        self.racer = Racer(place)
        self.stream = watched(contender, replace(request, race=self.racer))
        self.begun: asyncio.Task[Chunk] = asyncio.create_task(self._first(), name=f"race:{contender.name}")
        self._asked = time.monotonic()
        self._started = False
        self._closing: asyncio.Task[None] | None = None

    @property
    def sign(self) -> Chunk:
        """The first chunk, once it is there."""
        return self.begun.result()

    @property
    def error(self) -> ModelError | None:
        """Why there is none; anything but a ModelError is raised."""
        error = self.begun.exception()
        if error is not None and not isinstance(error, ModelError):
            raise error
        return error

    async def signed(self, within_s: float) -> None:
        """Waits until it has begun or failed, but no longer than this."""
        await asyncio.wait({self.begun}, timeout=within_s)

    def lost(self) -> None:
        """Another one gave the first sign: the connection closes now, and nobody waits for that."""
        if not self.begun.done():
            # It would have taken longer still; left out, only its quick answers would count.
            self.contender.pace.add(time.monotonic() - self._asked)
        self._closing = asyncio.create_task(self._close(), name=f"race-over:{self.contender.name}")

    async def close(self) -> None:
        """Waits until its connection is closed."""
        await (self._closing or self._close())

    async def _first(self) -> Chunk:
        self._started = True
        return await anext(self.stream)

    async def _close(self) -> None:
        self.begun.cancel()
        with suppress(asyncio.CancelledError, ModelError):
            await self.begun
        await self.stream.aclose()
        if not self._started:
            self.contender.breaker.released()
