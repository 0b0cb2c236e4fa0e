"""Waking a worker: a row of the outbox is there. arq carries the hint; the worker's sweep finds the row without it, a little later."""

from uuid import UUID

import orjson
from arq.connections import ArqRedis
from redis.asyncio import Redis

from kernel.bus import OUTAGE, Bus
from kernel.jobs import QUEUE, WAKE


class WorkerWaker:
    """Enqueues the hint; never raises."""

    def __init__(self, bus: Bus) -> None:
        redis: Redis = bus.redis
        self._bus = bus
        self._arq = ArqRedis(redis.connection_pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads, default_queue_name=QUEUE)

    async def wake(self, effect: UUID) -> None:
        """Hint that this row is new."""
        if self._bus.up:
            try:
                await self._arq.enqueue_job(WAKE, str(effect), _job_id=f"outbox:{effect}")
            except OUTAGE as error:
                self._bus.failed(error)
