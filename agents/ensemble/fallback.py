"""Ordered fallback: providers one after the other, the house last; a broken answer is replaced, visibly, at most twice."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from agents.ensemble.breaker import Breaker
from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.ensemble.errors import Cut, ModelError
from agents.ensemble.model import Model, ModelRequest

log = structlog.get_logger(__name__)

# The first replacement comes from the next provider, the second from the house, which cannot break.
VISIBLE_RESTARTS = 2


class Fallback:
    """A model made of models. Before the first text a failure is silent; after it the text starts again."""

    name = "fallback"

    def __init__(self, providers: Sequence[tuple[Model, Breaker]], house: Model) -> None:
        """`providers` in the order of asking, each with the breaker that outlives the call; `house` never fails."""
        self._providers = tuple(providers)
        self._house = house

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        restarts = request.visible_restarts
        paced = request.paced
        for model, breaker in self._providers:
            if restarts >= VISIBLE_RESTARTS:
                break
            if not breaker.allows():
                continue
            shown = False
            try:
                async with aclosing(_watched(model, breaker, request)) as chunks:
                    async for chunk in chunks:
                        shown = shown or isinstance(chunk, Text)
                        yield chunk
                return
            except ModelError as error:
                log.warning("model.failed", model=model.name, kind=error.kind, shown=shown, turn=str(request.turn))
                if shown:
                    restarts += 1
                    # Who has seen text vanish has waited enough: what replaces it comes at once.
                    paced = False
                    yield Restart(error.kind)
        last = replace(request, paced=paced and not request.visible_restarts)
        async with aclosing(self._house.stream(last)) as chunks:
            async for chunk in chunks:
                yield chunk


async def _watched(model: Model, breaker: Breaker, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
    """One provider's stream, its end reported to the breaker; a stream without `Finish` is a cut.

    Tool calls wait for that end: those of a provider that fails after all are never seen, let alone executed.
    """
    verdict = answered = False
    calls: list[ToolCall] = []
    try:
        async with aclosing(model.stream(request)) as chunks:
            async for chunk in chunks:
                if not answered:
                    answered = True
                    breaker.answered()
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
        raise
    finally:
        if not verdict:
            breaker.released()
