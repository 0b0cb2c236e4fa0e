"""The beat at which replies leave a process. Who reads for them waits for it: what has come meanwhile is read in one go."""

import asyncio


class Pulse:
    """Beats while replies run; nobody waits where nothing beats. For one loop."""

    def __init__(self) -> None:
        self._beating = False
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Until the next beat; not at all where there is none to come."""
        if self._beating:
            beat = asyncio.get_running_loop().create_future()
            self._waiting.append(beat)
            await beat

    def beat(self) -> None:
        """Wake whoever waits. They run before anything that is scheduled after this."""
        self._beating = True
        self._wake()

    def rest(self) -> None:
        """No beat will come until the next one."""
        self._beating = False
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for beat in waiting:
            if not beat.done():
                beat.set_result(None)
