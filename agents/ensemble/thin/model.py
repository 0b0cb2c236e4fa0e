"""One model, its answer read off the wire: what a whole stream is, and every way in which one is none."""

import asyncio
from collections.abc import AsyncGenerator, Iterable

import aiohttp
import orjson

from agents.ensemble.chunks import Chunk, Finish, Text
from agents.ensemble.errors import Cut, Garbage, ModelError, TimedOut
from agents.ensemble.litellm_errors import to_model_error
from agents.ensemble.model import ModelRequest
from agents.ensemble.statuses import by_error, by_status
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections, Watch, hang_up
from agents.ensemble.thin.events import Event, JsonLines
from agents.ensemble.thin.reader import Reader
from agents.ensemble.thin.shaping import Shaping, Wire

# After the finish reason only the token count is still to come; nobody waits longer for it than this.
USAGE_WAIT_S = 1.0
# Once it is known, only the end of the body: where it comes at once the connection serves the next turn too.
END_WAIT_S = 0.05
# An error in place of a stream is read this far.
ERROR_AT_MOST = 65_536


class ThinModel:
    """Streams one target's requests, shaped already. Never retries: that is the fallback's decision."""

    def __init__(self, target: LiteLLMTarget, shaping: Shaping, connections: Connections) -> None:
        self.target = target
        self._shaping = shaping
        self._connections = connections

    @property
    def name(self) -> str:
        return self.target.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Gives text as it comes, whole tool calls, then one `Finish`; any failure is a `ModelError`."""
        now = asyncio.get_running_loop().time
        deadline = now() + self.target.first_token_s
        response = await self._open(self.wire(request), deadline)
        body = _Body(response, self._shaping.reader(takes_calls=bool(request.tools) and request.may_call))
        reader = body.reader
        try:
            started = False
            while reader.finish is None and not reader.over and not body.ended:
                text, failed = _read(reader, await body.events(deadline))
                if text:
                    yield Text(text)
                if failed is not None:
                    raise failed
                if text or reader.calls:
                    started = True
                if reader.finish is None and text:
                    # Nothing leaves before the next beat: what comes until then is read in one go.
                    await self._connections.pulse.wait()
                if started and text is not None:
                    deadline = now() + self.target.idle_chunk_s
            if reader.finish is None:
                raise Cut("ended without a finish reason") if started else Garbage("no stream")
            if not started:
                raise Garbage("empty answer")
            if reader.calls and reader.finish in ("length", "content_filter"):
                raise Cut("ended in a tool call")
            calls = reader.calls.whole()
            await body.finish()
        finally:
            body.close()
        for call in calls:
            yield call
        # Providers disagree on what they say after calls; what they gave decides.
        reason = "tool_calls" if calls else reader.finish
        yield Finish(reason, reader.tokens_in, reader.tokens_out, model=self.name, tokens_cached=reader.tokens_cached)

    def wire(self, request: ModelRequest) -> Wire:
        """The request as it is posted. The first one for a set of tools takes long."""
        try:
            return self._shaping.wire(request)
        except Exception as error:  # LiteLLM may raise anything at all
            raise failure(error) from error

    async def _open(self, wire: Wire, deadline: float) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._connections.post(wire.url, wire.headers, wire.body)
        except TimeoutError as error:
            raise TimedOut("silence") from error
        except Exception as error:
            raise failure(error) from error
        if response.status not in (200, 201):
            hang_up(response)
            raise by_status(response.status, response.headers.get("Retry-After"))
        if response.content_type == "text/html":
            hang_up(response)
            raise Garbage("a web page")
        return response


class _Body:
    """The body of one answer, event by event."""

    def __init__(self, response: aiohttp.ClientResponse, reader: Reader) -> None:
        self.reader = reader
        self.ended = False
        self._response = response
        self._content = response.content
        self._cutter = reader.EVENTS()
        self._watch = Watch(response)
        self._left: Iterable[Event] = ()
        self._begun = False

    async def events(self, deadline: float) -> Iterable[Event]:
        """What the next bytes complete, none perhaps. Raises `ModelError`s alone."""
        data = await self._read(deadline)
        if not data:
            return self._kept([event for event in self._cutter.end() if _is_json(event)])
        if not self._begun:
            self._begun = True
            if data.lstrip()[:1] in (b"{", b"[") and not isinstance(self._cutter, JsonLines):
                raise await self._refusal(data, deadline)
        return self._kept(self._cutter.feed(data))

    async def finish(self) -> None:
        """Waits for the count, and for the end. A failure here harms no answer."""
        now = asyncio.get_running_loop().time
        deadline = now() + USAGE_WAIT_S
        try:
            while True:
                for event in self._left:
                    self.reader.read(event)
                if self.ended:
                    return
                if self.reader.over or self.reader.tokens_out is not None:
                    deadline = min(deadline, now() + END_WAIT_S)
                await self.events(deadline)
        except ModelError:
            return

    def close(self) -> None:
        """At once, wherever the stream stands."""
        self._watch.stop()
        if not self.ended:
            hang_up(self._response)

    def _kept(self, events: list[Event]) -> Iterable[Event]:
        """An iterator, which keeps what is not read of it yet."""
        self._left = iter(events)
        return self._left

    async def _read(self, deadline: float) -> bytes:
        """The next bytes; none at the end."""
        self._watch.wait(deadline)
        try:
            data = await self._content.readany()
        except Exception as error:
            # Where we hung up, aiohttp raises one and the same object every time; its traceback would keep every stream it was raised in.
            error.with_traceback(None)
            if self._watch.rang:
                raise TimedOut("silence") from error
            raise failure(error) from error
        finally:
            self._watch.rest()
        self.ended = not data
        return data

    async def _refusal(self, data: bytes, deadline: float) -> ModelError:
        """What a JSON object in place of a stream says."""
        while len(data) < ERROR_AT_MOST and (more := await self._read(deadline)):
            data += more
        try:
            said = orjson.loads(data)
            error = (said[0] if isinstance(said, list) else said).get("error")
        except (orjson.JSONDecodeError, AttributeError, IndexError):
            error = None
        return by_error(error) if error else Garbage("no stream")


def _read(reader: Reader, events: Iterable[Event]) -> tuple[str | None, ModelError | None]:
    """The text in events up to the answer's end, None where none of them is part of it; and what was wrong behind it."""
    text: str | None = None
    try:
        for event in events:
            if (read := reader.read(event)) is not None:
                text = (text or "") + read
            if reader.finish is not None:
                break
    except ModelError as error:
        return text, error
    return text, None


def _is_json(event: Event) -> bool:
    """Whether what stood there at the end is an event, or half of one."""
    try:
        orjson.loads(event[1])
    except orjson.JSONDecodeError:
        return False
    return True


def failure(error: Exception) -> ModelError:
    """What a client's exception is."""
    if isinstance(error, ModelError):
        return error
    if isinstance(error, aiohttp.ClientResponseError):  # not HTTP, whatever it is
        return Garbage(type(error).__name__)
    return to_model_error(error)
