"""A provider whose tokens say when they were sent: OpenAI's streaming shape over HTTP. `python -m tests.bench.provider PORT [FAULTS]`

What a request gets stands in its last message: `tokens=450 pace=20 tag=x` (pace in ms; a tag keeps when its stream ended).
`--first LEAST MOST`: ms that a healthy call takes to its first byte; `--slow EVERY MS`: each so manieth takes so long; `--refuse`: 503 to
all; `--hang`: no call is ever answered.
`GET /stats`: how late the provider itself was, since the last asking. `GET /streams`: the ends of the tagged streams.
"""

import argparse
import asyncio
import gc
import random
import re
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import uvloop

from tests.bench.stamps import encode, now_us

_ORDER = re.compile(rb"tokens=(\d+) pace=(\d+)(?: tag=([a-z]+))?")
_CHUNK = (
    '{"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk","created":1741569952,'
    '"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":['
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"


def _event(data: str) -> bytes:
    """A server-sent event in a chunk of its own."""
    return f"{len(data) + 8:x}\r\ndata: {data}\n\n\r\n".encode()


def _choice(delta: str, finish: str = "null") -> bytes:
    return _event(f'{_CHUNK}{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]}}')


_ROLE = _choice('{"role":"assistant","content":"","refusal":null}')
_BEFORE, _AFTER = _choice('{"content":"??????? "}').split(b"???????")
# A reply begins with a word of its language, as replies do: stamps are words of none.
_FIRST = _choice('{"content":"The ??????? "}').split(b"???????")[0]
_STOP = _choice("{}", '"stop"')


@dataclass(slots=True)
class Manner:
    """How long a call waits for its first byte, in seconds; the same in every run."""

    least: float = 0.0
    most: float = 0.0
    every: int = 0
    slow: float = 0.0
    refuse: bool = False
    hang: bool = False
    calls: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def wait(self) -> float:
        self.calls += 1
        if self.every and self.calls % self.every == self.every // 2:
            return self.slow
        return self.chance.uniform(self.least, self.most)


@dataclass(slots=True)
class Ledger:
    """What the provider knows of itself."""

    manner: Manner = field(default_factory=Manner)
    calls: int = 0
    late_us: list[int] = field(default_factory=list)
    running: int = 0
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)


class Exchange(asyncio.Protocol):
    """One connection: a request, its stream, the next request."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._loop = asyncio.get_running_loop()
        self._got = b""
        self._timer: asyncio.TimerHandle | None = None
        self._tag = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast("asyncio.Transport", transport)  # uvloop's is one, but not by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._end("closed")

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length is not None and len(body) < int(length[1]):
            return
        self._got = b""
        if head.startswith(b"GET /stats"):
            late, self._ledger.late_us = self._ledger.late_us, []
            self._answer({"late_us": late, "running": self._ledger.running, "calls": self._ledger.calls})
        elif head.startswith(b"GET /streams"):
            self._answer(self._ledger.streams)
        else:
            self._begin(body)

    def _answer(self, value: Any) -> None:
        body = orjson.dumps(value)
        self._out.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def _begin(self, body: bytes) -> None:
        asked = body.rfind(b"tokens=")
        order = _ORDER.match(body, asked) if asked >= 0 else None
        self._left, pace, self._tag = (int(order[1]), int(order[2]), (order[3] or b"").decode()) if order else (1, 0, "")
        self._usage = b"include_usage" in body
        self._asked = len(body) // 4  # about as many tokens as a tokenizer would count
        self._pace = pace / 1000
        self._ledger.calls += 1
        manner = self._ledger.manner
        if manner.refuse:
            self._out.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
            return
        self._ledger.running += 1
        self._sent = 0
        if self._tag:
            self._ledger.streams[self._tag] = {"began_us": now_us(), "ended_us": None, "how": "running", "sent": 0}
        if manner.hang:
            self._timer = self._loop.call_later(3600.0, self._start)
        elif wait := manner.wait():
            self._timer = self._loop.call_later(wait, self._start)
        else:
            self._start()

    def _start(self) -> None:
        self._due = self._loop.time()
        self._out.write(_HEAD + _ROLE)
        self._timer = self._loop.call_soon(self._go_on)  # type: ignore[assignment]

    def _go_on(self) -> None:
        while self._left and self._due <= self._loop.time() + 0.0005:
            self._ledger.late_us.append(max(0, int((self._loop.time() - self._due) * 1e6)))
            self._out.write((_BEFORE if self._sent else _FIRST) + encode(now_us()).encode() + _AFTER)
            self._left -= 1
            self._sent += 1
            self._due += self._pace
        if self._left:
            self._timer = self._loop.call_at(self._due, self._go_on)
            return
        tail = _STOP
        if self._usage:
            counts = f'{{"prompt_tokens":{self._asked},"completion_tokens":{self._sent},"total_tokens":{self._asked + self._sent}}}'
            tail += _event(f'{_CHUNK}],"usage":{counts}}}')
        self._out.write(tail + _event("[DONE]") + b"0\r\n\r\n")
        self._end("complete")

    def _end(self, how: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ledger.running -= 1
        if self._tag:
            self._ledger.streams[self._tag] |= {"ended_us": now_us(), "how": how, "sent": self._sent}


async def _serve(port: int, manner: Manner) -> None:
    ledger = Ledger(manner)
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(ledger), "127.0.0.1", port, backlog=1024)
    # Its own pauses would be read as the gateway's.
    gc.collect()
    gc.disable()
    await server.serve_forever()


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.provider")
    parser.add_argument("port", type=int)
    parser.add_argument("--first", type=float, nargs=2, default=(0.0, 0.0))
    parser.add_argument("--slow", type=int, nargs=2, default=(0, 0))
    parser.add_argument("--refuse", action="store_true")
    parser.add_argument("--hang", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    given = _given()
    (least, most), (every, slow) = given.first, given.slow
    uvloop.run(_serve(given.port, Manner(least / 1000, most / 1000, every, slow / 1000, given.refuse, given.hang)))
