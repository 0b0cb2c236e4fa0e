"""Databases that come and go with tests, made over one connection that stays open: a connection each would cost as much as a small test."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

import asyncpg


class Clones:
    """Of one server, whose maintenance database is at `url`. Waits in a thread of its own: fixtures call it while a loop runs or none."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="clones", daemon=True)
        self._thread.start()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def make(self, template: str) -> str:
        """The name of a new one."""
        name = f"t_{uuid4().hex[:12]}"
        self._wait(self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        return name

    def drop(self, name: str) -> None:
        """Whoever is still connected to it is sent away."""
        self._wait(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        """After the last one."""
        if self._connection is not None:
            self._wait(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _execute(self, statement: str) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(statement)

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()
