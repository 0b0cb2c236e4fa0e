"""Usage rows of what the house says, as of every other model's words: it costs nothing."""

from agents.ensemble.metered import Metered
from agents.ensemble.model import Model, ModelRequest
from agents.house.pacing import pieces
from kernel.clock import Clock, utc_now
from kernel.metering import UsageSink
from kernel.settings import HOUSE


def metered(house: Model, usage: UsageSink, clock: Clock = utc_now) -> Metered:
    """The house, with a row for each call."""
    return Metered(house, provider=HOUSE, role="answer", count=_count, price=_price, sink=usage, clock=clock)


async def _count(request: ModelRequest, text: str) -> tuple[int, int]:
    """The house reads no tokens; it gives word-sized pieces."""
    return 0, len(pieces(text))


async def _price(tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> int:
    return 0
