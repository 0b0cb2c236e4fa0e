"""What waits for one connection, in a quarter of the memory: thousands of connections wait for nothing almost all of the time.

An asyncio.Queue holds four deques and an asyncio.Event one, each 760 bytes before anything is in it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.live.outgoing import TextPacket


class Mailbox:
    """asyncio.Queue without a size limit, as far as engineio and uvicorn use one. For one loop."""

    __slots__ = ("_items", "_joining", "_unfinished", "_waiting")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._waiting: list[asyncio.Future[None]] | None = None
        self._joining: asyncio.Event | None = None
        self._unfinished = 0

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items

    def put_nowait(self, item: Any) -> None:
        self._items.append(item)
        self._unfinished += 1
        self._wake()

    async def put(self, item: Any) -> None:
        """There is always room."""
        self.put_nowait(item)

    def get_nowait(self) -> Any:
        if not self._items:
            raise asyncio.QueueEmpty
        # A slow client is cut at 512 packets: shifting so few pointers costs less than a deque.
        return self._items.pop(0)

    async def get(self) -> Any:
        """The next item; who waits first gets it first."""
        while not self._items:
            turn = asyncio.get_running_loop().create_future()
            if self._waiting is None:
                self._waiting = []
            self._waiting.append(turn)
            try:
                await turn
            except BaseException:
                self._give_up(turn)
                raise
        return self.get_nowait()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                return

    def _give_up(self, turn: "asyncio.Future[None]") -> None:
        """Whoever was woken and does not come passes the turn on."""
        if turn.done() and not turn.cancelled():
            if self._items:
                self._wake()
            return
        turn.cancel()
        if self._waiting and turn in self._waiting:
            self._waiting.remove(turn)

    def task_done(self) -> None:
        if self._unfinished <= 0:
            raise ValueError("task_done() called more often than put()")
        self._unfinished -= 1
        if self._unfinished == 0 and self._joining is not None:
            self._joining.set()
            self._joining = None

    async def join(self) -> None:
        """Until everything that was put has been dealt with."""
        if self._unfinished:
            if self._joining is None:
                self._joining = asyncio.Event()
            await self._joining.wait()


class PacketQueue(Mailbox):
    """Packets that wait for a client, with their weight in characters.

    `lane`: writes a packet's frame at once, False where it cannot. It is taken only while the writer waits here empty-handed, so that no
    packet overtakes another: what the writer took is sent before it waits again.
    """

    __slots__ = ("lane", "weight")

    def __init__(self) -> None:
        super().__init__()
        self.weight = 0
        self.lane: Callable[[bytes], bool] | None = None

    def put_nowait(self, item: Any) -> None:
        # Only what goes to clients in numbers: the writer gives a connection up on which it gets nothing, not even a ping.
        if self.lane is not None and isinstance(item, TextPacket) and self._idle and self.lane(item.frame):
            return
        self.weight += _weight(item)
        super().put_nowait(item)

    @property
    def _idle(self) -> bool:
        """Nothing waits, but for one who waits for something."""
        return bool(self._waiting) and not self._items

    def get_nowait(self) -> Any:
        item = super().get_nowait()
        self.weight -= _weight(item)
        return item


def _weight(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class Gate:
    """asyncio.Event as far as uvicorn uses one: nearly always open, so nobody waits and nothing is kept."""

    __slots__ = ("_shut",)

    def __init__(self) -> None:
        self._shut: asyncio.Event | None = None

    def set(self) -> None:
        shut, self._shut = self._shut, None
        if shut is not None:
            shut.set()

    def clear(self) -> None:
        if self._shut is None:
            self._shut = asyncio.Event()

    def is_set(self) -> bool:
        return self._shut is None

    async def wait(self) -> bool:
        if self._shut is not None:
            await self._shut.wait()
        return True
