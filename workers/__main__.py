"""`python -m workers`: one worker process. Composition root; works on from PostgreSQL alone while Redis is away."""

import asyncio
import os
import signal
import sys
from functools import partial

import structlog

from business.campaigns.life import Means
from business.channels.configured import text_provider, webhook_address
from business.channels.provider import TextProvider
from business.emails.sending import Post
from business.emails.smtp import Postman, Server
from business.links.signing import Links
from business.payments.configured import card_provider
from business.profile.live import LiveProfile, first_edition
from business.profile.loader import ProfileError
from business.profile.versions import Edition
from business.push.sending import PushSender
from business.push.vapid import contact
from business.sites.service import install_secret
from business.uploads.folder import UploadFolder
from business.webhooks.sending import Sender
from kernel import log as logs
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.jobs import Queue
from kernel.outside.addresses import Outside
from kernel.policies import LivePolicy
from kernel.settings import Settings, SettingsError, load_settings
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

CONNECTIONS = 8  # to PostgreSQL


async def run() -> None:
    """Until SIGTERM or SIGINT."""
    settings = load_settings()
    logs.configure(settings.log.level, settings.log.format)
    if settings.database.url is None or settings.redis.url is None:
        raise SystemExit("hibachi worker needs DATABASE_URL and REDIS_URL; `hibachi up` brings its own PostgreSQL and Redis.")
    redis_url = settings.redis.url.get_secret_value()
    database = Database(settings.database.url.get_secret_value(), application="hibachi-worker", pool_size=CONNECTIONS)
    bus = Bus(connect(redis_url, connections=4))
    profile = LiveProfile(database, await _edition(database, settings))
    policy = LivePolicy(database, settings.ensemble.policy, [model.name for model in settings.models])
    await policy.look()  # before the first shadow asks whose it is
    links = Links(lambda: settings.address, await database.unit(install_secret))
    business = Business(profile.profile, links, utc_now)
    outward = [*_outward(settings, database), _emails(settings, database, business), *_money(settings, database, bus, business)]
    provider = text_provider(settings.sms, os.environ)
    outward.append(_texts(settings, database, bus, business, provider))
    came_in = _receiver(settings, database, bus, business, provider)
    if came_in is not None:
        outward.append(Arrivals(database, came_in, timeout=settings.sms.timeout_s, crash=Crash.asked_for(os.environ, "arrivals")))
    outward.append(shadows(settings, database, profile.profile, policy, Crash.asked_for(os.environ, "shadows")))
    outward.append(summaries(settings, database, profile.profile, policy, Crash.asked_for(os.environ, "summaries")))
    outward.append(corpus(settings, database, profile.profile, Crash.asked_for(os.environ, "corpus")))
    short, long = (_desk(queue, database, bus, business, outward) for queue in ("short", "long"))
    database.on_written = Desks((short, long)).written
    clockwork = Clockwork(database, bus, profile.profile, UploadFolder(settings.data / "uploads"))
    campaigns = Campaigns(
        database,
        lambda: Means(profile.profile(), settings.sms, settings.address),
        utc_now,
        crash=Crash.asked_for(os.environ, "campaigns"),
    )
    cron = Cron(
        database,
        duties(settings, database, clockwork, lambda: profile.profile().business.zone),
        utc_now,
        crash=Crash.asked_for(os.environ, "cron"),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listening = (work for desk in (short, long) for work in (listen(redis_url, desk), desk.effects.sweep()))
    works = (
        *listening,
        long.see(database),
        *(one.run() for one in outward),
        clockwork.run(),
        campaigns.run(),
        cron.run(),
        present(database, cron.worker),
        *(watch.run() for watch in _watches(settings, database, came_in)),
        profile.follow(),
        policy.follow(),
    )
    tasks = [asyncio.create_task(work) for work in works]
    stopped = asyncio.create_task(stop.wait())
    log.info("worker.ready")
    done, _ = await asyncio.wait({*tasks, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await end(tasks)
    await bus.close()
    await database.close()
    for task in done - {stopped}:
        task.result()


def _outward(settings: Settings, database: Database) -> list[Outward]:
    """What waits for somebody else's server."""
    by = contact(settings.public_url, settings.admin_email)
    return [
        Webhooks(database, Sender(Outside(settings.webhooks.private_networks)), crash=Crash.asked_for(os.environ, "webhooks")),
        Pushes(database, PushSender(), by, utc_now, crash=Crash.asked_for(os.environ, "pushes")),
    ]


def _emails(settings: Settings, database: Database, business: Business) -> Emails:
    """The mails; without a server they are kept and shown."""
    given = settings.email
    password = os.environ.get(given.password_env) if given.password_env else None
    server = None
    if given.host is not None:
        server = Server(given.host, given.port, given.tls, business.links.host, given.username, password, given.timeout_s)
    return Emails(
        database,
        Postman(server) if server is not None else None,
        Post(given.sender, given.replies, server is not None),
        business.profile,
        business.links,
        business.clock,
        timeout=given.timeout_s,
        per_minute=given.per_minute,
        crash=Crash.asked_for(os.environ, "emails"),
    )


def _texts(settings: Settings, database: Database, bus: Bus, business: Business, provider: TextProvider | None) -> Texts:
    """The texts; without a provider they are kept and shown."""
    return Texts(
        database,
        bus,
        provider,
        settings.sms,
        business.profile,
        business.links,
        UploadFolder(settings.data / "uploads"),
        business.clock,
        crash=Crash.asked_for(os.environ, "texts"),
    )


def _receiver(settings: Settings, database: Database, bus: Bus, business: Business, provider: TextProvider | None) -> Receiver | None:
    """Who takes texts that come in; nobody where nobody carries them."""
    if provider is None:
        return None
    folder, per_day = UploadFolder(settings.data / "uploads"), settings.limits.uploads_per_visitor
    return Receiver(database, bus, provider, settings.sms.countries, per_day, business.profile, folder, business.clock)


def _watches(settings: Settings, database: Database, receiver: Receiver | None) -> list[TextWatch]:
    if receiver is None:
        return []
    address = partial(webhook_address, settings.sms, settings.public_url)
    return [TextWatch(database, receiver, address, settings.sms.poll_seconds, utc_now)]


def _money(settings: Settings, database: Database, bus: Bus, business: Business) -> list[Outward]:
    """What is asked of whoever charges cards; nothing where nobody does."""
    provider = card_provider(settings.payments)
    if provider is None:
        return []
    given = (database, bus, provider, business.profile, business.clock)
    return [
        PaymentEvents(*given, crash=Crash.asked_for(os.environ, "payments")),
        Refunds(*given, crash=Crash.asked_for(os.environ, "refunds")),
    ]


def _desk(queue: Queue, database: Database, bus: Bus, business: Business, outward: list[Outward]) -> Desk:
    """The effects of one queue, and what goes out, which is all long."""
    mine = {job: handler for job, handler in handlers(business).items() if job.queue == queue}
    effects = Effects(database, bus, Crash.asked_for(os.environ, "effects"), mine)
    return Desk(queue, effects, outward if queue == "long" else ())


async def _edition(database: Database, settings: Settings) -> Edition:
    """The profile that counts; waits for PostgreSQL, which may be restarting."""
    while True:
        try:
            return await first_edition(database, settings.business.profile)
        except Unavailable:
            log.warning("worker.waits_for_database")
            await asyncio.sleep(1)


def main() -> None:
    """Exit status 2 where a setting or the profile is wrong."""
    try:
        asyncio.run(run())
    except (SettingsError, ProfileError) as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
