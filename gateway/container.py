"""The gateway's composition root: everything is built here, by constructor, top to bottom, and closed in reverse."""

import asyncio
import gc
import hmac
import os
import socket
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from starlette.types import ASGIApp

from agents.container import Agents, build_agents
from agents.ensemble.shared_breaker import SharedBreakers
from agents.recording import Recorder
from business.handoffs.handing import HandingOver
from business.links.signing import Links
from business.payments.configured import card_provider
from business.profile.versions import Edition
from business.sites.rules import own_origins
from gateway.changes import Changes
from gateway.http.health import Health
from gateway.live.desk import Desk
from gateway.live.hub import Hub
from gateway.metrics import CountedUsage, Metrics
from gateway.origins import Origins
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
from gateway.start import build_database
from gateway.turns.frames import Frames
from gateway.turns.runner import TurnRunner, Voice
from gateway.wakes import WorkerWaker
from gateway.web import Offered, application, routes, texting
from kernel import rooms
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.pulse import Pulse
from kernel.settings import Settings
from knowledge.corpus.embedder import build_embedder
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 4.0


class Gateway:
    """One gateway process."""

    def __init__(self, settings: Settings, database_url: str, redis_url: str, secret: str, edition: Edition) -> None:
        self._settings, self._secret = settings, secret
        self.process = f"{socket.gethostname()}:{os.getpid()}"
        self.metrics = Metrics()
        self.warm = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

        self.database = build_database(settings, database_url, "hibachi-gateway")
        self.bus = Bus(connect(redis_url))
        self.waker = WorkerWaker(self.bus)
        self.database.on_written = self.waker.wake
        self.origins = Origins(self.database, own_origins(settings.public_url, settings.host, settings.port))
        self.changes = Changes(settings, self.database, self.bus, self.metrics, edition)
        self.profile, self.policy = self.changes.profile, self.changes.policy

        # Who answers, and what it costs.
        pulse, encoder = Pulse(), Encoder()
        self.links = Links(lambda: settings.address, secret)
        self.cards = card_provider(settings.payments)
        self.usage = DatabaseUsageSink(self.database, self.changes.zone)
        self.budgets = self._build_budgets()
        self.embedder = build_embedder(settings.knowledge, os.environ, encoder)
        self.corpus = self._build_corpus()
        self.agents = self._build_agents(edition, pulse, encoder)
        self.breakers = SharedBreakers(self.bus, rooms.breakers_key(_install(secret)), self.agents.breakers())
        self._count_breakers()
        self.changes.tell(self.agents, self.budgets)

        # How replies run, and who sees them.
        frames = Frames(self.bus, lambda room: self.hub.subscriber.hears(room))
        self.hub = Hub(self.database, self.bus, redis_url, Desk(self.database, self.bus))
        self.runner = self._build_runner(frames, pulse)
        self.hub.attach(self.runner)

        # The sockets.
        self.server = SocketServer(self.origins.allowed, self.metrics)
        self.drafts = Drafts(self.agents.draft)
        snapshots = Snapshots(frames, self.runner)
        self.chat = self._build_chat(snapshots)
        self.console = self._build_console(snapshots)
        self.server.doors = {"/chat": self.chat, "/console": self.console}
        self.news = BusinessNews(self.server, self.profile, utc_now)
        self.keeper = Keeper(self.server, self.console, self.database)

        # HTTP, around the sockets.
        addresses = Addresses(settings.limits.trusted_proxies)
        self.health = self._build_health(addresses)
        self.routes = routes(self._offered())
        web = self.server.over(application(self.routes))
        self.guard = ConnectionGuard(web, addresses, settings.limits.connections_per_address)
        self.app: ASGIApp = self.guard

    def _build_budgets(self) -> Budgets:
        return Budgets(
            self.database,
            self._settings.ensemble.budget,
            self._settings.ensemble.shadows,
            zone=self.changes.zone,
            on_refused=lambda scope: self.metrics.budget_refusals.labels(scope).inc(),
        )

    def _build_corpus(self) -> CorpusSearch:
        return CorpusSearch(
            self.database,
            self.embedder,
            self._settings.knowledge,
            heard=self.metrics.searched,
            failed=self.metrics.embedding_failures.inc,
        )

    def _build_agents(self, edition: Edition, pulse: Pulse, encoder: Encoder) -> Agents:
        return build_agents(
            self._settings,
            edition.profile,
            CountedUsage(self.usage, self.metrics.called),
            self.database,
            links=self.links,
            budgets=self.budgets,
            pulse=pulse,
            encoder=encoder,
            corpus=self.corpus,
        )

    def _count_breakers(self) -> None:
        def is_open(model: str) -> bool:
            return any(state.name == model and state.breaker == "open" for state in self.agents.states())

        for model in self._settings.models:
            self.metrics.model_breaker_open.labels(model.name).set_function(partial(is_open, model.name))

    def _build_runner(self, frames: Frames, pulse: Pulse) -> TurnRunner:
        return TurnRunner(
            self.process,
            self.database,
            self.bus,
            frames,
            self.hub,
            self.agents.answer,
            Voice(ASSISTANT, self.changes.locale),
            utc_now,
            HandingOver(self.profile.profile, utc_now, ASSISTANT),
            Recorder(self._settings.ensemble.record_days, self.policy.policy),
            pulse,
            timedelta(seconds=self._settings.sms.gather_seconds),
        )

    def _build_chat(self, snapshots: Snapshots) -> ChatNamespace:
        limits = self._settings.limits
        return ChatNamespace(
            self.server,
            self.database,
            self.hub,
            self.runner,
            snapshots,
            MessageBuckets(self.bus, limits.message_burst, limits.message_per_second),
            self.profile.profile,
            self.agents.expect,
            self._secret,
            self.origins.own,
            utc_now,
            texting(self._settings, self._secret, self.bus),
            limits.frame_burst,
            limits.frame_per_second,
        )

    def _build_console(self, snapshots: Snapshots) -> ConsoleNamespace:
        limits = self._settings.limits
        return ConsoleNamespace(
            self.server,
            self.database,
            self.hub,
            self.runner,
            snapshots,
            self.drafts,
            self.profile.profile,
            utc_now,
            self.origins.own,
            limits.frame_burst,
            limits.frame_per_second,
        )

    def _build_health(self, addresses: Addresses) -> Health:
        provider = self._settings.sms.provider
        return Health(
            self.metrics,
            self.database,
            self.bus,
            addresses,
            self.warm,
            lambda: self.runner.running,
            self.changes.zone,
            None if provider == "none" else provider,
        )

    def _offered(self) -> Offered:
        return Offered(
            settings=self._settings,
            secret=self._secret,
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
            own_origins=self.origins.own,
            origin_allowed=self.origins.allowed,
            profile_saved=self.changes.profile_saved,
            policy_saved=self.changes.policy_saved,
        )

    async def start(self) -> None:
        """Start what runs beside the requests; warm up in the background."""
        try:
            await self.origins.read()
            await self.policy.look()
        except Unavailable:
            log.warning("gateway.starts_without_database")
        await self.changes.hear(self.hub)
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
            self.origins.follow(),
            self._warm_up(),
        ):
            self._tasks.append(self._keep(work))

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", "work"))
        task.add_done_callback(_say_if_died)
        return task

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
