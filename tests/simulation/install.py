"""An install in the test's own process: a business whose addresses are real, the house, a worker's parts, all under virtual time; its mail
server and its card provider are on loopback and live by the same clock."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from agents.container import build_agents
from agents.evaluation.product import AT_ONCE, seeded
from business.emails.sending import Post
from business.emails.smtp import Postman, Server
from business.links.signing import Links
from business.payments.stripe import Stripe
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.sites.service import install_secret
from business.uploads.folder import UploadFolder
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import CheckText, HandlePaymentEvent, SendEmail, SendRefund, SendText, SummariseConversation
from kernel.metering import DatabaseUsageSink
from kernel.policies import LivePolicy
from kernel.settings import EnsembleSettings, Settings
from kernel.tables.ops import Booking
from tests.rig.smtp import SmtpServer
from tests.rig.stripe import KEY, StripeServer
from tests.simulation.bank import Bank
from tests.simulation.talk import Host
from tests.simulation.time import VirtualTime
from tests.simulation.world import World
from workers.clockwork import Clockwork
from workers.effects import Effects
from workers.emails import Emails
from workers.payments import PaymentEvents
from workers.refunds import Refunds
from workers.registry import Business, handlers
from workers.summaries import summaries
from workers.texts import Texts

BASE = "https://chat.hibachi.test"
NO_THROTTLE = 1_000_000


@dataclass
class Install:
    """What the people of a simulation meet."""

    world: World
    host: Host
    links: Links
    bank: Bank
    post: SmtpServer

    @property
    def profile(self) -> Profile:
        return self.host.profile

    @property
    def database(self) -> Database:
        return self.host.database

    async def booking(self, booking: UUID) -> Any:
        """Its row."""
        async with self.database.transaction() as connection:
            return (await connection.execute(sa.select(Booking).where(Booking.id == booking))).one()


def in_earnest(profile: Profile) -> Profile:
    """The profile that ships, with addresses to which something is sent."""
    known = {"phone": "+1 510 555 2742", "email": "hello@hibachi.test", "street": "41 Harbor Way"}
    return profile.model_copy(update={"business": profile.business.model_copy(update=known)})


@asynccontextmanager
async def installed(time: VirtualTime, redis_url: str, folder: Path) -> AsyncIterator[Install]:
    """Everything of one worker, and of one gateway what has no socket."""
    profile = in_earnest(load_profile())
    settings = Settings(data=folder, config_path=folder / "x", public_url=BASE, ensemble=EnsembleSettings(house_tokens_per_second=AT_ONCE))
    async with AsyncExitStack() as stack:
        stripe = await stack.enter_async_context(StripeServer())
        post = await SmtpServer().start()
        stack.push_async_callback(post.stop)
        database, bus = Database(time.url, application="simulation", pool_size=12), Bus(connect(redis_url, connections=4))
        stack.push_async_callback(database.close)
        stack.push_async_callback(bus.close)
        usage = DatabaseUsageSink(database)
        stack.push_async_callback(usage.close)
        site = await seeded(database, profile)
        links = Links(lambda: BASE, await database.unit(install_secret))
        agents = build_agents(settings, profile, usage, database, links=links)
        stack.push_async_callback(agents.close)

        business, provider = Business(lambda: profile, links, utc_now), Stripe(KEY, address=stripe.base, timeout=10)
        stack.push_async_callback(provider.close)
        postman = Postman(Server("127.0.0.1", post.port, "none", "chat.hibachi.test"))
        stack.push_async_callback(postman.close)
        money = (database, bus, provider, business.profile, utc_now)
        mails = Emails(database, postman, Post(None, None, server=True), business.profile, links, utc_now, per_minute=NO_THROTTLE)
        folder_of_files = UploadFolder(folder / "uploads")
        texts = Texts(database, bus, None, settings.sms, business.profile, links, folder_of_files, utc_now)
        policy = LivePolicy(database, settings.ensemble.policy, [])
        in_short = summaries(settings, database, business.profile, policy, environment={})
        stack.push_async_callback(in_short.close)
        outward = {
            HandlePaymentEvent.kind: PaymentEvents(*money),
            SendRefund.kind: Refunds(*money),
            SendEmail.kind: mails,
            SummariseConversation.kind: in_short,
            SendText.kind: texts,
            CheckText.kind: texts,
        }
        world = World(
            time,
            database,
            profile,
            Effects(database, bus, handlers=handlers(business)),
            Clockwork(database, bus, business.profile, folder_of_files),
            outward,
        )
        yield Install(world, Host(database, profile, site, agents), links, Bank(database, provider, stripe, BASE), post)
