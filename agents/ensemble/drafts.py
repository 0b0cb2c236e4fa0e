"""Two whole answers to one request, written side by side; nobody sees them yet."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

from agents.ensemble.chunks import Finish, Restart, Text, ToolCall
from agents.ensemble.errors import Cut, ModelError
from agents.ensemble.fallback import said_failed
from agents.ensemble.model import ModelRequest
from agents.ensemble.watched import Contender, watched

STUDENT = "student"


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole answer: text, or the calls of tools that it wants first."""

    text: str
    calls: tuple[ToolCall, ...]
    finish: Finish


async def drafted(teacher: Contender, student: Contender, request: ModelRequest, patience_s: float) -> tuple[Draft | None, Draft | None]:
    """(the teacher's, the student's); None where there is none, or not `patience_s` after the other's.

    A teacher that wants tools does not wait for the student.
    """
    tasks = (
        asyncio.create_task(_draft(teacher, request), name=f"teacher:{teacher.name}"),
        asyncio.create_task(_draft(student, replace(request, purpose=STUDENT)), name=f"student:{student.name}"),
    )
    try:
        await _one_then_the_other(*tasks, patience_s)
    finally:
        for task in tasks:
            task.cancel()
        # Each has closed its stream before another step is taken.
        await asyncio.gather(*tasks, return_exceptions=True)
    first, second = (None if task.cancelled() else task.result() for task in tasks)
    return first, second


async def _one_then_the_other(teacher: asyncio.Task[Draft | None], student: asyncio.Task[Draft | None], patience_s: float) -> None:
    tasks = {teacher, student}
    done: set[asyncio.Task[Draft | None]] = set()
    while not done and tasks:
        finished, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # One that failed has nobody wait less for the other.
        done = {task for task in finished if task.result() is not None}
    if tasks and not (teacher in done and _wants_tools(teacher)):
        await asyncio.wait(tasks, timeout=patience_s)


def _wants_tools(task: asyncio.Task[Draft | None]) -> bool:
    draft = task.result()
    return draft is not None and bool(draft.calls)


async def _draft(contender: Contender, request: ModelRequest) -> Draft | None:
    if not await contender.breaker.allows():
        return None
    text, calls = list[str](), list[ToolCall]()
    try:
        async with aclosing(watched(contender, request)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(piece):
                        text.append(piece)
                    case ToolCall():
                        calls.append(chunk)
                    case Restart():
                        text.clear()
                    case Finish():
                        return Draft("".join(text), tuple(calls), chunk)
        raise Cut("no finish")
    except ModelError as error:
        said_failed(contender, error, request, shown=False)
        return None
