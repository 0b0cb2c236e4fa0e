"""What a gateway offers over HTTP: the console's operations, files, webhooks, and what signed links open. The container has the parts."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from agents.container import Agents
from agents.registry import WITH_A_WAY
from business.channels.configured import lacking
from business.channels.proving import Codes
from business.links.signing import Links
from business.payments.configured import webhook_secrets
from business.payments.provider import Provider
from business.payments.ways import ways
from business.profile.schemas import Profile
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
from gateway.http.thread_page import ThreadPages
from gateway.http.unsubscribe import Unsubscribe
from gateway.http.uploads import UploadsHttp
from gateway.http.visitors import Visitors
from gateway.live.hub import Hub
from gateway.socket.buckets import MessageBuckets
from gateway.socket.continuing import CODES_AN_HOUR, Texting
from gateway.socket.guard import Addresses, client_address
from gateway.socket.moves import Moves
from gateway.turns.runner import TurnRunner
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.database import Database
from kernel.outside.addresses import Outside
from kernel.policies import LivePolicy
from kernel.settings import Settings
from kernel.wire.document import asyncapi
from knowledge.corpus.embedder import Configured
from knowledge.corpus.search import CorpusSearch


@dataclass(frozen=True, slots=True)
class Offered:
    """What the routes are made from."""

    settings: Settings
    secret: str
    database: Database
    bus: Bus
    hub: Hub
    runner: TurnRunner
    agents: Agents
    profile: Callable[[], Profile]
    policy: LivePolicy
    links: Links
    cards: Provider | None
    corpus: CorpusSearch
    embedder: Configured
    health: Health
    own_origins: Callable[[], frozenset[str]]
    origin_allowed: Callable[[str | None], bool]
    profile_saved: Callable[[], Awaitable[None]]
    policy_saved: Callable[[], Awaitable[None]]

    @property
    def folder(self) -> UploadFolder:
        return UploadFolder(self.settings.data / "uploads")

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.settings.limits.trusted_proxies)


def application(offered: tuple[BaseRoute, ...]) -> ASGIApp:
    """The routes, the documents that describe them, and the pages of the front end."""
    documents = {"/api/openapi.json": openapi_document(), "/asyncapi.json": asyncapi(version())}
    return Starlette(routes=[*offered, Pages(documents).mount()])


def routes(parts: Offered) -> tuple[BaseRoute, ...]:
    """All of them but the pages of the front end."""
    limits = parts.settings.limits
    sayable = Sayable(parts.profile)
    deps = _admin(parts, sayable)
    visitors = Visitors(Door(deps.staff, deps.own_origins, deps.bearer), parts.database, parts.secret, parts.origin_allowed, utc_now)
    quota = AddressQuota(parts.bus, parts.secret, parts.addresses, limits.uploads_per_address)
    uploads = UploadsHttp(visitors, parts.database, parts.folder, quota, limits.uploads_per_visitor)
    citations = CitationsHttp(visitors, parts.database, parts.profile, sayable)
    return (*parts.health.routes(), *admin.routes(deps), *uploads.routes(), *citations.routes(), *_hooks(parts), *_public(parts))


def _admin(parts: Offered, sayable: Sayable) -> admin.AdminHttp:
    settings, limits = parts.settings, parts.settings.limits
    return admin.AdminHttp(
        database=parts.database,
        staff=StaffService(parts.database, Passwords()),
        own_origins=parts.own_origins,
        secure_cookies=(settings.public_url or "").startswith("https:"),
        client_address=_address_of,
        model_room=ModelRoom(parts.policy, settings.models, WITH_A_WAY, parts.agents.states, parts.policy_saved, os.environ),
        public_url=lambda: settings.address,
        profile_saved=parts.profile_saved,
        profile=parts.profile,
        push_services=settings.push.services,
        bearer=Bearer(parts.database, MessageBuckets(parts.bus, limits.api_burst, limits.api_per_second).take),
        outside=Outside(settings.webhooks.private_networks),
        announce=parts.hub.announce,
        ask=parts.agents.ask,
        drafts=parts.agents.campaign_drafts,
        follow=Moves(parts.hub, parts.runner).follow,
        takes_cards=parts.cards is not None,
        links=parts.links,
        sends_mail=settings.email.host is not None,
        texting=settings.sms,
        texting_missing=lacking(settings.sms, os.environ),
        codes=_codes(settings, parts.secret),
        candidates=lambda: tuple(shadow.model for shadow in parts.policy.policy().shadows),
        corpus=Corpus(parts.corpus, parts.embedder, sayable, settings.knowledge),
    )


def _sends_texts(settings: Settings) -> bool:
    return settings.sms.provider != "none" and not lacking(settings.sms, os.environ)


def _codes(settings: Settings, secret: str) -> Codes | None:
    """None where no text is sent."""
    return Codes(secret, settings.sms.code_minutes) if _sends_texts(settings) else None


def texting(settings: Settings, secret: str, bus: Bus) -> Texting:
    """How visitors go on by text."""
    sms = settings.sms
    buckets = MessageBuckets(bus, CODES_AN_HOUR, CODES_AN_HOUR / 3600)
    addresses = Addresses(settings.limits.trusted_proxies)
    return Texting(_sends_texts(settings), sms.provider, sms.number, Codes(secret, sms.code_minutes), secret, buckets, addresses)


def _hooks(parts: Offered) -> list[Route]:
    """What others call."""
    stripe = StripeHttp(parts.database, webhook_secrets(parts.settings.payments))
    texts = RingCentralHooks(parts.database, parts.settings.sms.provider == "ringcentral", utc_now)
    return [*stripe.routes(), *_mail(parts).routes(), *texts.routes()]


def _mail(parts: Offered) -> EmailHooks:
    """Where mail comes in."""
    given = parts.settings.email
    key = os.environ.get(given.inbound_key_env) if given.inbound_key_env else None
    own = tuple(address for address in (given.sender, given.replies) if address is not None)
    per_day = parts.settings.limits.uploads_per_visitor
    return EmailHooks(parts.database, parts.profile, parts.links, parts.folder, key, own, per_day, parts.hub.announce, utc_now)


def _public(parts: Offered) -> list[Route]:
    """What a signed link opens: a booking's page, a chef's calendar, a conversation that is texted."""
    payments, profile = parts.settings.payments, parts.profile
    take = PageQuota(parts.bus, parts.secret, parts.addresses).take
    bookings = BookingPages(
        parts.database,
        parts.links,
        profile,
        lambda: ways(profile(), payments),
        parts.cards,
        checkout_origin(payments.stripe_address),
        parts.own_origins,
        take,
        parts.hub.announce,
        utc_now,
    )
    feeds = CalendarFeed(parts.database, parts.links, profile, take, utc_now)
    leaving = Unsubscribe(parts.database, parts.links, profile, utc_now)
    threads = ThreadPages(parts.database, parts.links, profile, parts.own_origins, take, utc_now)
    return [*bookings.routes(), *feeds.routes(), *leaving.routes(), *threads.routes()]


def _address_of(request: Request) -> str:
    return client_address(request.scope)
