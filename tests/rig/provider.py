"""A scripted OpenAI-compatible provider on loopback, real HTTP: what the ensemble is tested against. `python -m tests.rig.provider PORT`

The model's name is the script (`tests/rig/script.py`), unless a plan for that name was queued. The text of a call is drawn from
the seed and the call's number, holds no figures, and is kept in `calls` with how the request ended and when.
`GET /plan` gives the same log as JSON, for tests in other languages.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tests.rig.script import Script, parse

VOCABULARY = (
    "smoke rice grill chef garden evening laughter onion volcano shrimp garlic butter lemon table friends music warm light "
    "river story kitchen flame sauce spoon ginger"
).split()
End = Literal["running", "complete", "gone", "cut", "refused"]


@dataclass(slots=True)
class Call:
    """One request. `text` is what was sent of `plan`; `ended` is the monotonic time at which the end was noticed."""

    number: int
    model: str
    script: str
    plan: str
    messages: list[dict[str, Any]]
    headers: dict[str, str]
    tools: list[dict[str, Any]] = field(default_factory=list)
    tool_choice: str | None = None
    parameters: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    text: str = ""
    chunks: int = 0
    end: End = "running"
    ended: float | None = None

    def finish(self, end: End) -> None:
        """Keep the first end only: a reset after a complete answer changes nothing."""
        if self.end == "running":
            self.end, self.ended = end, time.monotonic()


class ScriptedProvider:
    """`async with ScriptedProvider() as provider:` serves `provider.base_url` until left."""

    def __init__(self, *, port: int = 0, seed: int = 7, words: int = 60, chunk_delay: float = 0.0) -> None:
        self.port = port
        self.seed = seed
        self.words = words
        self.chunk_delay = chunk_delay
        self.calls: list[Call] = []
        self._plans: dict[str, deque[str | Script]] = {}
        self._texts: dict[str, str] = {}
        self._rules: dict[str, Callable[[dict[str, Any]], Script]] = {}
        self._nth: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[object], asyncio.StreamWriter] = {}

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def plan(self, model: str, scripts: Iterable[str | Script]) -> None:
        """The next calls of `model` follow these scripts, one each; afterwards its name counts again."""
        self._plans.setdefault(model, deque()).extend(scripts)

    def say(self, model: str, text: str) -> None:
        """From now on `model` answers with this text."""
        self._texts[model] = text

    def follow(self, model: str, rule: Callable[[dict[str, Any]], Script]) -> None:
        """From now on `model` answers a request by what this makes of its body."""
        self._rules[model] = rule

    def forget(self, model: str) -> None:
        """Drop what was planned and said for `model`: its name counts again, its words are the provider's own."""
        self._plans.pop(model, None)
        self._texts.pop(model, None)
        self._rules.pop(model, None)

    async def start(self) -> "ScriptedProvider":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Drops every connection and stops listening, as a provider that died."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open.values()):
                writer.transport.abort()
            if self._open:
                await asyncio.wait(self._open)
            self._server = None

    async def __aenter__(self) -> "ScriptedProvider":
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def ended(self, call: Call, within: float = 2.0) -> Call:
        """Waits until the request has ended; TimeoutError when it does not."""
        async with asyncio.timeout(within):
            while call.end == "running":  # noqa: ASYNC110 - a test that looks often needs no event in the log
                await asyncio.sleep(0.002)
        return call

    async def called(self, times: int, within: float = 2.0) -> Call:
        """Waits until so many requests have come in, gives the last of them; TimeoutError when they do not."""
        async with asyncio.timeout(within):
            while len(self.calls) < times:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.001)
        return self.calls[times - 1]

    # -- one connection

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        ahead = b""
        try:
            while True:
                ahead = await self._request(reader, writer, ahead)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.pop(task)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ahead: bytes) -> bytes:
        """Answers one request; gives the bytes of the next one that were read while watching for the client's end."""
        head = ahead + await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = lines[0].split(" ")[1]
        if path.startswith("/plan"):
            await _respond(writer, 200, json.dumps([asdict(call) for call in self.calls]))
        elif path.endswith("/chat/completions"):
            call, script, streamed = self._begin(json.loads(body), headers)
            watch = asyncio.ensure_future(reader.read(1))
            answer = asyncio.ensure_future(self._answer(call, script, writer, streamed))
            await asyncio.wait({watch, answer}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() and (watch.exception() is not None or watch.result() == b""):
                call.finish("gone")
                answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            if not watch.done():
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
                return b""
            if watch.exception() is not None or not watch.result():
                raise ConnectionResetError
            return watch.result()
        else:
            await _respond(writer, 404, '{"error": {"message": "no such path"}}')
        return b""

    def _begin(self, request: dict[str, Any], headers: dict[str, str]) -> tuple[Call, Script, bool]:
        model = str(request.get("model", "plain"))
        self._nth[model] += 1
        queue = self._plans.get(model)
        rule = self._rules.get(model)
        terms = queue.popleft() if queue else rule(request) if rule is not None else model
        if isinstance(terms, Script):
            script, terms = terms, "planned"
        else:
            script = parse(terms, nth=self._nth[model], words=self.words, pace=self.chunk_delay)
        number = len(self.calls) + 1
        text = self._texts.get(model) if script.text is None else script.text
        if text is None:
            chosen = random.Random(f"{self.seed}/{number}").choices(VOCABULARY, k=script.words)
            text = "".join(f"{word} " for word in chosen)
        call = Call(number, model, terms, text, list(request.get("messages", [])), headers)
        call.tools, call.tool_choice = list(request.get("tools", [])), request.get("tool_choice")
        call.parameters = sorted(request)
        self.calls.append(call)
        return call, script, bool(request.get("stream"))

    # -- one answer

    async def _answer(self, call: Call, script: Script, writer: asyncio.StreamWriter, streamed: bool) -> None:
        try:
            if script.status != 200:
                await _refuse(writer, script)
                call.finish("refused")
            elif script.html:
                await _respond(writer, 200, "<html><body>Welcome to the hotel network</body></html>", kind="text/html")
                call.finish("complete")
            elif not streamed:
                await _respond(writer, 200, json.dumps(_whole(call)))
                call.text = call.plan
                call.finish("complete")
            else:
                await self._stream(call, script, writer)
        except ConnectionError:
            call.finish("gone")

    async def _stream(self, call: Call, script: Script, writer: asyncio.StreamWriter) -> None:
        if script.hang_at == -1:
            await asyncio.sleep(3600)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        _send(writer, _chunk(call, {"role": "assistant", "content": ""}))
        await writer.drain()
        await asyncio.sleep(script.delay)
        deltas = _deltas(call, script)
        for position, delta in enumerate(deltas):
            if await _fault(call, script, writer, position):
                return
            for _ in range(2 if position == script.duplicate_at else 1):
                last = script.reason if script.ends_with_last and position == len(deltas) - 1 else None
                _send(writer, _chunk(call, delta, finish=last))
                call.text += delta.get("content") or ""
                call.chunks += 1
            await writer.drain()
            if script.pace:
                await asyncio.sleep(script.pace)
        if await _fault(call, script, writer, len(deltas)):
            return
        if script.finish and not script.ends_with_last:
            _send(writer, _chunk(call, {}, finish=script.reason))
        if script.usage:
            _send(writer, _usage(call))
        if script.done:
            _send(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        call.finish("complete")
        await writer.drain()


async def _fault(call: Call, script: Script, writer: asyncio.StreamWriter, position: int) -> bool:
    """Does what the script has for this position; True when the answer ends here."""
    if position == script.hang_at:
        await asyncio.sleep(3600)
    if position == script.garbage_at:
        _send(writer, b'data: {"id": "chatcmpl-1", "choi\xff\x00ces": [}}\n\n')
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        call.finish("cut")
        return True
    if position in (script.cut_at, script.fin_at):
        # Give what was sent a moment to be read: a reset may throw away what the peer has not taken yet.
        await asyncio.sleep(0.005)
        if position == script.cut_at:
            writer.transport.abort()
        else:
            writer.close()
        call.finish("cut")
        return True
    return False


def _pieces(text: str, split: int) -> list[str]:
    if split:
        return _split(text, split)
    return [f"{word} " for word in text.split(" ") if word]


def _deltas(call: Call, script: Script) -> list[dict[str, Any]]:
    """What is streamed, a chunk each: the text's pieces, then the fragments of the calls."""
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in _pieces(call.plan, 0 if script.calls else script.split)]
    for number, (name, arguments) in enumerate(script.calls):
        place = 0 if script.numbering == "same-index" else number
        named = {} if script.numbering == "no-id" else {"id": f"call-{call.number}-{number}"}
        pieces = _split(arguments, script.split)
        # OpenAI's way: the name comes alone, then the arguments; whole calls come in one chunk.
        first = {"index": place, **named, "type": "function", "function": {"name": name, "arguments": "" if script.split else arguments}}
        rest = [{"index": place, "function": {"arguments": piece}} for piece in (pieces if script.split else [])]
        if script.numbering == "repeated-id":
            rest = [{**fragment, **named} for fragment in rest]
        deltas += [{"tool_calls": [fragment]} for fragment in (first, *rest)]
    return deltas


def _split(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)] if size else [text]


