"""Pushes to devices of staff: read by the device alone, once for each, tried again, given up, never to whom it no longer concerns."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from business.conversations import mentions, staffing
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.push import notices, rules, subscriptions
from business.push.rules import QuietHours
from business.push.sending import PushSender
from business.push.vapid import public_key
from business.sites.service import ensure_install
from business.staff import rotation
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.jobs import SendPush
from kernel.tables.core import Customer, PushSubscription, Staff
from kernel.tables.ops import Outbox
from tests.rig.pushes import Device, PushService
from tests.workers.conftest import write
from workers.effects import Effects
from workers.pushes import Pushes

SAID = "my card number is 4111"
LOOPBACK = ("127.0.0.1",)


@pytest.fixture
async def service(database: Database) -> AsyncIterator[PushService]:
    """A push service, and an install that has its key."""
    await database.unit(ensure_install)
    async with PushService() as found:
        yield found


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


async def subscribed(database: Database, service: PushService, who: Actor, session: str = "a session") -> Device:
    """A device of this person."""
    device = Device(service)
    keys = rules.keys(**device.subscription, services=LOOPBACK)
    await database.unit(lambda c: subscriptions.save(c, who.id, session, keys))
    return device


async def asked(database: Database, bus: Bus, visitor: Visitor) -> UUID:
    """The visitor, Ana, asks for a person, and a worker has heard of it. Returns the handoff."""
    await write(database, visitor, SAID)
    async with database.transaction() as connection:
        await connection.execute(sa.update(Customer).where(Customer.id == visitor.customer).values(name="Ana Perez"))
    moved = await database.unit(
        lambda c: ownership.ask_for_human(
            c,
            visitor.conversation,
            reason=SAID,
            due_at=datetime.now(UTC) + timedelta(minutes=10),
            minutes=5,
            line="A person comes.",
            summary=SAID,
            business="My Hibachi",
        )
    )
    await Effects(database, bus).due()
    assert moved.handoff is not None
    return moved.handoff


async def sent(database: Database, *, seconds: float = 10.0, workers: int = 1) -> None:
    """Workers carry out what is due, until nothing is; then they are gone."""
    senders = [PushSender(seconds=seconds) for _ in range(workers)]
    made = [Pushes(database, sender, "mailto:dana@example.com", lambda: datetime.now(UTC)) for sender in senders]

    async def work(one: Pushes) -> None:
        while await one.look():
            await one.idle()

    try:
        await asyncio.gather(*(work(one) for one in made))
    finally:
        for sender in senders:
            await sender.close()


async def later(database: Database) -> None:
    """What waits for its next try is due now, and no lease lasts."""
    async with database.transaction() as connection:
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=past))
        await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))


async def rows(database: Database) -> list[Any]:
    async with database.transaction() as connection:
        return list((await connection.execute(sa.select(Outbox.__table__).where(Outbox.kind == SendPush.kind))).all())


async def devices(database: Database) -> int:
    async with database.transaction() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(PushSubscription)) or 0)


class TestPushes:
    async def test_once_to_each_device_readable_there_alone(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        invited = await StaffService(database, Passwords()).invite("kim@example.com", "Kim", "agent")
        phone, desk = await subscribed(database, service, dana), await subscribed(database, service, dana)
        other = await subscribed(database, service, Actor(invited.staff_id, "Kim"))
        await asked(database, bus, visitor)
        await sent(database, workers=2)
        for device in (phone, desk, other):
            assert device.shown == [
                {
                    "title": "A person is needed",
                    "body": "Ana asks for a person.",
                    "path": f"/console#/c/{visitor.conversation}",
                    "tag": f"need:{visitor.conversation}",
                }
            ]
        async with database.transaction() as connection:
            key = public_key(await subscriptions.push_key(connection))
        (pushed,) = phone.pushes
        claims = phone.sender_of(pushed, key)
        assert claims["sub"] == "mailto:dana@example.com"
        assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 24 * 3600
        assert int(pushed.head["ttl"]) > 0 and pushed.head["urgency"] == "high" and len(pushed.head["topic"]) <= 32
        assert SAID not in str([device.shown for device in (phone, desk, other)]) and "Perez" not in str(phone.shown)
        with pytest.raises(InvalidTag):
            desk.read(pushed)
        # Whoever hears of the same twice, the second is no new effect.
        await later(database)
        await sent(database)
        assert len(service.received) == 3 and {row.state for row in await rows(database)} == {"done"}

    async def test_of_a_turn_wake_whose_it_is(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        invited = await StaffService(database, Passwords()).invite("kim@example.com", "Kim", "agent")
        hers, his = await subscribed(database, service, dana), await subscribed(database, service, Actor(invited.staff_id, "Kim"))
        await database.unit(lambda c: rotation.change(c, dana.id, True, None))
        await database.unit(lambda c: rotation.here(c, [invited.staff_id]))
        await asked(database, bus, visitor)
        await sent(database)
        assert (len(hers.pushes), len(his.pushes)) == (0, 1)

    async def test_one_that_is_gone_is_forgotten(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        await subscribed(database, service, dana)
        await subscribed(database, service, dana)
        service.behave("410", "404")
        await asked(database, bus, visitor)
        await sent(database)
        assert await devices(database) == 0
        assert {row.state for row in await rows(database)} == {"done"}

    async def test_what_is_refused_for_now_is_tried_again(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        phone = await subscribed(database, service, dana)
        service.behave("429+120", "500")
        await asked(database, bus, visitor)
        await sent(database)
        (row,) = await rows(database)
        assert row.state == "new" and row.error == "Status429"
        assert row.next_at - datetime.now(UTC) > timedelta(seconds=100), "as long as the service asked for"
        await later(database)
        await sent(database)
        assert (await rows(database))[0].error == "Status500"
        await later(database)
        await sent(database)
        assert len(phone.pushes) == 3 and (await rows(database))[0].state == "done"

    @pytest.mark.parametrize(("answer", "tries"), [("500", 5), ("hang", 5), ("403", 1), ("302", 1)])
    async def test_it_ends_somewhere(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor, answer: str, tries: int
    ) -> None:
        phone = await subscribed(database, service, dana)
        service.behave(*[answer] * 20)
        await asked(database, bus, visitor)
        for _ in range(8):
            await sent(database, seconds=0.2 if answer == "hang" else 10.0)
            await later(database)
        assert len(phone.pushes) == tries
        (row,) = await rows(database)
        assert row.state == "dead" and row.error in (f"Status{answer}", "TimeoutError")
        assert await devices(database) == 1

    async def test_a_worker_that_dies_in_between_leaves_it_to_another(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        phone = await subscribed(database, service, dana)
        await asked(database, bus, visitor)
        service.behave("hang")
        dying = asyncio.create_task(sent(database))
        await service.got(lambda received: len(received) == 1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await sent(database)
        assert len(phone.pushes) == 1, "its lease is held still"
        await later(database)
        await sent(database)
        first, second = phone.pushes
        assert first.head["topic"] == second.head["topic"] and phone.shown[0] == phone.shown[1], "the device shows it once"
        assert (await rows(database))[0].state == "done"


class TestMentions:
    async def test_wake_the_mentioned_alone_unless_they_have_looked(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        invited = await StaffService(database, Passwords()).invite("kim@example.com", "Kim", "agent")
        hers, his = await subscribed(database, service, dana), await subscribed(database, service, Actor(invited.staff_id, "Kim"))
        await write(database, visitor, SAID)

        async def note() -> None:
            words = {"client_id": uuid4(), "text": SAID, "mentioned": (dana.id,)}
            await database.unit(lambda c: staffing.note(c, visitor.conversation, invited.staff_id, "Kim Ortega", **words))
            await Effects(database, bus).due()

        await note()
        await sent(database)
        assert his.shown == []
        assert [(shown["title"], shown["body"]) for shown in hers.shown] == [("Kim mentioned you", "In a note about a visitor.")]
        await note()
        await database.unit(lambda c: mentions.saw(c, dana.id, visitor.conversation))
        await sent(database)
        assert len(hers.shown) == 1


class TestNothingIsPushed:
    async def test_to_somebody_who_no_longer_works_here(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        await subscribed(database, service, dana)
        await asked(database, bus, visitor)
        # Between the effect and its push.
        async with database.transaction() as connection:
            await connection.execute(sa.update(Staff).where(Staff.id == dana.id).values(disabled_at=sa.func.clock_timestamp()))
        await sent(database)
        assert service.received == []

    async def test_where_somebody_signed_out(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        staff = StaffService(database, Passwords())

        async def opened() -> str:
            signed_in = await staff.sign_in((await staff.reset("dana@example.com")).sign_in_token)
            return signed_in.cookie

        gone = await staff.session(await opened())
        await subscribed(database, service, dana, gone.hash)
        await staff.logout(gone)
        assert await devices(database) == 0
        await subscribed(database, service, dana, (await staff.session(await opened())).hash)
        # New ways in end every session, and what it was signed in for.
        cookie = await opened()
        assert await devices(database) == 0
        session = await staff.session(cookie)
        await subscribed(database, service, dana, session.hash)
        await staff.disable("dana@example.com")
        assert await devices(database) == 0
        await asked(database, bus, visitor)
        await sent(database)
        assert service.received == []

    async def test_once_somebody_is_there(self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor) -> None:
        await subscribed(database, service, dana)
        handoff = await asked(database, bus, visitor)
        await database.unit(lambda c: ownership.claim_handoff(c, handoff, dana))
        await sent(database)
        assert service.received == [] and (await rows(database))[0].state == "done"

    async def test_in_quiet_hours_but_a_test(
        self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor
    ) -> None:
        phone = await subscribed(database, service, dana)
        now = datetime.now(UTC)
        minute = now.hour * 60 + now.minute
        hours = QuietHours((minute - 60) % 1440, (minute + 60) % 1440, "UTC")
        await database.unit(lambda c: subscriptions.keep_quiet(c, dana.id, hours))
        await asked(database, bus, visitor)
        await sent(database)
        assert service.received == []
        async with database.transaction() as connection:
            device = await subscriptions.of_endpoint(connection, dana.id, phone.subscription["endpoint"])
        assert device is not None
        await database.unit(lambda c: notices.test(c, device, now))
        await sent(database)
        assert [shown["title"] for shown in phone.shown] == ["Notifications work"]

    async def test_of_what_is_old_news(self, database: Database, bus: Bus, service: PushService, visitor: Visitor, dana: Actor) -> None:
        await subscribed(database, service, dana)
        await asked(database, bus, visitor)
        old = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
        async with database.transaction() as connection:
            payload = Outbox.payload.concat(sa.func.jsonb_build_object("asked_at", old))
            await connection.execute(sa.update(Outbox).where(Outbox.kind == SendPush.kind).values(payload=payload))
        await sent(database)
        assert service.received == []

    async def test_to_a_device_that_somebody_else_signed_in_on(self, database: Database, service: PushService, dana: Actor) -> None:
        device = await subscribed(database, service, dana)
        invited = await StaffService(database, Passwords()).invite(f"{uuid4().hex}@example.com", "Kim", "agent")
        keys = rules.keys(**device.subscription, services=LOOPBACK)
        await database.unit(lambda c: subscriptions.save(c, invited.staff_id, "another session", keys))
        async with database.transaction() as connection:
            assert await subscriptions.of_endpoint(connection, dana.id, keys.endpoint) is None
            assert len(await subscriptions.devices_of(connection, [invited.staff_id])) == 1
