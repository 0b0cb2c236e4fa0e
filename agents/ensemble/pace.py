"""How long a model usually takes to its first sign, from its newest calls: what a hedge waits for before it asks a second one."""

from collections import deque
from collections.abc import Iterable
from statistics import median

# So many calls are remembered, and so few say nothing yet.
WINDOW, ENOUGH = 200, 20
# Until enough is known: longer than most models take when they are well, far shorter than a time-out.
USUALLY_S = 2.0
SHARE = 0.95
# A model of whose calls more than one in twenty is slow has a p95 that is slow, too, and that grows with each race it loses: nobody waits
# longer than so many times its median.
TIMES = 3


class Pace:
    """The rolling window of one model. Times are seconds from the call to its first text or tool call."""

    def __init__(self) -> None:
        self._window: deque[float] = deque(maxlen=WINDOW)

    def seed(self, seconds: Iterable[float]) -> None:
        """What was measured before this process began, oldest first; what it has seen itself stays the newest."""
        own = list(self._window)
        self._window.clear()
        self._window.extend([*seconds, *own])

    def add(self, seconds: float) -> None:
        """A call gave its first sign after so long, or had given none when it was closed for another's."""
        self._window.append(seconds)

    @property
    def p95_s(self) -> float | None:
        """Within which 95 of 100 calls give a sign; None while too little is known."""
        if len(self._window) < ENOUGH:
            return None
        return sorted(self._window)[min(int(len(self._window) * SHARE), len(self._window) - 1)]

    @property
    def usually_s(self) -> float:
        """After how long silence is unusual."""
        known = self.p95_s
        return USUALLY_S if known is None else min(known, TIMES * median(self._window))
