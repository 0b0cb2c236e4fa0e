"""One LiteLLM model behind the streaming interface: its own time-outs, its own verdict on what a whole stream is."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from types import ModuleType
from typing import Any

from agents.ensemble.assembly import Assembly
from agents.ensemble.chunks import Chunk, Finish, FinishReason, Text
from agents.ensemble.errors import Cut, Garbage, ModelError, TimedOut
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_errors import to_model_error
from agents.ensemble.model import ModelRequest
from agents.ensemble.openai_shape import messages, tools
from agents.ensemble.steady import Steady, usage_of
from agents.ensemble.target import LiteLLMTarget

# After the finish reason only the token count is still to come; nobody waits longer for it than this.
USAGE_WAIT_S = 1.0


class LiteLLMModel:
    """Streams one target. Never retries: that is the fallback's decision, made where the customer's screen is known."""

    def __init__(self, target: LiteLLMTarget, library: LiteLLMLibrary) -> None:
        self.target = target
        self._library = library

    @property
    def name(self) -> str:
        return self.target.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Gives text as it comes, whole tool calls, then one `Finish`; any failure of any library below is a `ModelError`."""
        # A process that has just started may still import the library: that is not the provider's silence.
        litellm = self._library.loaded or await self._library.load()
        deadline = time.monotonic() + self.target.first_token_s
        raw = await self._open(litellm, request, deadline)
        Steady.put_into(raw)
        async with aclosing(raw):
            started = False
            pending = Assembly()
            while True:
                chunk = await self._next(raw, deadline)
                if chunk is None:
                    raise Cut("ended without a finish reason") if started else Garbage("no stream")
                text, fragments, finished = _read(chunk)
                if fragments and request.tools and request.may_call:
                    started = True
                    for fragment in fragments:
                        pending.add(*_fragment(fragment))
                if text:
                    started = True
                    yield Text(text)
                if finished is not None:
                    break
                if started:
                    deadline = time.monotonic() + self.target.idle_chunk_s
            # LiteLLM invents a finish reason for a stream that just stops; what the provider said is kept apart.
            if raw.received_finish_reason is None and raw.intermittent_finish_reason is None:
                raise Cut("ended without a finish reason") if started else Garbage("no stream")
            if not started:
                raise Garbage("empty answer")
            if pending and finished in ("length", "content_filter"):
                raise Cut("ended in a tool call")
            calls = pending.whole()
            tokens_in, tokens_out, cached = await self._usage(raw)
        for call in calls:
            yield call
        # Providers disagree on what they say after calls; what they gave decides.
        yield Finish("tool_calls" if calls else finished, tokens_in, tokens_out, model=self.name, tokens_cached=cached)

    async def _open(self, litellm: ModuleType, request: ModelRequest, deadline: float) -> Any:
        target = self.target
        arguments = {
            "model": target.id,
            "messages": messages(request),
            "max_tokens": request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
            # Ours come first; this one only guards what asyncio cannot interrupt.
            "timeout": target.first_token_s + target.idle_chunk_s + 30,
        }
        if request.tools:
            arguments["tools"] = tools(request)
            arguments["tool_choice"] = "auto" if request.may_call else "none"
            # With tools it would look for a gateway of tools of its own first, which needs a package that is not installed.
            arguments["_skip_mcp_handler"] = True
        if target.api_base is not None:
            arguments["api_base"] = target.api_base
        if target.key is not None:
            arguments["api_key"] = target.key
        return await self._guarded(litellm.acompletion(**arguments), deadline)

    async def _next(self, raw: Any, deadline: float) -> Any | None:
        """The next chunk, None at the end."""
        try:
            return await self._guarded(anext(raw), deadline)
        except StopAsyncIteration:
            return None

    async def _guarded(self, step: Any, deadline: float) -> Any:
        """Awaits one step until the deadline. LiteLLM may raise anything at all, so here, and only here, all is mapped."""
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + max(deadline - time.monotonic(), 0.0)):
                return await step
        except TimeoutError as error:
            raise TimedOut("silence") from error
        except (ModelError, StopAsyncIteration):
            raise
        except Exception as error:
            raise to_model_error(error) from error

    async def _usage(self, raw: Any) -> tuple[int | None, int | None, int]:
        """The provider's count as `usage_of` gives it, or (None, None, 0). A failure here harms no answer."""
        # LiteLLM hands out counts of its own where the provider gave none; only chunks off the wire are believed.
        for chunk in reversed(raw.chunks):
            if found := usage_of(chunk):
                return found
        deadline = time.monotonic() + USAGE_WAIT_S
        stream = raw.completion_stream
        with suppress(ModelError):
            while isinstance(stream, Steady) and (chunk := await self._next(stream, deadline)) is not None:
                if found := usage_of(chunk):
                    return found
        return None, None, 0


def _fragment(fragment: Any) -> tuple[Any, Any, Any, Any]:
    """(index, id, name, arguments) of a fragment of a call, in OpenAI's shape."""
    function = getattr(fragment, "function", None)
    said = (getattr(function, "name", None), getattr(function, "arguments", None))
    return getattr(fragment, "index", None), getattr(fragment, "id", None), *said


def _read(chunk: Any) -> tuple[str, list[Any], FinishReason | None]:
    """(text, fragments of tool calls, reason) of one of LiteLLM's chunks."""
    if not chunk.choices:
        return "", [], None
    choice = chunk.choices[0]
    text = choice.delta.content or ""
    fragments = getattr(choice.delta, "tool_calls", None) or []
    match choice.finish_reason:
        case None:
            return text, fragments, None
        case "length":
            return text, fragments, "length"
        case "content_filter":
            return text, fragments, "content_filter"
        case _:
            return text, fragments, "stop"
