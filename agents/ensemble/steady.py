"""What stands between LiteLLM's stream wrapper and the provider's stream, for two costs that would be paid at every token and every end.

At each chunk LiteLLM asks its stream for a new iterator and drops it: for most clients an asynchronous generator, its finaliser and a
task to run it. `Steady` is the same iterator every time. And where LiteLLM reads a stream to its very end it puts all its chunks
together again in a thread, tens of milliseconds of it, with which every other reply shares one interpreter lock; what comes after the
finish reason is the provider's count alone, and that is read here.
"""

from collections.abc import Awaitable
from typing import Any


class Steady:
    """An asynchronous iterable of raw chunks that is its own iterator."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        # Some streams make themselves ready when they are asked for their iterator, so they are asked, once.
        iterator = aiter(stream)
        self._next = stream.__anext__ if hasattr(stream, "__anext__") else iterator.__anext__

    @classmethod
    def put_into(cls, raw: Any) -> None:
        """Replace the stream inside LiteLLM's wrapper; one that cannot be iterated asynchronously stays as it is."""
        if hasattr(raw.completion_stream, "__aiter__"):
            raw.completion_stream = cls(raw.completion_stream)

    def __aiter__(self) -> "Steady":
        return self

    def __anext__(self) -> Awaitable[Any]:
        return self._next()  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        """Close the provider's stream, under whichever name it has that.

        LiteLLM's iterators for protocols other than OpenAI's cannot be closed at all; what they read from can.
        """
        stream = self._stream
        if not hasattr(stream, "aclose") and not hasattr(stream, "close"):
            stream = getattr(stream, "streaming_response", None)
        close = getattr(stream, "aclose", None) or getattr(stream, "close", None)
        if close is not None and (closing := close()) is not None:
            await closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def usage_of(chunk: Any) -> tuple[int, int, int] | None:
    """(tokens in, tokens out, of those in from its cache) where this chunk, LiteLLM's or a provider's own, carries the provider's count."""
    usage = _part(chunk, "usage")
    match _part(usage, "prompt_tokens"), _part(usage, "completion_tokens"):
        case int(tokens_in), int(tokens_out):
            cached = _part(_part(usage, "prompt_tokens_details"), "cached_tokens")
            return tokens_in, tokens_out, cached if isinstance(cached, int) else 0
    return None


def _part(whole: Any, name: str) -> Any:
    return whole.get(name) if isinstance(whole, dict) else getattr(whole, name, None)
