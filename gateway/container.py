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
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from agents.container import build_agents
from agents.ensemble.shared_breaker import SharedBreakers
from agents.recording import Recorder
from agents.registry import WITH_A_WAY
from business.channels.configured import lacking
from business.channels.proving import Codes
from business.handoffs.handing import HandingOver
from business.links.signing import Links
from business.payments.configured import card_provider, webhook_secrets
from business.payments.ways import ways
from business.profile.live import LiveProfile, first_edition
from business.profile.versions import Edition
from business.sites.queries import all_origins
from business.sites.rules import own_origins
from business.sites.service import install_secret
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from business.uploads.folder import UploadFolder
from gateway.cli.version import version
from gateway.http import admin
from gateway.http.bearer import Bearer
from gateway.http.booking_page import BookingPages, checkout_origin
from gateway.http.calendar_feed import CalendarFeed
from gateway.http.citations import CitationsHttp, Sayable
from gateway.http.door import Door
from gateway.http.email_hooks import EmailHooks
from gateway.http.ensemble import ModelRoom
from gateway.http.health import Health
from gateway.http.knowledge import Corpus
from gateway.http.openapi import openapi_document
from gateway.http.pages import Pages
from gateway.http.quota import AddressQuota, PageQuota
from gateway.http.ringcentral import RingCentralHooks
from gateway.http.stripe import StripeHttp
from gateway.http.texting import missing
from gateway.http.thread_page import ThreadPages
from gateway.http.unsubscribe import Unsubscribe
from gateway.http.uploads import UploadsHttp
from gateway.http.visitors import Visitors
from gateway.live.desk import Desk
from gateway.live.hub import Hub
from gateway.metrics import CountedUsage, Metrics
from gateway.socket.buckets import MessageBuckets
from gateway.socket.card import ASSISTANT
from gateway.socket.chat import ChatNamespace
from gateway.socket.console import ConsoleNamespace
from gateway.socket.continuing import CODES_AN_HOUR, Texting
from gateway.socket.drafts import Drafts
from gateway.socket.guard import Addresses, ConnectionGuard, client_address
from gateway.socket.keeper import Keeper
from gateway.socket.moves import Moves
from gateway.socket.news import BusinessNews
from gateway.socket.server import SocketServer
from gateway.socket.snapshots import Snapshots
from gateway.turns.frames import Frames
from gateway.turns.runner import TurnRunner, Voice
from gateway.wakes import WorkerWaker
from kernel import rooms
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.outside.addresses import Outside
from kernel.policies import LivePolicy
from kernel.pulse import Pulse
from kernel.settings import Settings
from kernel.wire.document import asyncapi
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
            self._texting(secret),
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
        web = self.server.over(self._web(secret, AddressQuota(self.bus, secret, addresses, limits.uploads_per_address)))
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

    def _web(self, secret: str, quota: AddressQuota) -> ASGIApp:
        limits = self._settings.limits
        sayable = Sayable(self.profile.profile)
        deps = admin.AdminHttp(
            database=self.database,
            staff=StaffService(self.database, Passwords()),
            own_origins=lambda: self._own,
            secure_cookies=(self._settings.public_url or "").startswith("https:"),
            client_address=_address_of,
            model_room=self._model_room(),
            public_url=lambda: self._settings.address,
            profile_saved=self._profile_saved,
            profile=self.profile.profile,
            push_services=self._settings.push.services,
            bearer=Bearer(self.database, MessageBuckets(self.bus, limits.api_burst, limits.api_per_second).take),
            outside=Outside(self._settings.webhooks.private_networks),
            announce=self.hub.announce,
            ask=self.agents.ask,
            drafts=self.agents.campaign_drafts,
            follow=Moves(self.hub, self.runner).follow,
            takes_cards=self.cards is not None,
            links=self.links,
            sends_mail=self._settings.email.host is not None,
            texting=self._settings.sms,
            texting_missing=missing(self._settings.sms, os.environ),
            codes=self._codes(secret),
            candidates=lambda: tuple(shadow.model for shadow in self.policy.policy().shadows),
            corpus=Corpus(self.corpus, self.embedder, sayable, self._settings.knowledge),
        )
        door = Door(deps.staff, deps.own_origins, deps.bearer)
        visitors = Visitors(door, self.database, secret, self._origin_allowed, utc_now)
        folder = UploadFolder(self._settings.data / "uploads")
        uploads = UploadsHttp(visitors, self.database, folder, quota, limits.uploads_per_visitor)
        citations = CitationsHttp(visitors, self.database, self.profile.profile, sayable)
        stripe = StripeHttp(self.database, webhook_secrets(self._settings.payments))
        pages = PageQuota(self.bus, secret, Addresses(limits.trusted_proxies))
        texts = RingCentralHooks(self.database, self._settings.sms.provider == "ringcentral", utc_now)
        hooks = (*stripe.routes(), *self._mail().routes(), *texts.routes())
        self.routes = (*self.health.routes(), *admin.routes(deps), *uploads.routes(), *citations.routes(), *hooks, *self._public(pages))
        documents = {"/api/openapi.json": openapi_document(), "/asyncapi.json": asyncapi(version())}
        return Starlette(routes=[*self.routes, Pages(documents).mount()])

    def _codes(self, secret: str) -> Codes | None:
        """None where no text is sent."""
        sms = self._settings.sms
        return None if sms.provider == "none" or lacking(sms, os.environ) else Codes(secret, sms.code_minutes)

    def _texting(self, secret: str) -> Texting:
        """How visitors go on by text."""
        sms = self._settings.sms
        buckets = MessageBuckets(self.bus, CODES_AN_HOUR, CODES_AN_HOUR / 3600)
        offered = sms.provider != "none" and not lacking(sms, os.environ)
        addresses = Addresses(self._settings.limits.trusted_proxies)
        return Texting(offered, sms.number, Codes(secret, sms.code_minutes), secret, buckets, addresses)

    def _model_room(self) -> ModelRoom:
        return ModelRoom(self.policy, self._settings.models, WITH_A_WAY, self.agents.states, self._policy_saved, os.environ)

    def _public(self, quota: PageQuota) -> list[Route]:
        """What a signed link opens: a booking's page, a chef's calendar, a conversation that is texted."""
        payments, profile = self._settings.payments, self.profile.profile
        bookings = BookingPages(
            self.database,
            self.links,
            profile,
            lambda: ways(profile(), payments),
            self.cards,
            checkout_origin(payments.stripe_address),
            lambda: self._own,
            quota.take,
            self.hub.announce,
            utc_now,
        )
        feeds = CalendarFeed(self.database, self.links, profile, quota.take, utc_now)
        leaving = Unsubscribe(self.database, self.links, profile, utc_now)
        threads = ThreadPages(self.database, self.links, profile, lambda: self._own, quota.take, utc_now)
        return [*bookings.routes(), *feeds.routes(), *leaving.routes(), *threads.routes()]

    def _mail(self) -> EmailHooks:
        """Where mail comes in."""
        given = self._settings.email
        key = os.environ.get(given.inbound_key_env) if given.inbound_key_env else None
        own = tuple(address for address in (given.sender, given.replies) if address is not None)
        folder = UploadFolder(self._settings.data / "uploads")
        per_day = self._settings.limits.uploads_per_visitor
        return EmailHooks(self.database, self.profile.profile, self.links, folder, key, own, per_day, self.hub.announce, utc_now)

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


def _address_of(request: Request) -> str:
    return client_address(request.scope)


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
