"""A scripted provider on loopback, real HTTP: what the ensemble is tested against. `python -m tests.rig.provider PORT`

It speaks OpenAI's, Anthropic's, Gemini's and Ollama's streaming protocols at one address, told apart by the path (`tests/rig/shapes/`).
The model's name is the script (`tests/rig/script.py`), unless a plan for that name was queued. The text of a call is drawn from
the seed and the call's number, holds no figures, and is kept in `calls` with how the request ended and when.
`GET /plan` gives the same log as JSON, for tests in other languages.
"""

import asyncio
import json
import random
import re
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from types import ModuleType
from typing import Any, Literal, cast

from agents.instructions import END
from tests.rig.script import Script, parse
from tests.rig.sending import answer as send_answer
from tests.rig.sending import respond
from tests.rig.shapes import anthropic, gemini, ollama, openai
from tests.rig.shapes.shape import Call, Shape

__all__ = ["BASES", "SHAPES", "Call", "ScriptedProvider", "ShapeName", "litellm_id"]

VOCABULARY = (
    "smoke rice grill chef garden evening laughter onion volcano shrimp garlic butter lemon table friends music warm light "
    "river story kitchen flame sauce spoon ginger"
).split()
ShapeName = Literal["openai", "anthropic", "gemini", "ollama"]
_MODULES: tuple[ModuleType, ...] = (openai, anthropic, gemini, ollama)
SHAPES: dict[ShapeName, Shape] = {module.NAME: cast(Shape, module) for module in _MODULES}
# What LiteLLM calls the provider, and what it wants of an address before it adds its own path.
_PREFIXES: dict[ShapeName, str] = {"openai": "openai", "anthropic": "anthropic", "gemini": "gemini", "ollama": "ollama_chat"}
BASES: dict[ShapeName, str] = {"openai": "/v1", "anthropic": "", "gemini": "/v1beta", "ollama": ""}


def litellm_id(shape: ShapeName, name: str) -> str:
    """LiteLLM's id of the model `name` (a script, or a name that plans are made for) of a provider that speaks `shape`."""
    return f"{_PREFIXES[shape]}/{name}"


def _step_of(messages: list[dict[str, Any]]) -> str:
    """How a model that keeps to its instructions ends what it says: with the step that it was given, word for word."""
    found = _STEP.findall("\n".join(str(message.get("content")) for message in messages))
    return json.loads(f'"{found[-1]} "') if found else ""


_STEP = re.compile(re.escape(END) + r'\s*\{"end": "((?:[^"\\]|\\.)*)"\}')


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
        return self.base("openai")

    def base(self, shape: ShapeName) -> str:
        """`api_base` of this shape's models."""
        return f"http://127.0.0.1:{self.port}{BASES[shape]}"

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
            await respond(writer, 200, json.dumps([{**asdict(call), "body": None} for call in self.calls]))
        elif (shape := next((shape for shape in SHAPES.values() if shape.takes(path)), None)) is not None:
            call, script, streamed = self._begin(shape, path, json.loads(body), headers)
            watch = asyncio.ensure_future(reader.read(1))
            answer = asyncio.ensure_future(send_answer(call, script, shape, writer, streamed))
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
            await respond(writer, 404, '{"error": {"message": "no such path"}}')
        return b""

    def _begin(self, shape: Shape, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[Call, Script, bool]:
        asked = shape.read(path, body)
        self._nth[asked.model] += 1
        script, terms = self._script(asked.model, body)
        number = len(self.calls) + 1
        text = self._texts.get(asked.model) if script.text is None else script.text
        if text is None:
            chosen = random.Random(f"{self.seed}/{number}").choices(VOCABULARY, k=script.words)
            text = "".join(f"{word} " for word in chosen)
            if chosen:
                text += _step_of(asked.messages)  # a blank behind it, as behind every word
        call = Call(
            number, asked.model, terms, text, asked.messages, headers, asked.tools, asked.tool_choice, sorted(body), shape.NAME, body
        )
        self.calls.append(call)
        return call, script, asked.streamed

    def _script(self, model: str, body: dict[str, Any]) -> tuple[Script, str]:
        """What this call does, and what that is called in the log."""
        queue, rule = self._plans.get(model), self._rules.get(model)
        terms = queue.popleft() if queue else rule(body) if rule is not None else model
        if isinstance(terms, Script):
            return terms, "planned"
        return parse(terms, nth=self._nth[model], words=self.words, pace=self.chunk_delay), terms


async def _main(port: int) -> None:
    async with ScriptedProvider(port=port, chunk_delay=0.02) as provider:
        print(f"scripted provider on {provider.base_url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
