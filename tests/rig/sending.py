"""How the scripted provider's answers leave it: frames in the bytes of their protocol, and everything that can go wrong on the way."""

import asyncio
import json
from collections.abc import Sequence

from tests.rig.script import Script
from tests.rig.shapes.shape import Call, Frame, Shape

PAGE = "<html><body>Welcome to the hotel network</body></html>"
WRONG_TYPE = "text/plain"


async def answer(call: Call, script: Script, shape: Shape, writer: asyncio.StreamWriter, streamed: bool) -> None:
    """Does what the script says, and notes in `call` what was sent and how it ended."""
    try:
        if script.status != 200:
            wait = f"Retry-After: {script.retry_after}\r\n" if script.retry_after is not None else ""
            await respond(writer, script.status, json.dumps(shape.refusal(script.status)), extra=wait)
            call.finish("refused")
        elif script.html:
            await respond(writer, 200, PAGE, kind="text/html")
            call.finish("complete")
        elif not streamed:
            call.chunks = len(call.plan.split())
            await respond(writer, 200, json.dumps(shape.whole(call)))
            call.text = call.plan
            call.finish("complete")
        else:
            await _Stream(call, script, shape, writer).run()
    except ConnectionError:
        call.finish("gone")


class _Stream:
    """One streamed answer."""

    def __init__(self, call: Call, script: Script, shape: Shape, writer: asyncio.StreamWriter) -> None:
        self._call, self._script, self._shape, self._writer = call, script, shape, writer
        self._end = b"\r\n" if script.crlf else b"\n"

    async def run(self) -> None:
        call, script, shape = self._call, self._script, self._shape
        if script.hang_at == -1:
            await asyncio.sleep(3600)
        kind = WRONG_TYPE if script.wrong_type else shape.TYPE
        self._writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        await self._send(shape.opening(call))
        await asyncio.sleep(script.delay)
        steps = shape.steps(call, script)
        for position, step in enumerate(steps):
            if await self._fault(position):
                return
            for _ in range(2 if position == script.duplicate_at else 1):
                await self._send(step.frames)
                call.text += step.text
                call.chunks += 1
            if script.pace:
                await asyncio.sleep(script.pace)
        if await self._fault(len(steps)):
            return
        # Written before it is noted, drained after: who reads the last byte finds the call complete.
        self._write(self._bytes(shape.closing(call, script)))
        self._writer.write(b"0\r\n\r\n")
        call.finish("complete")
        await self._writer.drain()

    async def _fault(self, position: int) -> bool:
        """Does what the script has for this position; True when the answer ends here."""
        script = self._script
        if position == script.empty_at:
            await self._send([self._shape.empty(self._call)])
        if position == script.hang_at:
            await asyncio.sleep(3600)
        if position == script.garbage_at:
            broken = b'{"id": "1", "choi\xff\x00ces": [}}'
            return await self._last(broken + self._end if self._shape.LINES else b"data: " + broken + self._end * 2)
        if position == script.error_at:
            return await self._last(self._bytes([self._shape.error()]))
        if position in (script.cut_at, script.fin_at):
            # Give what was sent a moment to be read: a reset may throw away what the peer has not taken yet.
            await asyncio.sleep(0.005)
            if position == script.cut_at:
                self._writer.transport.abort()
            else:
                self._writer.close()
            self._call.finish("cut")
            return True
        return False

    async def _last(self, data: bytes) -> bool:
        self._write(data)
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()
        self._call.finish("cut")
        return True

    async def _send(self, frames: Sequence[Frame]) -> None:
        if frames:
            self._write(self._bytes(frames))
            await self._writer.drain()

    def _write(self, data: bytes) -> None:
        """A chunk of HTTP each; with `bytes-N` of so many bytes, which may fall anywhere into a character."""
        size = self._script.bytes_at_once or max(len(data), 1)
        for start in range(0, len(data), size):
            part = data[start : start + size]
            self._writer.write(b"%x\r\n%b\r\n" % (len(part), part))

    def _bytes(self, frames: Sequence[Frame]) -> bytes:
        return b"".join(self._between() + self._frame(frame) for frame in frames)

    def _frame(self, frame: Frame) -> bytes:
        if self._shape.LINES:
            return frame.text.encode() + self._end
        named = b"event: " + frame.event.encode() + self._end if frame.event is not None else b""
        return named + b"data: " + frame.text.encode() + self._end * 2

    def _between(self) -> bytes:
        """What stands before a frame: nothing, a comment, a ping."""
        comment = self._end if self._shape.LINES else b": scripted" + self._end * 2
        ping = comment if self._shape.PING is None else self._frame(self._shape.PING)
        return comment * self._script.comment + ping * self._script.ping


async def respond(writer: asyncio.StreamWriter, status: int, body: str, *, kind: str = "application/json", extra: str = "") -> None:
    data = body.encode()
    head = f"HTTP/1.1 {status} Scripted\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{extra}\r\n"
    writer.write(head.encode() + data)
    await writer.drain()
