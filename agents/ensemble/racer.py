"""One of two models that are asked for one answer: its usage row says whether it won, which is known only when the race is over."""

import asyncio
from typing import Literal

from kernel.metering import Race


class Racer:
    """`place`: who was asked first. Whoever starts the race also ends it, for both."""

    def __init__(self, place: Literal["first", "second"]) -> None:
        self.place: Literal["first", "second"] = place
        self._outcome: asyncio.Future[Race | None] = asyncio.get_running_loop().create_future()

    def end(self, *, won: bool, alone: bool = False) -> None:
        """The race is over. `alone`: nobody else was asked, so there was none. What was said first stands."""
        if not self._outcome.done():
            self._outcome.set_result(None if alone else _OUTCOMES[self.place, won])

    async def outcome(self) -> Race | None:
        """For the usage row: waits until the race is over, and no longer."""
        return await asyncio.shield(self._outcome)


_OUTCOMES: dict[tuple[str, bool], Race] = {
    ("first", True): "first_won",
    ("first", False): "first_lost",
    ("second", True): "second_won",
    ("second", False): "second_lost",
}
