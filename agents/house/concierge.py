"""The house model: says what the agents found, in the house's own wording. A `Model` that needs no network and never fails."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from agents.ensemble.chunks import Chunk, Finish, Text
from agents.ensemble.model import ModelRequest
from agents.house.pacing import paced, pieces

TOKENS_PER_SECOND = 40.0


class HouseModel:
    """The default of a fresh install and the last fallback of every other: gives `ModelRequest.prepared`."""

    name = "house"

    def __init__(self, tokens_per_second: float = TOKENS_PER_SECOND) -> None:
        """`tokens_per_second`: of a paced request; 0 gives the whole answer at once."""
        self._tokens_per_second = tokens_per_second

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        text = request.prepared
        async with aclosing(paced(text, self._tokens_per_second if request.paced else 0)) as parts:
            async for part in parts:
                yield Text(part)
        yield Finish("stop", 0, len(pieces(text)), model=self.name)
