"""A file becomes Markdown: Markdown and plain text in a thread, PDF and HTML in a process that may die of it alone."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass

from knowledge.corpus.faults import Unreadable
from knowledge.corpus.formats import Extracted, markdown, text

ANSWER_BYTES = 32 * 1024 * 1024
# What the process sees of our environment: no key, no password.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
_HERE = {"markdown": markdown.read, "text": text.read}
TOO_MUCH = "It takes more time or memory than a document may. Split it, or save it anew in a simpler form."


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a process that reads a file: bytes of memory, seconds of processor time, seconds in all."""

    memory: int = 1024**3
    cpu: int = 60
    seconds: float = 120.0


USUAL = Bounds()


async def extract(kind: str, raw: bytes, bounds: Bounds = USUAL) -> Extracted:
    """Raises Unreadable."""
    if kind in _HERE:
        return await asyncio.to_thread(_HERE[kind], raw)
    answer = json.loads(await _asked(kind, raw, bounds))
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return Extracted(**answer | {"remarks": tuple(answer["remarks"])})


async def _asked(kind: str, raw: bytes, bounds: Bounds) -> bytes:
    """What the process says. Raises Unreadable where it dies, or does not end."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "knowledge.corpus.formats.child", kind, str(bounds.memory), str(bounds.cpu)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    feeding = asyncio.create_task(_feed(process, raw))
    try:
        async with asyncio.timeout(bounds.seconds):
            answer = await _answer(process)
            status = await process.wait()
    except TimeoutError:
        raise Unreadable(TOO_MUCH) from None
    finally:
        feeding.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.gather(feeding, process.wait(), return_exceptions=True)
    if status != 0 or len(answer) > ANSWER_BYTES:
        raise Unreadable(TOO_MUCH)
    return answer


async def _feed(process: asyncio.subprocess.Process, raw: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it died: its status says so
        process.stdin.write(raw)
        await process.stdin.drain()
        process.stdin.close()


async def _answer(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    found = bytearray()
    while len(found) <= ANSWER_BYTES and (some := await process.stdout.read(64 * 1024)):
        found += some
    return bytes(found)
