"""A model's stream with a guard over its text: what is refused does not pass, nor does anything behind it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from agents.ensemble.chunks import Chunk, Restart, Text
from agents.guard.guard import FigureGuard, Refused


class Guarded:
    """Passes chunks on; text as the guard lets it out. Where it is refused the stream ends without a `Finish`, and `refused` says why."""

    def __init__(self, chunks: AsyncGenerator[Chunk, None], guard: Callable[[], FigureGuard]) -> None:
        """`guard` makes the guard of a text: one at the beginning, one after every restart."""
        self.refused: Refused | None = None
        self._chunks = chunks
        self._make = guard
        self._guard = guard()

    @property
    def released(self) -> str:
        """The text that went out since the last restart."""
        return self._guard.released

    async def stream(self) -> AsyncGenerator[Chunk, None]:
        """`(Text | Restart | ...)*`, `Finish` where nothing was refused. Hold it in `aclosing()`: closing it closes the inner stream."""
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(text):
                        out = self._guard.feed(text)
                    case Restart():
                        self._guard, out = self._make(), ""
                    case _:
                        # Calls of tools and the end: no more of this text comes.
                        out = self._guard.end()
                if out:
                    yield Text(out)
                self.refused = self._guard.refused
                if self.refused is not None:
                    return
                if not isinstance(chunk, Text):
                    yield chunk
