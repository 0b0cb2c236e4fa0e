"""Hedge: where the first model has shown nothing for unusually long, a second one starts; who gives the first sign answers.

A sign is text, or a whole tool call. The other one's connection is closed at once; what it cost stands in its usage row, with the
place that it had in the race. From the first sign on the winner is read directly.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

from agents.ensemble.chunks import Chunk, Restart, Text
from agents.ensemble.errors import ModelError
from agents.ensemble.fallback import VISIBLE_RESTARTS, Fallback, restarted, said_failed
from agents.ensemble.leg import Leg
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.watched import Contender

_PLACES: tuple[Literal["first", "second"], ...] = ("first", "second")


class Hedge:
    """A model made of models: a race of two, then the fallback's way over those that have not failed, at last the house."""

    name = "hedge"

    def __init__(self, contenders: Sequence[Contender], house: Model, after_ms: int | None = None) -> None:
        """`contenders` in the order of asking. `after_ms`: when the second starts; None: when the first is slower than it usually is."""
        self._contenders = tuple(contenders)
        self._house = house
        self._after_s = None if after_ms is None else after_ms / 1000

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        failed: set[str] = set()
        if request.visible_restarts < VISIBLE_RESTARTS:
            race = _Race(self._contenders, request, self._after_s)
            winner, shown = None, False
            try:
                winner = await race.winner()
                if winner is not None:
                    async with aclosing(winner.stream) as chunks:
                        shown = isinstance(winner.sign, Text)
                        yield winner.sign
                        async for chunk in chunks:
                            shown = shown or isinstance(chunk, Text)
                            yield chunk
                    return
            except ModelError as error:
                assert winner is not None
                race.fell(winner, error, shown=shown)
                if shown:
                    yield Restart(error.kind)
                    request = restarted(request)
            finally:
                await race.end()
            failed = race.failed
        rest = [contender for contender in self._contenders if contender.name not in failed]
        async with aclosing(Fallback(rest, self._house).stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk


class _Race:
    """One answer, for which one model is asked, then perhaps another. `end` it, whatever has come of it."""

    def __init__(self, contenders: Sequence[Contender], request: ModelRequest, after_s: float | None) -> None:
        self._waiting = iter(contenders)
        self._request = request
        self._after_s = after_s
        self._legs: list[Leg] = []
        self.failed: set[str] = set()

    async def winner(self) -> Leg | None:
        """Who gave the first sign; None where nobody could be asked or all have failed."""
        first = await self._start()
        if first is None:
            return None
        await first.signed(first.contender.pace.usually_s if self._after_s is None else self._after_s)
        if not (first.begun.done() and self._has_won(first)):
            await self._start()
        while running := [leg for leg in self._legs if leg.contender.name not in self.failed]:
            await asyncio.wait({leg.begun for leg in running}, return_when=asyncio.FIRST_COMPLETED)
            for leg in running:
                if leg.begun.done() and self._has_won(leg):
                    return leg
        return None

    def fell(self, leg: Leg, error: ModelError, *, shown: bool) -> None:
        """It failed; it is not asked again for this answer."""
        self.failed.add(leg.contender.name)
        said_failed(leg.contender, error, self._request, shown=shown)

    async def end(self) -> None:
        """Nobody runs on, and everybody's usage row knows the outcome."""
        for leg in self._legs:
            leg.racer.end(won=False, alone=len(self._legs) == 1)
        await asyncio.gather(*(leg.close() for leg in self._legs))

    async def _start(self) -> Leg | None:
        """The next one that its breaker lets be asked."""
        for contender in self._waiting:
            if await contender.breaker.allows():
                self._legs.append(Leg(contender, self._request, _PLACES[len(self._legs)]))
                return self._legs[-1]
        return None

    def _has_won(self, leg: Leg) -> bool:
        """Whether it gave a sign; then the others are closed."""
        if (error := leg.error) is not None:
            self.fell(leg, error, shown=False)
            return False
        leg.racer.end(won=True, alone=len(self._legs) == 1)
        for other in self._legs:
            if other is not leg:
                other.racer.end(won=False)
                other.lost()
        return True
