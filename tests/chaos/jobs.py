"""Every job that is carried out in PostgreSQL, put into the outbox by what causes it in life, and what it came to: how many rows each table
grew by. An effect that happened twice, or by half, or not at all, grows another number of rows than one that nobody disturbed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.bookings import life
from business.complaints import service as complaints
from business.conversations import staffing
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.leads import service as leads
from business.links.signing import Links
from business.payments import receiving, refunds, settling
from business.payments.receiving import Incoming
from business.profile.loader import load_profile
from business.push import rules, subscriptions
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel import outbox
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import BookingTimer, CampaignPaused, Job, NotifyMention, NotifyStaff, ShadowFails, WebhookOff
from kernel.tables import metadata
from kernel.tables.marketing import Campaign
from tests.agents.staff_world import World, at_venue
from tests.rig.standing import StandsStill, cut_off
from workers.crash import NEVER, Crash
from workers.effects import Effects
from workers.registry import Business, handlers

PROFILE = load_profile()
# Signs of life and runs of the clock come and go by themselves.
BESIDE = ("ops.cron_run", "ops.worker_process")
TABLES = [table.fullname for table in metadata.sorted_tables if table.fullname not in BESIDE]
COUNTS = sa.text(" UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS rows FROM {name}" for name in TABLES))
APPLICATION = "a worker that stands still"

Put = Callable[[], Awaitable[None]]


@dataclass
class Jobs:
    """A business with customers, somebody of the staff with a device, and workers to disturb."""

    database: Database
    bus: Bus
    url: str
    world: World
    dana: Actor
    days: int = 20
    causes: dict[str, Put] = field(default_factory=dict)

    @classmethod
    async def begin(cls, database: Database, bus: Bus, url: str) -> "Jobs":
        world = await World(database).begin()
        invited = await StaffService(database, Passwords()).invite("proof@example.com", "Dana", "owner")
        keys = rules.keys(**_subscription(), services=("127.0.0.1",))
        await database.unit(lambda c: subscriptions.save(c, invited.staff_id, "a session", keys))
        found = cls(database, bus, url, world, Actor(invited.staff_id, "Dana"))
        found.causes = {
            "notify_staff": found._notify,
            "notify_mention": found._mention,
            "webhook_off": found._webhook_off,
            "booking_changed": found._confirmed,
            "booking_timer": found._day_before,
            "unread_reply": found._answered,
            "refund_done": found._given_back,
            "escalate_handoff": found._called,
            "complaint_recorded": found._complained,
            "follow_up_due": found._complained,
            "lead_waits": found._lead,
            "campaign_paused": found._paused,
            "shadow_fails": found._shadowed,
        }
        return found

    # Causes

    async def _notify(self) -> None:
        await self._put(NotifyStaff(conversation=await self._customer(), reason="handoff"))

    async def _mention(self) -> None:
        conversation = await self._customer()
        await self._put(NotifyMention(mention=uuid4(), staff=self.dana.id, conversation=conversation, by="Ben"))

    async def _webhook_off(self) -> None:
        await self._put(WebhookOff(endpoint=uuid4()))

    async def _confirmed(self) -> None:
        self.days += 1
        booking = await self.world.party(await self._customer(), at_venue(self.days))
        await self.database.unit(lambda c: life.confirm(c, PROFILE, booking.id, life.By("human", "Dana"), utc_now()))

    async def _day_before(self) -> None:
        self.days += 1
        booking = await self.world.party(await self._customer(), at_venue(self.days))
        await self.database.unit(lambda c: life.confirm(c, PROFILE, booking.id, life.By("human", "Dana"), utc_now()))
        await self._put(BookingTimer(booking=booking.id, what="day_before", of=booking.starts_at, number=self.days))

    async def _answered(self) -> None:
        conversation = await self._customer()
        moved = await self.database.unit(lambda c: ownership.take(c, conversation, self.dana))
        say: dict[str, Any] = {"client_id": uuid4(), "text": "Here I am", "epoch": moved.epoch, "unread_after": timedelta()}
        await self.database.unit(lambda c: staffing.say(c, conversation, self.dana.id, self.dana.name, **say))

    async def _given_back(self) -> None:
        self.days += 1
        booking = await self.world.party(await self._customer(), at_venue(self.days))
        paid: dict[str, Any] = {"method": "venmo", "reference": str(uuid4()), "amount_cents": 5_000, "received_at": utc_now()}
        incoming = Incoming(booking=booking.id, **paid)
        payment = (await self.database.unit(lambda c: receiving.receive(c, PROFILE, incoming, utc_now()))).payment
        asked = await self.database.unit(lambda c: refunds.ask(c, payment, 5_000, "rain", key=str(payment)))
        await self.database.unit(lambda c: settling.done(c, PROFILE, asked.id, by_hand=True))

    async def _called(self) -> None:
        await self.world.handoff(await self._customer(), "human", urgency="severe", overdue=timedelta(hours=1))

    async def _complained(self) -> None:
        conversation = await self._customer()
        said: dict[str, Any] = {"severity": "moderate", "summary": "The food was cold", "now": utc_now()}
        await self.database.unit(lambda c: complaints.record(c, PROFILE, conversation, **said))

    async def _lead(self) -> None:
        facts = {"adults": 30, "date": at_venue(30).isoformat(), "budget_cents": 200_000}
        conversation = await self._customer()
        await self.database.unit(lambda c: leads.save(c, PROFILE, conversation, facts, utc_now(), source="referral"))

    async def _paused(self) -> None:
        id = new_id()
        campaign = {
            "id": id,
            "name": "Summer",
            "variant": "general",
            "approved_at": utc_now(),
            "state": "paused",
            "pause_reason": "opt_outs",
        }
        async with self.database.transaction() as connection:
            await connection.execute(sa.insert(Campaign).values(**campaign))
        await self._put(CampaignPaused(campaign=id, rev=1, why="opt_outs"))

    async def _shadowed(self) -> None:
        await self._put(ShadowFails(candidate=f"candidate-{new_id()}", day=utc_now().date()))

    async def _customer(self) -> UUID:
        # Of whoever gave the same address somebody asks whether they are one person.
        return await self.world.customer("Ana", email=f"ana-{uuid4()}@customers.house")

    async def _put(self, job: Job) -> None:
        await self.database.unit(lambda c: outbox.enqueue(c, job, key=f"proof:{new_id()}"))

    # Workers

    async def due(self, kind: str) -> None:
        """The cause of a job of this kind; it is due at once, and nothing else is."""
        async with self.database.transaction() as connection:
            await connection.execute(sa.text("UPDATE ops.outbox SET next_at = now() + interval '1 year' WHERE state = 'new'"))
        await self.causes[kind]()
        # Of the moments of a booking the one that is proved alone: how many others are near depends on the day.
        mine = "kind = :kind AND (kind <> 'booking_timer' OR key LIKE 'proof:%') AND next_at < now() + interval '90 days'"
        now = sa.text(f"UPDATE ops.outbox SET next_at = now() WHERE state = 'new' AND {mine}")
        later = sa.text("UPDATE ops.outbox SET next_at = now() + interval '1 year' WHERE state = 'new' AND kind <> :kind")
        async with self.database.transaction() as connection:
            await connection.execute(now, {"kind": kind})
            await connection.execute(later, {"kind": kind})

    def worker(self, database: Database, crash: Crash = NEVER) -> Effects:
        business = Business(lambda: PROFILE, Links(lambda: "https://chat.example.com", "secret"), utc_now)
        return Effects(database, self.bus, crash, handlers(business))

    async def work(self) -> None:
        """A healthy worker does what is due."""
        worker = self.worker(self.database)
        while await worker.due():
            pass

    @asynccontextmanager
    async def stands_still(self, at: int) -> AsyncIterator["Standing"]:
        """A worker that is cut off at its n-th await as by `kill -9`, and goes on at the end of the block, as one that was frozen does."""
        where, own = StandsStill(at), Database(self.url, application=APPLICATION, pool_size=2)
        look = asyncio.create_task(self.worker(own, where).due())
        stood = asyncio.create_task(where.stood.wait())  # type: ignore[attr-defined]
        await asyncio.wait({look, stood}, return_when=asyncio.FIRST_COMPLETED)
        stands = bool(where.stood.is_set())  # type: ignore[attr-defined]
        stood.cancel()
        if stands:
            await cut_off(self.database, APPLICATION)
        yield Standing(stands)
        where.goes_on.set()  # type: ignore[attr-defined]
        await asyncio.gather(look, stood, return_exceptions=True)
        await own.close()

    async def counts(self) -> Counter[str]:
        async with self.database.transaction() as connection:
            return Counter({row.name: row.rows for row in await connection.execute(COUNTS)})

    async def growth(self, kind: str, disturb: Callable[[], Awaitable[None]] | None = None) -> dict[str, int]:
        """By how many rows the tables grow where a job of this kind is caused, `disturb`ed, and carried out."""
        before = await self.counts()
        await self.due(kind)
        if disturb is not None:
            await disturb()
        await self.work()
        after = await self.counts()
        assert await self.left() == 0, f"{kind} was lost"
        return {name: many - before[name] for name, many in after.items() if many != before[name]}

    async def left(self) -> int:
        """Jobs that are neither done nor for later."""
        open_ = "state IN ('working', 'dead') OR state = 'new' AND next_at < now()"
        query = f"SELECT count(*) FROM ops.outbox WHERE kind = ANY(:k) AND ({open_})"
        async with self.database.transaction() as connection:
            return int(await connection.scalar(sa.text(query), {"k": list(self.causes)}) or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it came so far."""

    stands: bool


def _subscription() -> dict[str, str]:
    from tests.rig.pushes import Device, PushService

    service = PushService()
    service.base = "http://127.0.0.1:9"
    return Device(service).subscription
