"""Ends console sockets whose session is over or revoked, within 10 seconds."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from business.staff.sessions import sessions_alive
from gateway.socket.console import ConsoleNamespace
from gateway.socket.server import SocketServer
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable

EVERY = 5.0


class Keeper:
    """Looks at every console session of this process."""

    def __init__(self, server: SocketServer, console: ConsoleNamespace, database: Database) -> None:
        self._server = server
        self._console = console
        self._database = database

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            with suppress(Unavailable):
                await self.look()

    async def look(self) -> None:
        """One round."""
        sessions = list(self._console.sessions)
        if not sessions:
            return
        async with self._database.transaction() as connection:
            alive = await sessions_alive(connection, [session.staff.session_hash for session in sessions])
        for session in sessions:
            if session.staff.session_hash not in alive:
                over = session.staff.expires_at < utc_now() + timedelta(seconds=1)
                self._server.expel(session, "expired" if over else "revoked", 0)
