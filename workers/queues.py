"""Two queues of hints, one for short jobs and one for long ones, each with a listener of its own: whoever waits for somebody else's
server never stands before what is done in a moment.

A hint is JSON, `["<id of the effect>"]`, and nothing is ever unpickled: whoever can write to Redis can make a worker look, and no more.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from sqlalchemy import exists, select

from kernel.bus import OUTAGE
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.jobs import JOBS, QUEUES, WAKE, Due, Queue
from kernel.outbox import is_due
from workers.effects import Effects
from workers.outward import Outward

log = structlog.get_logger(__name__)

JOB_SECONDS = 15
AT_ONCE = 10
POLL_SECONDS = 0.2
SEE_EVERY = 1.0
REST_SECONDS = 5.0
"""What goes out is looked for by itself this often, beside `Desk.see`."""


class Desk:
    """What one worker carries out for one queue: effects in transactions of their own, and those that go out."""

    def __init__(self, queue: Queue, effects: Effects, outward: Sequence[Outward] = ()) -> None:
        self.queue = queue
        self.effects = effects
        self._outward = outward
        for one in outward:
            one.rest(REST_SECONDS)

    def look(self) -> None:
        """Something is new."""
        self.effects.wake()
        for one in self._outward:
            one.wake()

    async def see(self, database: Database) -> None:
        """Look where something that goes out is due, until cancelled: one question for all of them, for mostly nothing is."""
        kinds = [kind for kind, job in JOBS.items() if job.queue == self.queue]
        query = select(exists().where(is_due(*kinds)))
        while True:
            await asyncio.sleep(SEE_EVERY)
            with suppress(Unavailable):
                if await database.unit(lambda c: c.scalar(query)):
                    self.look()

    async def take(self, effect: UUID) -> None:
        """A hint of one effect. Raises Unavailable."""
        for one in self._outward:
            one.wake()
        await self.effects.due(effect)


class Desks:
    """Those of one worker; what it writes itself it takes up itself, without a way through Redis."""

    def __init__(self, desks: Iterable[Desk]) -> None:
        self._of = {desk.queue: desk for desk in desks}

    def written(self, written: Sequence[Due]) -> None:
        """A transaction of this process has put these into the outbox."""
        for queue in {due.queue for due in written}:
            self._of[queue].look()


async def wake(context: dict[str, Any], effect: str) -> None:
    """arq's only job: a row of the outbox is new."""
    desk: Desk = context["desk"]
    try:
        await desk.take(UUID(effect))
    except Unavailable:
        log.info("effect.later")  # the sweep finds it


async def listen(redis_url: str, desk: Desk) -> None:
    """Be woken by arq, until cancelled; arq's worker ends with its Redis and is built anew."""
    while True:
        worker = Worker(
            functions=[func(cast(WorkerCoroutine, wake), name=WAKE, keep_result=0, timeout=JOB_SECONDS, max_tries=1)],
            redis_settings=RedisSettings.from_dsn(redis_url),
            queue_name=QUEUES[desk.queue],
            ctx={"desk": desk},
            handle_signals=False,
            poll_delay=POLL_SECONDS,
            max_jobs=AT_ONCE,
            health_check_interval=5,
            job_serializer=orjson.dumps,
            job_deserializer=orjson.loads,
        )
        try:
            await worker.async_run()
        except (*OUTAGE, RuntimeError) as error:
            log.warning("worker.redis_away", cause=type(error).__name__)
        finally:
            await _close(worker)
        await asyncio.sleep(1)


async def _close(worker: Worker) -> None:
    """With everything that it began: arq's own end stops halfway at the first job that was cancelled, and leaves its connections open."""
    jobs = tuple(worker.tasks.values())
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    try:
        await worker.pool.delete(worker.health_check_key)
    except (*OUTAGE, AttributeError) as error:  # no pool: it was never connected
        log.info("worker.closed_without_redis", cause=type(error).__name__)
    finally:
        if worker.pool is not None:
            await worker.pool.aclose(close_connection_pool=True)