def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def _chunk(call: Call, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(call, {"choices": [choice]})


def _usage(call: Call) -> bytes:
    return _event(call, {"choices": [], "usage": _tokens(call)})


def _tokens(call: Call) -> dict[str, int]:
    sent = sum(len(str(message.get("content", "")).split()) for message in call.messages)
    return {"prompt_tokens": sent, "completion_tokens": call.chunks, "total_tokens": sent + call.chunks}


def _event(call: Call, fields: dict[str, Any]) -> bytes:
    head = {"id": f"chatcmpl-{call.number}", "object": "chat.completion.chunk", "created": 1, "model": call.model}
    return f"data: {json.dumps({**head, **fields})}\n\n".encode()


def _whole(call: Call) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": call.plan}, "finish_reason": "stop"}
    head = {"id": f"chatcmpl-{call.number}", "object": "chat.completion", "created": 1, "model": call.model}
    return {**head, "choices": [choice], "usage": _tokens(call)}


async def _refuse(writer: asyncio.StreamWriter, script: Script) -> None:
    wait = f"Retry-After: {script.retry_after}\r\n" if script.retry_after is not None else ""
    await _respond(writer, script.status, '{"error": {"message": "scripted", "type": "scripted"}}', extra=wait)


async def _respond(writer: asyncio.StreamWriter, status: int, body: str, *, kind: str = "application/json", extra: str = "") -> None:
    data = body.encode()
    head = f"HTTP/1.1 {status} Scripted\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{extra}\r\n"
    writer.write(head.encode() + data)
    await writer.drain()


async def _main(port: int) -> None:
    async with ScriptedProvider(port=port, chunk_delay=0.02) as provider:
        print(f"scripted provider on {provider.base_url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
