"""A `Database` for one test after the other: the clone is another one each time, the compiled statements stay.

SQLAlchemy keeps them by engine, and compiling a test's statements anew costs more than carrying them out.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, make_url

from kernel.database import Database


class Reused:
    """Its server is the one of `url`; which of its databases is said by `at`."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, application="test")
        self._engine = self._database.primary.sync_engine
        event.listen(self._engine, "do_connect", self._connect)

    def _connect(self, _dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        parameters["database"] = self._engine.url.database

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Database]:
        """With connections of its own, which are closed at the end."""
        self._engine.url = self._engine.url.set(database=make_url(url).database)  # others connect by it, too
        try:
            yield self._database
        finally:
            self._database.on_written = None
            await self._database.close()
