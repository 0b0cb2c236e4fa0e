"""A worker says that it lives: a row for the operator's page, which tells a worker that is gone by its silence."""

import asyncio

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from kernel.database import Database
from kernel.errors import Unavailable
from kernel.tables.ops import WorkerProcess

log = structlog.get_logger(__name__)

EVERY = 10.0


async def present(database: Database, name: str) -> None:
    """Until cancelled."""
    here = insert(WorkerProcess).values(name=name)
    here = here.on_conflict_do_update(index_elements=["name"], set_={"seen_at": func.clock_timestamp()})
    while True:
        try:
            await database.unit(lambda c: c.execute(here))
        except Unavailable:
            log.info("presence.later")
        await asyncio.sleep(EVERY)
