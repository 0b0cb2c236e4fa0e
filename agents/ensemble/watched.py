"""One call of one member of the ensemble: its breaker and its pace hear of it, and its tool calls wait until it is whole."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from agents.ensemble.breaker import Breaker
from agents.ensemble.chunks import Chunk, Finish, ToolCall
from agents.ensemble.errors import Cut, ModelError, TimedOut
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.pace import Pace


@dataclass(frozen=True, slots=True)
class Contender:
    """A model that may be asked, with what is known of it beyond a call."""

    model: Model
    breaker: Breaker
    pace: Pace = field(default_factory=Pace)

    @property
    def name(self) -> str:
        return self.model.name


async def watched(contender: Contender, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
    """Its stream; a stream without `Finish` is a cut. The breaker must have allowed the call.

    Tool calls wait for that end: those of a provider that fails after all are never seen, let alone executed.
    """
    breaker, began = contender.breaker, time.monotonic()
    verdict = answered = False
    calls: list[ToolCall] = []
    try:
        async with aclosing(contender.model.stream(request)) as chunks:
            async for chunk in chunks:
                if not answered:
                    answered = True
                    breaker.answered()
                    contender.pace.add(time.monotonic() - began)
                if isinstance(chunk, ToolCall):
                    calls.append(chunk)
                    continue
                if isinstance(chunk, Finish):
                    verdict = True
                    breaker.succeeded()
                    for call in calls:
                        yield call
                yield chunk
        if not verdict:
            raise Cut("no finish")
    except ModelError as error:
        verdict = True
        breaker.failed(error)
        if isinstance(error, TimedOut) and not answered:
            contender.pace.add(time.monotonic() - began)
        raise
    finally:
        if not verdict:
            breaker.released()
