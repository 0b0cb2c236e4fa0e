"""Whose pages may talk to this install: its own, and those of its sites, which may change while it runs."""

import asyncio
from typing import Any

from business.sites.queries import all_origins
from kernel.database import Database
from kernel.errors import Unavailable

READ_EVERY = 3.0


class Origins:
    """The origins of the install itself, and of all sites together; the namespaces ask again for their own."""

    def __init__(self, database: Database, own: frozenset[str]) -> None:
        self._database = database
        self._own = own
        self._sites: frozenset[str] = frozenset()

    def own(self) -> frozenset[str]:
        """Those of the install itself."""
        return self._own

    def allowed(self, origin: str | None, environ: dict[str, Any] | None = None) -> bool:
        """Whether any site, or the install itself, knows the origin; who sends none is no page."""
        return origin is None or origin in self._own or origin in self._sites

    async def read(self) -> None:
        """What the sites have now. Raises Unavailable."""
        async with self._database.transaction() as connection:
            self._sites = await all_origins(connection)

    async def follow(self) -> None:
        """Read every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(READ_EVERY)
            try:
                await self.read()
            except Unavailable:
                continue
