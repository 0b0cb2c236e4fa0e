"""Ordered fallback: providers one after the other, the house last; a broken answer is replaced, visibly, at most twice."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from agents.ensemble.chunks import Chunk, Restart, Text
from agents.ensemble.errors import ModelError
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.watched import Contender, watched

log = structlog.get_logger(__name__)

# The first replacement comes from the next provider, the second from the house, which cannot break.
VISIBLE_RESTARTS = 2


class Fallback:
    """A model made of models. Before the first text a failure is silent; after it the text starts again."""

    name = "fallback"

    def __init__(self, contenders: Sequence[Contender], house: Model) -> None:
        """`contenders` in the order of asking; `house` never fails."""
        self._contenders = tuple(contenders)
        self._house = house

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        for contender in self._contenders:
            if request.visible_restarts >= VISIBLE_RESTARTS:
                break
            if not await contender.breaker.allows():
                continue
            shown = False
            try:
                async with aclosing(watched(contender, request)) as chunks:
                    async for chunk in chunks:
                        shown = shown or isinstance(chunk, Text)
                        yield chunk
                return
            except ModelError as error:
                said_failed(contender, error, request, shown=shown)
                if shown:
                    yield Restart(error.kind)
                    request = restarted(request)
        async with aclosing(self._house.stream(replace(request, paced=request.paced and not request.visible_restarts))) as chunks:
            async for chunk in chunks:
                yield chunk


def restarted(request: ModelRequest) -> ModelRequest:
    """The request after its answer vanished once more: who has seen that has waited enough, what replaces it comes at once."""
    return replace(request, visible_restarts=request.visible_restarts + 1, paced=False)


def said_failed(contender: Contender, error: ModelError, request: ModelRequest, *, shown: bool) -> None:
    """What staff read of it; `shown`: whether the customer had seen text of it."""
    log.warning("model.failed", model=contender.name, kind=error.kind, shown=shown, turn=str(request.turn))
