"""The current version in a process: read at its start, then by hints and a sweep; readers get a profile that nobody can change."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile import versions
from business.profile.loader import SHIPPED, load_profile
from business.profile.schemas import Profile
from business.profile.versions import BrokenVersion, Edition
from kernel.database import Database
from kernel.errors import Unavailable

log = structlog.get_logger(__name__)

SWEEP_EVERY = 3.0

Changed = Callable[[Edition], None]


async def first_edition(database: Database, file: Path | None) -> Edition:
    """The current version at a start; on a database without any, the file becomes the first. Raises ProfileError, Unavailable."""

    async def read(connection: AsyncConnection) -> Edition:
        found = await versions.current(connection)
        if found is None:
            await versions.take_file(connection, load_profile(file), (file or SHIPPED).name)
            found = await versions.current(connection)
        assert found is not None
        return found

    return await database.unit(read)


class LiveProfile:
    """Holds the edition that counts. Whoever answers somebody takes `profile()` once and stays with it to the end."""

    def __init__(self, database: Database, first: Edition) -> None:
        self._database = database
        self._edition = first
        self._broken: int | None = None
        self._hinted = asyncio.Event()
        self._changed: list[Changed] = []

    def profile(self) -> Profile:
        """What counts now."""
        return self._edition.profile

    @property
    def edition(self) -> Edition:
        return self._edition

    def on_change(self, tell: Changed) -> None:
        """Call `tell` with every new edition, before readers get it."""
        self._changed.append(tell)

    def hint(self) -> None:
        """Somebody says that there is a new version."""
        self._hinted.set()

    async def look(self) -> None:
        """Read the current version if it is another. What this code cannot read is left out: the one before stays. Raises Unavailable."""
        async with self._database.transaction() as connection:
            number = await versions.newest(connection)
            if number is None or number <= self._edition.number or number == self._broken:
                return
            try:
                found = await versions.version(connection, number)
            except BrokenVersion as error:
                self._broken = number
                log.error("profile.unreadable", number=number, why=str(error))
                return
        if found.number > self._edition.number:
            for tell in self._changed:
                tell(found)
            self._edition = found
            log.info("profile.loaded", number=found.number, fingerprint=found.profile.version)

    async def follow(self) -> None:
        """Look at every hint, and every few seconds without one, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_EVERY):
                    await self._hinted.wait()
            self._hinted.clear()
            with suppress(Unavailable):
                await self.look()
