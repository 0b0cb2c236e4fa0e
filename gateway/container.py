"""The gateway's composition root: everything is built here, by constructor, top to bottom, and closed in reverse."""

import asyncio
import gc
import hmac
import os
import socket
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import ASGIApp

from agents.container import build_agents
from agents.ensemble.shared_breaker import SharedBreakers
from agents.recording import Recorder
from business.handoffs.handing import HandingOver
from business.links.signing import Links
from business.payments.configured import card_provider
from business.profile.live import LiveProfile, first_edition
from business.profile.versions import Edition
from business.sites.queries import all_origins
from business.sites.rules import own_origins
from business.sites.service import install_secret
from gateway.http.health import Health
from gateway.live.desk import Desk
from gateway.live.hub import Hub
from gateway.metrics import CountedUsage, Metrics
from gateway.socket.buckets import MessageBuckets
from gateway.socket.card import ASSISTANT
from gateway.socket.chat import ChatNamespace
from gateway.socket.console import ConsoleNamespace
from gateway.socket.drafts import Drafts
from gateway.socket.guard import Addresses, ConnectionGuard
from gateway.socket.keeper import Keeper
from gateway.socket.news import BusinessNews
from gateway.socket.server import SocketServer
from gateway.socket.snapshots import Snapshots
from gateway.turns.frames import Frames
from gateway.turns.runner import TurnRunner, Voice
from gateway.wakes import WorkerWaker
from gateway.web import Offered, application, routes, texting
from kernel import rooms
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.policies import LivePolicy
from kernel.pulse import Pulse
from kernel.settings import Settings
from knowledge.corpus.embedder import build_embedder
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder

log = structlog.get_logger(__name__)

ORIGINS_EVERY = 3.0
DRAIN_SECONDS = 4.0


