"""Slots that are nobody else's: dealt once, so that in a story the slot is free unless the story itself takes it."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

Slot = tuple[date, time]


class Deck:
    """Deals slots by how far ahead they are. `lanes`: how many parties may share one."""

    def __init__(self, chance: Random, zone: ZoneInfo, times: tuple[time, ...], lanes: int = 1) -> None:
        self._chance = chance
        self._zone = zone
        self._times = times
        self._lanes = lanes
        self._dealt: dict[Slot, int] = defaultdict(int)

    def slot(self, now: datetime, least: int, most: int) -> Slot:
        """A slot from `least` to `most` days after `now`."""
        today = now.astimezone(self._zone).date()
        slots = [(today + timedelta(days=n), at) for n in range(least, most + 1) for at in self._times]
        free = [slot for slot in slots if self._dealt[slot] < self._lanes]
        chosen = self._chance.choice(free)
        self._dealt[chosen] += 1
        return chosen
