"""A campaign that paused by itself: who can do something about it hears of it, once a pause, and nobody else does."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.campaigns import life
from business.links.signing import Links
from business.profile.loader import load_profile
from business.push import notices, rules, subscriptions
from business.sites.service import ensure_install
from kernel import outbox
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.jobs import CampaignPaused, SendPush
from kernel.tables.core import PushSubscription, Staff
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Email, Notification, Outbox
from tests.rig.pushes import Device, PushService
from workers.effects import Effects
from workers.registry import Business, handlers

BASE = "https://chat.hibachi.fun"
PEOPLE = {"Olga": "owner", "Adam": "admin", "Gone": "admin", "Dana": "agent"}


class Desk:
    """Colleagues with a device each, and a campaign."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database, self.campaign = database, new_id()
        business = Business(load_profile, Links(lambda: BASE, "secret"), utc_now)
        self.worker = Effects(database, bus, handlers=handlers(business))

    async def opens(self, service: PushService) -> None:
        gone = {"Gone": utc_now()}
        async with self.database.transaction() as connection:
            for name, role in PEOPLE.items():
                id = new_id()
                row = {"email": f"{name.lower()}@hibachi.fun", "name": name, "role": role, "password_hash": "-"}
                await connection.execute(sa.insert(Staff).values(id=id, **row, disabled_at=gone.get(name)))
                keys = rules.keys(**Device(service).subscription, services=("127.0.0.1",))
                await subscriptions.save(connection, id, f"session of {name}", keys)
            made = {"id": self.campaign, "name": "Summer nights", "variant": "general", "approved_at": utc_now()}
            await connection.execute(sa.insert(Campaign).values(**made, state="paused", pause_reason="opt_outs"))

    async def paused(self, rev: int = 2, key: str | None = None) -> None:
        """It pauses, and workers do what is due."""
        job = CampaignPaused(campaign=self.campaign, rev=rev, why="opt_outs")
        await self.database.unit(lambda c: outbox.enqueue(c, job, key=key or f"campaign_paused:{self.campaign}:{rev}"))
        while await self.worker.due():
            pass

    async def rows(self, query: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(query)).all())

    async def mailed(self) -> list[str]:
        return sorted(row.to_address for row in await self.rows(sa.select(Email).where(Email.kind == "campaign_paused")))

    async def pushes(self) -> list[Any]:
        return await self.rows(sa.select(Outbox.__table__).where(Outbox.kind == SendPush.kind))

    async def called(self) -> list[str]:
        """Whose devices."""
        devices = [UUID(row.payload["device"]) for row in await self.pushes()]
        whose = sa.select(Staff.name).join(PushSubscription, PushSubscription.staff_id == Staff.id)
        return sorted(row.name for row in await self.rows(whose.where(PushSubscription.id.in_(devices))))


@pytest.fixture
async def desk(database: Database, redis_url: str) -> Any:
    await database.unit(ensure_install)
    bus = Bus(connect(redis_url))
    async with PushService() as service:
        found = Desk(database, bus)
        await found.opens(service)
        yield found
    await bus.close()


class TestTold:
    async def test_owners_and_admins_by_device_and_mail_once_a_pause(self, desk: Desk) -> None:
        await desk.paused()
        await desk.paused()
        await desk.paused(key="the same pause, told twice")
        assert await desk.mailed() == ["adam@hibachi.fun", "olga@hibachi.fun"]
        (mail, _) = await desk.rows(sa.select(Email))
        assert "Summer nights" in mail.subject and f"{BASE}/console#/campaigns/{desk.campaign}" in mail.plain
        assert await desk.called() == ["Adam", "Olga"]
        await desk.paused(rev=5)
        assert await desk.mailed() == ["adam@hibachi.fun"] * 2 + ["olga@hibachi.fun"] * 2, "another pause is another thing"

    async def test_the_push_leads_there_and_names_nothing(self, desk: Desk) -> None:
        await desk.paused()
        (first, _) = await desk.pushes()
        job = SendPush.model_validate(first.payload)
        message = await desk.database.unit(lambda c: notices.message(c, job, utc_now()))
        assert message is not None and message.path == f"/console#/campaigns/{desk.campaign}"
        assert "Summer" not in f"{message.title} {message.body}" and str(desk.campaign) in message.topic
        assert await desk.database.unit(lambda c: notices.message(c, job, utc_now() + timedelta(days=1))) is None

    async def test_nobody_where_somebody_resumed_it_meanwhile(self, desk: Desk) -> None:
        await desk.paused()
        job = SendPush.model_validate((await desk.pushes())[0].payload)
        await desk.database.unit(lambda c: life.resume(c, desk.campaign, uuid4(), utc_now()))
        assert await desk.database.unit(lambda c: notices.message(c, job, utc_now())) is None, "a push that waits says nothing any more"
        await desk.paused(rev=9)
        assert len(await desk.mailed()) == len(await desk.pushes()) == 2
        assert len(await desk.rows(sa.select(Notification.id).where(Notification.kind == "campaign_paused"))) == 2, "it is counted"