class Gateway:
    """One gateway process."""

    def __init__(self, settings: Settings, database_url: str, redis_url: str, secret: str, edition: Edition) -> None:
        limits = settings.limits
        self.process = f"{socket.gethostname()}:{os.getpid()}"
        self.metrics = Metrics()
        self.warm = asyncio.Event()
        self.database = build_database(settings, database_url, "hibachi-gateway")
        self.bus = Bus(connect(redis_url))
        self.waker = WorkerWaker(self.bus)
        self.database.on_written = self.waker.wake
        self.profile = LiveProfile(self.database, edition)
        self.usage = DatabaseUsageSink(self.database, self._zone)
        self.policy = LivePolicy(self.database, settings.ensemble.policy, [model.name for model in settings.models])
        self.cards = card_provider(settings.payments)
        self.links = Links(lambda: settings.address, secret)
        self.budgets = Budgets(
            self.database,
            settings.ensemble.budget,
            settings.ensemble.shadows,
            zone=self._zone,
            on_refused=lambda scope: self.metrics.budget_refusals.labels(scope).inc(),
        )
        usage = CountedUsage(self.usage, self.metrics.called)
        pulse = Pulse()
        encoder = Encoder()
        self.embedder = build_embedder(settings.knowledge, os.environ, encoder)
        self.corpus = CorpusSearch(
            self.database,
            self.embedder,
            settings.knowledge,
            heard=self.metrics.searched,
            failed=self.metrics.embedding_failures.inc,
        )
        self.agents = build_agents(
            settings, edition.profile, usage, self.database, links=self.links, budgets=self.budgets, pulse=pulse, encoder=encoder,
            corpus=self.corpus,
        )  # fmt: skip
        self.breakers = SharedBreakers(self.bus, rooms.breakers_key(_install(secret)), self.agents.breakers())
        self._settings = settings
        self._own = own_origins(settings.public_url, settings.host, settings.port)
        self._sites_origins: frozenset[str] = frozenset()
        self._follow_changes(edition)
        frames = Frames(self.bus, lambda room: self.hub.subscriber.hears(room))

        def locale() -> str:
            return self.profile.profile().business.locale

        self.hub = Hub(self.database, self.bus, redis_url, Desk(self.database, self.bus))
        self.runner = TurnRunner(
            self.process,
            self.database,
            self.bus,
            frames,
            self.hub,
            self.agents.answer,
            Voice(ASSISTANT, locale),
            utc_now,
            HandingOver(self.profile.profile, utc_now, ASSISTANT),
            Recorder(settings.ensemble.record_days, self.policy.policy),
            pulse,
        )
        self.hub.attach(self.runner)
        self.server = SocketServer(self._origin_allowed, self.metrics)
        snapshots = Snapshots(frames, self.runner)
        self.chat = ChatNamespace(
            self.server,
            self.database,
            self.hub,
            self.runner,
            snapshots,
            MessageBuckets(self.bus, limits.message_burst, limits.message_per_second),
            self.profile.profile,
            self.agents.expect,
            secret,
            lambda: self._own,
            utc_now,
            texting(settings, secret, self.bus),
            limits.frame_burst,
            limits.frame_per_second,
        )
        self.drafts = Drafts(self.agents.draft)
        self.console = ConsoleNamespace(
            self.server,
            self.database,
            self.hub,
            self.runner,
            snapshots,
            self.drafts,
            self.profile.profile,
            utc_now,
            lambda: self._own,
            limits.frame_burst,
            limits.frame_per_second,
        )
        self.server.doors = {"/chat": self.chat, "/console": self.console}
        self.news = BusinessNews(self.server, self.profile, utc_now)
        self.keeper = Keeper(self.server, self.console, self.database)
        addresses = Addresses(limits.trusted_proxies)
        texts_by = None if settings.sms.provider == "none" else settings.sms.provider
        self.health = Health(self.metrics, self.database, self.bus, addresses, self.warm, lambda: self.runner.running, self._zone, texts_by)
        self.routes = routes(self._offered(secret))
        web = self.server.over(application(self.routes))
        self.guard = ConnectionGuard(web, addresses, limits.connections_per_address)
        self.app: ASGIApp = self.guard
        self._tasks: list[asyncio.Task[None]] = []

    def _follow_changes(self, edition: Edition) -> None:
        """What answers hears of another profile and another policy; so do the metrics."""
        self.profile.on_change(self._use)
        self.policy.on_change(self.agents.use_policy)
        self.policy.on_change(lambda policy: self.budgets.use(policy.budget, policy.shadows))
        self.metrics.profile_version.set(edition.number)
        self.metrics.policy_version.set_function(lambda: self.policy.counting.number)
        for model in self._settings.models:
            self.metrics.model_breaker_open.labels(model.name).set_function(partial(self._breaker_open, model.name))

    def _offered(self, secret: str) -> Offered:
        return Offered(
            settings=self._settings,
            secret=secret,
            database=self.database,
            bus=self.bus,
            hub=self.hub,
            runner=self.runner,
            agents=self.agents,
            profile=self.profile.profile,
            policy=self.policy,
            links=self.links,
            cards=self.cards,
            corpus=self.corpus,
            embedder=self.embedder,
            health=self.health,
            own_origins=lambda: self._own,
            origin_allowed=self._origin_allowed,
            profile_saved=self._profile_saved,
            policy_saved=self._policy_saved,
        )

    def _zone(self) -> ZoneInfo:
        return self.profile.profile().business.zone

    def _use(self, edition: Edition) -> None:
        """Another version of the profile counts from now on."""
        self.agents.use(edition.profile)
        self.metrics.profile_version.set(edition.number)

    def _breaker_open(self, model: str) -> bool:
        return any(state.name == model and state.breaker == "open" for state in self.agents.states())

    async def _profile_saved(self) -> None:
        """A version was saved by a request here: known here before the answer leaves, elsewhere by a hint or the sweep."""
        self.profile.hint()
        with suppress(Unavailable):
            await self.profile.look()
        await self.bus.publish(rooms.PROFILE, {"k": "profile"})

    async def _policy_saved(self) -> None:
        """As with a profile: known here before the answer leaves, elsewhere by a hint or the sweep."""
        with suppress(Unavailable):
            await self.policy.look()
        await self.bus.publish(rooms.POLICY, {"k": "policy"})

    def _origin_allowed(self, origin: str | None, environ: dict[str, Any] | None = None) -> bool:
        """Whether any site, or the install itself, knows the origin; the namespaces ask again for their own."""
        return origin is None or origin in self._own or origin in self._sites_origins

    async def start(self) -> None:
        """Start what runs beside the requests; warm up in the background."""
        try:
            await self._read_origins()
            await self.policy.look()
        except Unavailable:
            log.warning("gateway.starts_without_database")
        await self.hub.on_hint(rooms.PROFILE, self.profile.hint)
        await self.hub.on_hint(rooms.POLICY, self.policy.hint)
        await self.hub.hear_turns()
        for work in (
            self.profile.follow(),
            self.policy.follow(),
            self.news.run(),
            self.hub.subscriber.run(),
            self.hub.subscriber.ping(),
            self.hub.sweep(),
            self.hub.heads(),
            self.hub.desk.run(),
            self.hub.desk.refresh(),
            self.runner.ticker.run(),
            self.runner.renew(),
            self.runner.sweep(),
            self.server.reap(),
            self.keeper.run(),
            self.breakers.run(),
            self.health.watch_loop(),
            self._follow_origins(),
            self._warm_up(),
        ):
            self._tasks.append(self._keep(work))

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", "work"))
        task.add_done_callback(_say_if_died)
        return task

    async def _read_origins(self) -> None:
        async with self.database.transaction() as connection:
            self._sites_origins = await all_origins(connection)

    async def _follow_origins(self) -> None:
        while True:
            await asyncio.sleep(ORIGINS_EVERY)
            try:
                await self._read_origins()
            except Unavailable:
                continue

    async def _warm_up(self) -> None:
        await self.agents.warm()
        # A full collection over everything that was imported stops the loop for up to 0.2 s; nothing of it is garbage.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self.warm.set()
        log.info("gateway.ready")

    async def stop(self) -> None:
        """Say goodbye, let replies end or leave them to another gateway, close everything in reverse."""
        self.server.drain()
        await self.runner.drain(DRAIN_SECONDS)
        await end(self._tasks)
        await self.drafts.close()
        await self.agents.close()
        await self.usage.close()
        await self.waker.close()
        await self.bus.close()
        await self.database.close()


def _say_if_died(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        # Half a gateway is worse than none: the supervisor starts a whole one.
        log.critical("gateway.task_died", task=task.get_name(), exc_info=error)
        os.kill(os.getpid(), 15)


def _install(secret: str) -> UUID:
    """What tells this install from others on the same Redis."""
    return UUID(bytes=hmac.digest(secret.encode(), b"install", "sha256")[:16])


def build_database(settings: Settings, url: str, application: str) -> Database:
    """The engines of a process, with the replicas that are configured."""
    given = settings.database

    def address(value: Any) -> str | None:
        return value.get_secret_value() if value is not None else None

    return Database(
        url,
        application=application,
        pool_size=given.pool_size,
        reading=address(given.reading),
        marketing=address(given.marketing),
        analytics=address(given.analytics),
    )


async def read_secret(database: Database) -> str:
    """The install's secret; the database is migrated and seeded before a gateway starts."""

    async def read(connection: AsyncConnection) -> str:
        return await install_secret(connection)

    return await database.unit(read)


async def read_start(database: Database, settings: Settings) -> tuple[str, Edition]:
    """What a gateway must know before it is built: the install's secret, and the profile that counts. Raises ProfileError."""
    return await read_secret(database), await first_edition(database, settings.business.profile)
