"""A lead that nobody looks after: told of at its time, once, to whom it concerns; not where somebody came, nor while nobody is there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.conversations import staffing
from business.handoffs import ownership
from business.leads import moving, rules
from business.leads.rules import Temperature
from business.profile import hours
from business.push import notices, subscriptions
from business.push import rules as push
from business.push.rules import QuietHours
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.jobs import SendPush
from kernel.tables.ai import StaffEvent
from kernel.tables.core import PushSubscription, StaffQuietHours
from kernel.tables.ops import Notification, Outbox
from tests.bookings.conftest import request
from tests.handoffs.hours import Hours
from tests.leads.conftest import PROFILE, Sales, far, party
from tests.rig.pushes import Device, PushService
from tests.workers.test_pushes import LOOPBACK, sent

ZONE = PROFILE.business.zone
OPENS, CLOSES = hours.weekly(PROFILE, 0)[0]
HOT, WARM = PROFILE.leads.untouched


def at(clock: time, days: int = 10) -> datetime:
    return datetime.combine(far(days), clock, ZONE).astimezone(UTC)


def later(clock: time, minutes: int) -> time:
    return (datetime.combine(far(), clock) + timedelta(minutes=minutes)).time()


@pytest.fixture
async def worked(sales: Sales, bus: Bus) -> AsyncIterator[Hours]:
    """Two workers whose clock runs ahead."""
    async with sales.database.transaction() as connection:
        for table in (Notification, PushSubscription, StaffQuietHours):
            await connection.execute(sa.delete(table))
    yield Hours(sales.database, bus, PROFILE)


async def told(sales: Sales) -> list[str]:
    async with sales.database.transaction() as connection:
        return list(await connection.scalars(sa.select(Notification.kind)))


async def due(sales: Sales, worked: Hours, lead: UUID) -> None:
    """Its time has come; nothing else has."""
    mine = Outbox.payload["lead"].astext == str(lead)
    async with sales.database.transaction() as connection:
        now = sa.func.clock_timestamp()
        await connection.execute(sa.update(Outbox).where(Outbox.state == "new", ~mine).values(next_at=now + timedelta(days=900)))
        await connection.execute(sa.update(Outbox).where(Outbox.kind == "lead_waits", mine).values(next_at=now))
    await worked.work()


class TestWhen:
    """By the profile's time for each temperature."""

    def test_a_hot_one_while_people_are_there(self) -> None:
        assert rules.waits_until(PROFILE, "hot", at(OPENS)) == at(OPENS) + timedelta(minutes=HOT.minutes)

    def test_a_hot_one_counts_only_while_people_are_there(self) -> None:
        written = at(later(CLOSES, -20))
        assert rules.waits_until(PROFILE, "hot", written) == at(later(OPENS, HOT.minutes - 20), days=11)
        assert rules.waits_until(PROFILE, "hot", at(later(CLOSES, 90))) == at(later(OPENS, HOT.minutes), days=11)

    def test_a_warm_one_never_in_the_night(self) -> None:
        assert rules.waits_until(PROFILE, "warm", at(later(OPENS, 5))) == at(later(OPENS, 5)) + timedelta(minutes=WARM.minutes)
        assert rules.waits_until(PROFILE, "warm", at(later(CLOSES, 60))) == at(OPENS, days=12)

    def test_a_cold_one_is_nobodys_hurry(self) -> None:
        assert rules.waits_until(PROFILE, "cold", at(OPENS)) is None

    def test_a_business_that_is_never_open_is_not_called(self) -> None:
        closed = PROFILE.model_copy(update={"people": PROFILE.people.model_copy(update={"hours": ()})})
        assert rules.waits_until(closed, "hot", at(OPENS)) is None


class TestWritten:
    @pytest.mark.parametrize(
        ("facts", "source", "found"), [(party(), "referral", "hot"), ({"adults": 8, "date": far(30).isoformat()}, "chat", "warm")]
    )
    async def test_with_the_lead_for_its_moment(self, sales: Sales, facts: Any, source: str, found: Temperature) -> None:
        now = utc_now()
        lead = await sales.lead(facts, now=now, source=source)
        async with sales.database.transaction() as connection:
            (row,) = await connection.execute(sa.select(Outbox.__table__).where(Outbox.kind == "lead_waits"))
        assert (row.key, row.next_at) == (f"lead_waits:{lead}:{found}", rules.waits_until(PROFILE, found, now))

    async def test_not_for_a_cold_one_until_it_grows_warmer(self, sales: Sales) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead({}, conversation)
        await sales.lead(party(budget_cents=None), conversation)
        async with sales.database.transaction() as connection:
            keys = list(await connection.scalars(sa.select(Outbox.key).where(Outbox.kind == "lead_waits")))
        assert keys == [f"lead_waits:{lead}:warm"]


