"""What is done at the card provider: a provider, and what counts of the business as it is then."""

from collections.abc import Callable
from typing import ClassVar

from business.payments.provider import Provider
from business.profile.schemas import Profile
from kernel.bus import Bus
from kernel.clock import Clock
from kernel.database import Database
from workers.crash import NEVER, Crash
from workers.outward import LOOK_EVERY, Outward


class Provided(Outward):
    """Of one worker. `delays`: seconds before each next try, where not the usual ones of the class."""

    usual: ClassVar[tuple[float, ...]]

    def __init__(
        self,
        database: Database,
        bus: Bus,
        provider: Provider,
        profile: Callable[[], Profile],
        clock: Clock,
        *,
        delays: tuple[float, ...] | None = None,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, provider, every=every, crash=crash)
        self._bus = bus
        self._provider = provider
        self._profile = profile
        self._clock = clock
        self._delays = self.usual if delays is None else delays
