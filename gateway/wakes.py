"""Waking a worker: a row of the outbox is there. arq carries the hint; the worker's sweep finds the row without it, a little later."""

import asyncio
from collections.abc import Sequence

import orjson
from arq.connections import ArqRedis
from redis.asyncio import Redis

from kernel.bus import OUTAGE, Bus
from kernel.ending import end
from kernel.jobs import QUEUES, WAKE, Due


class WorkerWaker:
    """Enqueues hints beside what goes on: nobody waits for Redis. Never raises."""

    def __init__(self, bus: Bus) -> None:
        redis: Redis = bus.redis
        self._bus = bus
        self._arq = ArqRedis(redis.connection_pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads)
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, written: Sequence[Due]) -> None:
        """Hint that these rows are new."""
        if self._bus.up:
            task = asyncio.create_task(self._wake(tuple(written)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wake(self, written: Sequence[Due]) -> None:
        try:
            for due in written:
                await self._arq.enqueue_job(WAKE, str(due.effect), _job_id=f"outbox:{due.effect}", _queue_name=QUEUES[due.queue])
        except OUTAGE as error:
            self._bus.failed(error)

    async def close(self) -> None:
        """What was not said is found without it."""
        await end(self._tasks)
