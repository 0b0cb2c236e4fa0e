"""The worker's composition root: everything is built here, by constructor, top to bottom, and closed in reverse."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from business.campaigns.life import Means
from business.channels.configured import text_provider, webhook_address
from business.emails.sending import Post
from business.emails.smtp import Postman, Server
from business.links.signing import Links
from business.payments.configured import card_provider
from business.profile.live import LiveProfile
from business.profile.versions import Edition
from business.push.sending import PushSender
from business.push.vapid import contact
from business.uploads.folder import UploadFolder
from business.webhooks.sending import Sender
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.jobs import Queue
from kernel.outside.addresses import Outside
from kernel.policies import LivePolicy
from kernel.settings import Settings
from workers.campaigns import Campaigns
from workers.channels import Arrivals
from workers.clockwork import Clockwork
from workers.corpus import corpus
from workers.crash import Crash
from workers.cron import Cron
from workers.duties import duties
from workers.effects import Effects
from workers.emails import Emails
from workers.outward import Outward
from workers.payments import PaymentEvents
from workers.presence import present
from workers.pushes import Pushes
from workers.queues import Desk, Desks, listen
from workers.refunds import Refunds
from workers.registry import Business, handlers
from workers.shadows import shadows
from workers.summaries import summaries
from workers.text_receiver import Receiver
from workers.text_watch import TextWatch
from workers.texts import Texts
from workers.webhooks import Webhooks

log = structlog.get_logger(__name__)

Work = Coroutine[Any, Any, None]


class Worker:
    """One worker process; it works on from PostgreSQL alone while Redis is away. `database` is closed with it."""

    def __init__(self, settings: Settings, database: Database, redis_url: str, secret: str, edition: Edition) -> None:
        self._settings = settings
        self._redis_url = redis_url
        self._database = database
        self._bus = Bus(connect(redis_url, connections=4))
        self._profile = LiveProfile(database, edition)
        self._policy = LivePolicy(database, settings.ensemble.policy, [model.name for model in settings.models])
        self._business = Business(self._profile.profile, Links(lambda: settings.address, secret), utc_now)
        self._uploads = UploadFolder(settings.data / "uploads")
        self._carrier = text_provider(settings.sms, os.environ)
        self._receiver = self._build_receiver()
        self._outward: tuple[Outward, ...] = (
            *self._notices(),
            self._emails(),
            *self._money(),
            self._texts(),
            *self._arrivals(),
            *self._long_work(),
        )
        self._short, self._long = self._desk("short"), self._desk("long", self._outward)
        database.on_written = Desks((self._short, self._long)).written
        self._clockwork = Clockwork(database, self._bus, self._profile.profile, self._uploads)
        self._campaigns = Campaigns(database, self._campaign_means, utc_now, crash=_crash("campaigns"))
        self._cron = Cron(database, duties(settings, database, self._clockwork, self._zone), utc_now, crash=_crash("cron"))

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. What ends one of its works ends them all, and is raised."""
        await self._policy.look()  # before the first shadow asks whose it is
        works = [asyncio.create_task(work) for work in self._works()]
        stopped = asyncio.create_task(stop.wait())
        log.info("worker.ready")
        done, _ = await asyncio.wait({*works, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await end(works)
        await self._bus.close()
        await self._database.close()
        for task in done - {stopped}:
            task.result()

    def _works(self) -> Iterator[Work]:
        """All that runs side by side; nothing of it ends by itself."""
        for desk in (self._short, self._long):
            yield listen(self._redis_url, desk)
            yield desk.effects.sweep()
        yield self._long.see(self._database)
        for one in self._outward:
            yield one.run()
        yield self._clockwork.run()
        yield self._campaigns.run()
        yield self._cron.run()
        yield present(self._database, self._cron.worker)
        if self._receiver is not None:
            yield self._watch(self._receiver).run()
        yield self._profile.follow()
        yield self._policy.follow()

    def _desk(self, queue: Queue, outward: tuple[Outward, ...] = ()) -> Desk:
        """The effects of one queue; what goes out is all long."""
        mine = {job: handler for job, handler in handlers(self._business).items() if job.queue == queue}
        return Desk(queue, Effects(self._database, self._bus, _crash("effects"), mine), outward)

    def _notices(self) -> tuple[Outward, ...]:
        """What tells other people's programs and devices."""
        by = contact(self._settings.public_url, self._settings.admin_email)
        sender = Sender(Outside(self._settings.webhooks.private_networks))
        return (
            Webhooks(self._database, sender, crash=_crash("webhooks")),
            Pushes(self._database, PushSender(), by, utc_now, crash=_crash("pushes")),
        )

    def _emails(self) -> Emails:
        """The mails; without a server they are kept and shown."""
        given, links = self._settings.email, self._business.links
        postman = None
        if given.host is not None:
            password = os.environ.get(given.password_env) if given.password_env else None
            postman = Postman(Server(given.host, given.port, given.tls, links.host, given.username, password, given.timeout_s))
        return Emails(
            self._database,
            postman,
            Post(given.sender, given.replies, postman is not None),
            self._business.profile,
            links,
            self._business.clock,
            timeout=given.timeout_s,
            per_minute=given.per_minute,
            crash=_crash("emails"),
        )

    def _money(self) -> tuple[Outward, ...]:
        """What is asked of whoever charges cards; nothing where nobody does."""
        provider = card_provider(self._settings.payments)
        if provider is None:
            return ()
        given = (self._database, self._bus, provider, self._business.profile, self._business.clock)
        return PaymentEvents(*given, crash=_crash("payments")), Refunds(*given, crash=_crash("refunds"))

    def _texts(self) -> Texts:
        """The texts that go out; without a provider they are kept and shown."""
        return Texts(
            self._database,
            self._bus,
            self._carrier,
            self._settings.sms,
            self._business.profile,
            self._business.links,
            self._uploads,
            self._business.clock,
            crash=_crash("texts"),
        )

    def _build_receiver(self) -> Receiver | None:
        """Who takes texts that come in; nobody where nobody carries them."""
        if self._carrier is None:
            return None
        return Receiver(
            self._database,
            self._bus,
            self._carrier,
            self._settings.sms.countries,
            self._settings.limits.uploads_per_visitor,
            self._settings.sms.gather_seconds,
            self._business.profile,
            self._uploads,
            self._business.clock,
        )

    def _arrivals(self) -> tuple[Outward, ...]:
        """What fetches the texts of which a webhook tells."""
        if self._receiver is None:
            return ()
        return (Arrivals(self._database, self._receiver, timeout=self._settings.sms.timeout_s, crash=_crash("arrivals")),)

    def _watch(self, receiver: Receiver) -> TextWatch:
        """What keeps the provider's webhook alive, and looks for what it did not tell."""
        sms = self._settings.sms
        address = partial(webhook_address, sms, self._settings.public_url)
        return TextWatch(self._database, receiver, address, sms.poll_seconds, utc_now)

    def _long_work(self) -> tuple[Outward, ...]:
        """What models and documents take their time for."""
        given = (self._settings, self._database, self._business.profile)
        return (
            shadows(*given, self._policy, _crash("shadows")),
            summaries(*given, self._policy, _crash("summaries")),
            corpus(*given, _crash("corpus")),
        )

    def _zone(self) -> ZoneInfo:
        return self._business.profile().business.zone

    def _campaign_means(self) -> Means:
        return Means(self._business.profile(), self._settings.sms, self._settings.address)


def _crash(where: str) -> Crash:
    return Crash.asked_for(os.environ, where)
