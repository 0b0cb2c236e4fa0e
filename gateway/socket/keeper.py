"""Ends sockets whose right to be there is over: console sessions that ended, visitors' tokens that were revoked; within 10 seconds."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from business.customers.visitors import no_longer_good, token_hash
from business.staff.sessions import sessions_alive
from gateway.socket.console import ConsoleNamespace
from gateway.socket.server import SocketServer
from gateway.socket.session import ChatSession
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable

EVERY = 5.0
AT_ONCE = 1000


class Keeper:
    """Looks at every session of this process."""

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
                await self.look_at_visitors()

    async def look(self) -> None:
        """One round of the console's sessions."""
        sessions = list(self._console.sessions)
        if not sessions:
            return
        async with self._database.transaction() as connection:
            alive = await sessions_alive(connection, [session.staff.session_hash for session in sessions])
        for session in sessions:
            if session.staff.session_hash not in alive:
                over = session.staff.expires_at < utc_now() + timedelta(seconds=1)
                self._server.expel(session, "expired" if over else "revoked", 0)

    async def look_at_visitors(self) -> None:
        """One round of the customers' tokens. Those that were never written have no row, and nothing to revoke."""
        sessions = [session for session in self._server.sessions.values() if isinstance(session, ChatSession)]
        for start in range(0, len(sessions), AT_ONCE):
            some = [(token_hash(session.visitor.token), session) for session in sessions[start : start + AT_ONCE]]
            async with self._database.transaction() as connection:
                over = await no_longer_good(connection, [hash for hash, _ in some])
            for hash, session in some:
                if hash in over:
                    self._server.expel(session, "revoked" if over[hash] else "expired", 0)
