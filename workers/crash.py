"""For proofs alone: die as by `kill -9` at an await of carrying out effects. Does nothing unless the environment says where.

`CRASH_AT=7` dies at the seventh await of a look at the outbox, which holds what is due, carries it out and tells of it; with
`CRASH_IN=pushes` at the seventh await of sending one push. Each begins to count anew, so the same number is about the same place.
"""

import os
import signal
from collections.abc import Coroutine, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crash:
    """`at` None: never."""

    at: int | None = None

    @classmethod
    def asked_for(cls, environment: Mapping[str, str], where: str) -> "Crash":
        """What the environment says of this place."""
        at = environment.get("CRASH_AT") if environment.get("CRASH_IN", "effects") == where else None
        return cls(None if at is None else int(at))

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """`work`, or as much of it as there is to be."""
        return await (work if self.at is None else _Counted(work, self.at))


NEVER = Crash()


class _Counted(Generic[T]):
    """Passes everything through, and counts how often the work waits."""

    def __init__(self, work: Coroutine[Any, Any, T], at: int) -> None:
        self._work = work
        self._at = at

    def __await__(self) -> Generator[Any, Any, T]:
        waits = self._work.__await__()
        left = self._at
        try:
            waits_for = next(waits)
            while True:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                try:
                    sent = yield waits_for
                except BaseException as error:  # a cancellation is the work's
                    waits_for = waits.throw(error)
                else:
                    waits_for = waits.send(sent)
        except StopIteration as end:
            found: T = end.value
            return found
