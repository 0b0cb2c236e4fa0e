"""`/healthz` (the process answers), `/readyz` (it may be sent customers), `/metrics`."""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from datetime import tzinfo

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from business.campaigns import figures as campaigning
from business.channels import overview as texting
from business.channels import queries
from business.effects import overview
from gateway.http.edge import NO_STORE
from gateway.metrics import Metrics
from gateway.socket.guard import Addresses, client_address
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.metering.costs import day_of, spent_by_model
from knowledge.learning import pairing

LAG_EVERY = 0.5


class Health:
    """What the process says of itself."""

    def __init__(
        self,
        metrics: Metrics,
        database: Database,
        bus: Bus,
        addresses: Addresses,
        warm: asyncio.Event,
        turns_running: Callable[[], int],
        zone: Callable[[], tzinfo],
        texts_by: str | None = None,
    ) -> None:
        """`zone`: where a day begins, as money is counted. `texts_by`: who carries texts."""
        self._metrics = metrics
        self._database = database
        self._bus = bus
        self._addresses = addresses
        self._warm = warm
        self._turns_running = turns_running
        self._zone = zone
        self._texts_by = texts_by

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics_page),
        ]

    async def _healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok", headers=NO_STORE)

    async def _readyz(self, _: Request) -> Response:
        """Ready where PostgreSQL answers and everything is warm; Redis may be away, delivery goes on without it."""
        database, texts = await self._database_answers()
        state = {"database": database, "redis": self._bus.up, "warm": self._warm.is_set(), **({} if texts is None else {"texts": texts})}
        return JSONResponse(state, status_code=200 if database and self._warm.is_set() else 503, headers=NO_STORE)

    async def _database_answers(self) -> tuple[bool, str | None]:
        """Whether it does; and how the provider's webhook for texts stands, where there is one to be."""
        try:
            async with asyncio.timeout(2), self._database.transaction() as connection:
                if self._texts_by is None:
                    await connection.execute(text("SELECT 1"))
                    return True, None
                subscription = await texting.subscription(connection, self._texts_by)
                return True, "none" if subscription is None else subscription["state"]
        except (Unavailable, TimeoutError):
            return False, None

    async def _metrics_page(self, request: Request) -> Response:
        """For loopback, private networks and trusted proxies: the numbers tell how the business goes."""
        if not self._from_inside(request):
            return PlainTextResponse("Not Found", status_code=404)
        self._metrics.turns.set(self._turns_running())
        self._metrics.redis_up.set(1 if self._bus.up else 0)
        try:
            async with self._database.transaction() as connection:
                alive = sum(worker.alive for worker in await overview.workers(connection))
                self._metrics.spending(await spent_by_model(connection, day_of(utc_now(), self._zone()), self._zone()))
                self._metrics.shadows(await pairing.counts(connection))
                self._metrics.texting(await queries.figures(connection))
                self._metrics.campaigning(await campaigning.figures(connection))
                if self._texts_by is not None:
                    announced = (await texting.flow(connection, utc_now())).announced
                    self._metrics.texts_in(await texting.subscription(connection, self._texts_by), announced)
                self._metrics.jobs(await overview.depths(connection), await overview.duties(connection), alive)
        except Unavailable:
            self._metrics.forget_jobs()
            self._metrics.forget_texts()
            self._metrics.model_spent.clear()
            self._metrics.shadow_pairs.clear()
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)

    def _from_inside(self, request: Request) -> bool:
        if "x-forwarded-for" in request.headers and not self._addresses.trusts(request.client.host if request.client else ""):
            return False  # through a proxy that was not named: whose address that is, nobody knows
        address = client_address(request.scope)
        return self._addresses.exempt(address) or ipaddress.ip_address(address).is_private

    async def watch_loop(self) -> None:
        """Measure how late the event loop wakes, until cancelled."""
        while True:
            started = time.monotonic()
            await asyncio.sleep(LAG_EVERY)
            self._metrics.loop_lag.observe(max(0.0, time.monotonic() - started - LAG_EVERY))
