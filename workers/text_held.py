"""One step with one text message: what changes of it and what becomes of the effect, in one transaction; then its conversation is told."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.states import Held, holding
from business.conversations.log import Announcement
from kernel.bus import Bus
from kernel.database import Database
from workers.effects import LostLease

T = TypeVar("T")


class Steps:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def take(self, text: UUID, work: Callable[[Held], Awaitable[T]], settle: Callable[[AsyncConnection, T], Awaitable[bool]]) -> T:
        """`settle` tells what becomes of the effect, by what `work` answered. Raises LostLease where it says no: then nothing happened.
        Raises NotFound where there is no such text."""

        async def both(connection: AsyncConnection) -> tuple[T, Announcement | None]:
            async with holding(connection, text) as held:
                found = await work(held)
            if not await settle(connection, found):
                raise LostLease
            return found, held.announcement

        found, told = await self._database.unit(both)
        if told is not None:
            await self._bus.announce(told.conversation, told.seq, told.staff_seq)
        return found
