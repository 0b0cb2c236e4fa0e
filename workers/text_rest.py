"""Rest after a 429: until its time is over nothing of the kind is asked, by whichever worker, for a request within it begins it anew
(docs/ringcentral.md). Two workers that each kept to their own would keep each other waiting for ever.

It is told through Redis, where it is gone by itself. Without Redis each worker learns it from an answer of its own.
"""

from math import ceil
from typing import Literal

from kernel.bus import Bus
from kernel.settings.schema import SmsSettings


class Rest:
    """Of what sends, or of what reads, with one account: the provider counts them apart."""

    def __init__(self, bus: Bus, what: Literal["send", "read"], account: SmsSettings) -> None:
        self._bus = bus
        self.key = f"hibachi:texts:rest:{what}:{account.client_id}:{account.address}"

    async def begin(self, seconds: float) -> None:
        """The newest answer counts."""
        if seconds > 0:
            await self._bus.remember(self.key, "on", b"1", ceil(seconds))

    async def is_on(self) -> bool:
        return bool(await self._bus.remembered(self.key))