class TestTold:
    async def test_once_by_two_workers(self, sales: Sales, worked: Hours) -> None:
        lead = await sales.hot()
        for _ in range(3):
            await due(sales, worked, lead)
        assert await told(sales) == ["lead_waits"]
        row = await sales.row(lead)
        assert row.alerted_at is not None and (row.status, row.rev) == ("new", 0)
        assert await sales.history(lead) == [("alert", None, {"temperature": "hot"})]
        async with sales.database.transaction() as connection:
            notes = [said["text"] for said in await connection.scalars(sa.select(StaffEvent.payload).where(StaffEvent.kind == "note"))]
        assert notes == [f"Nobody has looked after this lead yet. It is hot: {row.score} points."]

    async def test_at_its_time_and_not_before(self, sales: Sales, worked: Hours) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead(party(), conversation, source="referral")
        async with sales.database.transaction() as connection:
            moment = await connection.scalar(sa.select(Outbox.next_at).where(Outbox.kind == "lead_waits"))
        assert moment is not None
        worked.passed = moment - datetime.now(UTC) - timedelta(minutes=1)
        await worked.work()
        assert await told(sales) == []
        worked.passed += timedelta(minutes=2)
        await worked.work()
        assert await told(sales) == ["lead_waits"] and (await sales.row(lead)).alerted_at is not None

    async def test_once_though_it_grew_warm_and_then_hot(self, sales: Sales, worked: Hours) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead({"adults": 8, "date": far(30).isoformat()}, conversation)
        await sales.lead({"budget_cents": 2_000_00}, conversation, source="referral")
        async with sales.database.transaction() as connection:
            keys = set(await connection.scalars(sa.select(Outbox.key).where(Outbox.kind == "lead_waits")))
        assert keys == {f"lead_waits:{lead}:warm", f"lead_waits:{lead}:hot"}
        await due(sales, worked, lead)
        assert await told(sales) == ["lead_waits"] and len(await sales.history(lead)) == 1


class TestNotTold:
    async def test_where_somebody_moved_it(self, sales: Sales, worked: Hours) -> None:
        lead = await sales.hot()
        await sales.move(lead, "working")
        await due(sales, worked, lead)
        assert await told(sales) == []

    async def test_where_a_person_wrote_to_them(self, sales: Sales, worked: Hours) -> None:
        conversation = await sales.customers.one()
        lead = await sales.hot(conversation=conversation)
        moved = await sales.database.unit(lambda c: ownership.take(c, conversation, sales.dana))
        say: dict[str, Any] = {"client_id": uuid4(), "text": "Hi", "epoch": moved.epoch, "unread_after": timedelta(days=9)}
        await sales.database.unit(lambda c: staffing.say(c, conversation, sales.dana.id, "Dana", **say))
        await due(sales, worked, lead)
        assert await told(sales) == []

    async def test_where_they_hold_a_slot(self, sales: Sales, worked: Hours) -> None:
        conversation = await sales.customers.one()
        lead = await sales.hot(conversation=conversation)
        held = await sales.customers.held(request(conversation))
        await due(sales, worked, lead)
        assert await told(sales) == [] and held.booking.status == "held"

    async def test_where_it_is_not_so_promising_any_more(self, sales: Sales, worked: Hours) -> None:
        conversation = await sales.customers.one()
        lead = await sales.hot(conversation=conversation)
        await sales.lead({"adults": 1, "budget_cents": 0, "date": far(200).isoformat()}, conversation)
        await due(sales, worked, lead)
        assert await told(sales) == []

    async def test_of_one_that_is_gone(self, sales: Sales, worked: Hours) -> None:
        lead = await sales.hot()
        await sales.move(lead, "disqualified", why="Spam")
        await due(sales, worked, lead)
        assert await told(sales) == []


class TestWhom:
    async def subscribed(self, sales: Sales, service: PushService, staff: UUID) -> Device:
        device = Device(service)
        keys = push.keys(**device.subscription, services=LOOPBACK)
        await sales.database.unit(lambda c: subscriptions.save(c, staff, "a session", keys))
        return device

    async def test_whose_lead_it_is_else_everybody_and_a_click_opens_it(self, sales: Sales, worked: Hours) -> None:
        async with PushService() as service:
            olgas, danas = [await self.subscribed(sales, service, one.id) for one in (sales.olga, sales.dana)]
            theirs, nobodys = await sales.hot(), await sales.hot()
            await sales.database.unit(lambda c: moving.assign(c, theirs, sales.olga, sales.dana.id, 0))
            for lead in (theirs, nobodys):
                await due(sales, worked, lead)
                await sent(sales.database, workers=2)
            paths = [[shown["path"] for shown in device.shown] for device in (olgas, danas)]
            assert paths == [[f"/console#/leads/{nobodys}"], [f"/console#/leads/{theirs}", f"/console#/leads/{nobodys}"]]
            assert danas.shown[0]["title"] == "A lead waits"

    async def test_not_in_their_quiet_hours(self, sales: Sales, worked: Hours) -> None:
        async with PushService() as service:
            device = await self.subscribed(sales, service, sales.olga.id)
            quiet = QuietHours(*_around(datetime.now(UTC)), "UTC")
            await sales.database.unit(lambda c: subscriptions.keep_quiet(c, sales.olga.id, quiet))
            await due(sales, worked, await sales.hot())
            await sent(sales.database)
            assert device.shown == [] and await told(sales) == ["lead_waits"]

    async def test_nothing_is_said_where_somebody_came_meanwhile(self, sales: Sales, worked: Hours) -> None:
        lead = await sales.hot()
        job = SendPush(device=uuid4(), reason="lead_waits", lead=lead, asked_at=utc_now())
        async with sales.database.transaction() as connection:
            assert await notices.message(connection, job, utc_now()) is not None
        await sales.move(lead, "working")
        async with sales.database.transaction() as connection:
            assert await notices.message(connection, job, utc_now()) is None


def _around(now: datetime) -> tuple[int, int]:
    minute = now.hour * 60 + now.minute
    return (minute - 60) % 1440, (minute + 60) % 1440


async def test_saved_by_many_at_once_it_waits_once(sales: Sales) -> None:
    conversation = await sales.customers.one()
    await asyncio.gather(*(sales.lead(party(), conversation, source="referral") for _ in range(6)))
    async with sales.database.transaction() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).where(Outbox.kind == "lead_waits")) == 1
