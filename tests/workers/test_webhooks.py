"""Webhooks: a real receiver that fails in every way, workers that race and die; nothing lost, no new id for an old event."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.conversations.receive import receive
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.webhooks import deliveries
from business.webhooks.endpoints import Endpoint, WebhookEndpoints
from business.webhooks.events import EVENT_TYPES, EventType
from business.webhooks.sending import Sender, retry_after
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.errors import BadRequest
from kernel.ids import StaffId
from kernel.jobs import DeliverWebhook
from kernel.outside.addresses import Outside
from kernel.tables.core import Audit
from kernel.tables.ops import Notification, Outbox, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.rig.fleet import Fleet
from tests.rig.receiver import Receiver, Request, verify
from tests.rig.redis import RedisServer
from tests.workers.conftest import write
from workers.effects import Effects
from workers.webhooks import DELAYS, RETRY_AFTER_MOST, Webhooks

LOOPBACK = ("127.0.0.0/8", "::1/128")
SOON = (0.0,) * 6
BY = StaffId(UUID(int=1))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as found:
        yield found


@pytest.fixture
def endpoints(database: Database) -> WebhookEndpoints:
    return WebhookEndpoints(database, Outside(LOOPBACK))


async def listening(endpoints: WebhookEndpoints, receiver: Receiver, *wanted: EventType, path: str = "/hook") -> Endpoint:
    return await endpoints.add(receiver.url(path=path), wanted or EVENT_TYPES, "", BY)


@asynccontextmanager
async def working(database: Database, workers: int = 1, seconds: float = 5.0, **options: Any) -> AsyncIterator[list[Webhooks]]:
    """Workers that deliver, with shortened pauses."""
    options = {"delays": SOON, "every": 0.05} | options
    made = [Webhooks(database, Sender(Outside(LOOPBACK), seconds=seconds), **options) for _ in range(workers)]
    tasks = [asyncio.create_task(one.run()) for one in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def rows(database: Database, query: Any) -> Sequence[Any]:
    async with database.transaction() as connection:
        return (await connection.execute(query)).all()


async def until(database: Database, query: Any, enough: Callable[[Sequence[Any]], Any], within: float = 30.0) -> Sequence[Any]:
    """Ask PostgreSQL until it is as it should be."""
    deadline = asyncio.get_running_loop().time() + within
    while not enough(found := await rows(database, query)):
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.05)
    return found


async def settled(database: Database) -> list[str]:
    """Wait until no delivery waits; the states of all, in the order of their making."""
    states = sa.select(WebhookDelivery.state).order_by(WebhookDelivery.id)
    return [state for (state,) in await until(database, states, lambda found: ("waiting",) not in found)]


def ids(requests: Sequence[Request]) -> list[str]:
    return [request.id for request in requests]


class TestWhatIsTold:
    async def test_a_whole_conversation(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, visitor: Visitor, dana: Actor
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        here = visitor.conversation
        await write(database, visitor, "Hello, is anybody there?")

        async def ask(connection: Any) -> ownership.Moved:
            due = datetime.now(UTC) + timedelta(hours=1)
            return await ownership.ask_for_human(
                connection, here, reason=None, due_at=due, minutes=5, line="A person comes.", summary="Asked", business="My Hibachi"
            )

        await database.unit(ask)
        epoch = (await database.unit(lambda c: ownership.take(c, here, dana))).epoch
        epoch = (await database.unit(lambda c: ownership.give_back(c, here, dana, epoch=epoch, note="only for staff"))).epoch
        epoch = (await database.unit(lambda c: ownership.resolve(c, here, dana, epoch=epoch))).epoch
        await database.unit(lambda c: ownership.reopen(c, here, dana, epoch=epoch))
        async with working(database):
            await settled(database)
        assert all(verify(request, endpoint.secret or "") for request in receiver.requests)
        assert len(set(ids(receiver.requests))) == len(receiver.requests)
        order = [f"msg_{one.hex}" for (one,) in await rows(database, sa.select(WebhookDelivery.id).order_by(WebhookDelivery.created_at))]
        told = sorted(receiver.requests, key=lambda request: order.index(request.id))
        assert [request.type for request in told] == [
            "conversation.created",
            "message.created",
            "handoff.opened",
            "message.created",
            "conversation.taken",
            "handoff.claimed",
            "conversation.given_back",
            "handoff.resolved",
            "conversation.closed",
            "conversation.reopened",
        ]
        first = told[1].event
        assert first["version"] == 1 and first["timestamp"].endswith("Z")
        assert first["data"]["message"]["text"] == "Hello, is anybody there?"
        assert first["data"]["message"]["author"] == {"kind": "customer", "name": "Customer"}
        assert first["data"]["conversation"]["id"] == str(here)
        assert told[4].event["data"]["by"] == {"kind": "human", "name": "Dana"}
        assert told[4].event["data"]["conversation"]["owner_name"] == "Dana"
        assert told[7].event["data"]["handoff"]["state"] == "resolved"
        assert told[8].event["data"]["conversation"]["state"] == "closed"
        assert told[9].event["data"]["by"] == {"kind": "human", "name": "Dana"}
        assert not any("only for staff" in request.body.decode() for request in told), "notes stay inside"

    async def test_only_what_an_endpoint_wants_and_nothing_while_it_is_off(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, visitor: Visitor
    ) -> None:
        messages = await listening(endpoints, receiver, "message.created", path="/messages")
        await listening(endpoints, receiver, "conversation.created", path="/conversations")
        off = await listening(endpoints, receiver, path="/off")
        await endpoints.change(off.id, BY, on=False)
        await write(database, visitor, "one")
        await write(database, visitor, "two")
        async with working(database):
            await settled(database)
        seen = sorted((request.path, request.type) for request in receiver.requests)
        assert seen == [("/conversations", "conversation.created"), *[("/messages", "message.created")] * 2]
        assert not any(verify(r, messages.secret or "") for r in receiver.requests if r.path == "/conversations"), "each has its own"

    async def test_nothing_of_what_was_rolled_back(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, visitor: Visitor
    ) -> None:
        await listening(endpoints, receiver)
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as connection:
                await receive(connection, visitor, client_id=uuid4(), text="never", now=datetime.now(UTC))
                raise ZeroDivisionError
        assert await rows(database, sa.select(WebhookDelivery.id)) == []
        assert await rows(database, sa.select(Outbox.id)) == []

    async def test_a_changed_secret_signs_beside_the_old_one(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver
    ) -> None:
        old = await listening(endpoints, receiver)
        new = await endpoints.rotate(old.id, BY)
        await endpoints.test(old.id)
        async with working(database):
            await settled(database)
            await database.unit(lambda c: c.execute(sa.update(WebhookEndpoint).values(previous_until=datetime.now(UTC))))
            await endpoints.test(old.id)
            await settled(database)
        both, one = receiver.requests
        assert verify(both, old.secret or "") and verify(both, new.secret or "")
        assert verify(one, new.secret or "") and not verify(one, old.secret or "")


class TestTroubleAtTheReceiver:
    @pytest.mark.parametrize(
        ("how", "status", "error"),
        [
            ("500", 500, "status"),
            ("404", 404, "status"),
            ("hang", None, "timeout"),
            ("reset", None, "reset"),
            ("redirect:http://127.0.0.1:1/elsewhere", 302, "redirect"),
        ],
    )
    async def test_is_tried_again_under_the_same_id(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, how: str, status: int | None, error: str
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.behave(how)
        await endpoints.test(endpoint.id)
        async with working(database, seconds=0.5 if how == "hang" else 5.0):
            assert await settled(database) == ["delivered"]
        assert len(receiver.requests) == 2 and len(set(ids(receiver.requests))) == 1
        assert receiver.requests[0].body == receiver.requests[1].body
        tried = await rows(database, sa.select(WebhookAttempt.status, WebhookAttempt.error).order_by(WebhookAttempt.number))
        assert [tuple(one) for one in tried] == [(status, error), (200, None)]

    async def test_the_status_counts_and_a_slow_body_is_not_waited_for(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.behave("slow-body")
        await endpoints.test(endpoint.id)
        async with working(database, seconds=60.0):
            assert await settled(database) == ["delivered"]
        assert len(receiver.requests) == 1

    async def test_nothing_is_lost_while_nobody_listens(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, visitor: Visitor
    ) -> None:
        await listening(endpoints, receiver, "message.created")
        await receiver.down()
        async with working(database, delays=(0.2,) * 200):
            for number in range(4):
                await write(database, visitor, f"number {number}")
            await until(database, sa.select(WebhookDelivery.attempts), lambda found: all(n for (n,) in found))
            await receiver.up()
            assert await settled(database) == ["delivered"] * 4
        assert {request.event["data"]["message"]["text"] for request in receiver.requests} == {f"number {n}" for n in range(4)}
        assert (await rows(database, sa.select(WebhookEndpoint.failing_since)))[0][0] is None

    async def test_ends_after_the_last_try_and_is_sent_again_by_hand(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.usual = "500"
        delivery = await endpoints.test(endpoint.id)
        async with working(database, delays=(0.0, 0.0)):
            assert await settled(database) == ["failed"]
            assert len(receiver.requests) == 3
            receiver.usual = "204"
            await database.unit(lambda c: deliveries.again(c, delivery))
            assert await settled(database) == ["delivered"]
        assert len(set(ids(receiver.requests))) == 1, "the same event keeps its id"
        async with database.transaction() as connection:
            _, payload, tried = await deliveries.one(connection, delivery)
        assert payload["type"] == "webhook.test"
        assert [(one.number, one.status) for one in tried] == [(1, 500), (2, 500), (3, 500), (4, 204)]

    async def test_410_switches_off_and_staff_hear_of_it(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, redis_url: str
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.behave("410")
        await endpoints.test(endpoint.id)
        async with working(database):
            assert await settled(database) == ["failed"]
        assert [one.off_reason for one in await endpoints.list()] == ["gone"]
        assert len(receiver.requests) == 1
        bus = Bus(connect(redis_url))
        await Effects(database, bus).due()
        await bus.close()
        assert [kind for (kind,) in await rows(database, sa.select(Notification.kind))] == ["webhook_off"]
        assert await rows(database, sa.select(Audit.id).where(Audit.action == "webhook.switched_off"))
        again = await endpoints.change(endpoint.id, BY, on=True)
        assert again.off_reason is None

    async def test_failing_for_long_switches_off_and_the_waiting_end(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver
    ) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.usual = "500"
        for _ in range(3):
            await endpoints.test(endpoint.id)
        async with working(database, delays=(0.05,) * 500, patience=timedelta(milliseconds=300)):
            assert await settled(database) == ["failed"] * 3
        assert [one.off_reason for one in await endpoints.list()] == ["failing"]
        assert len(await rows(database, sa.select(Outbox.id).where(Outbox.kind == "webhook_off"))) == 1

    async def test_dead_receivers_slow_nobody(
        self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver, redis_url: str
    ) -> None:
        async with Receiver(usual="hang") as dead:
            stuck = await listening(endpoints, dead)
            for _ in range(30):
                await endpoints.test(stuck.id)
            good = await listening(endpoints, receiver)
            async with working(database, seconds=60.0):
                await dead.got(lambda requests: len(requests) == 4)
                await endpoints.test(good.id)
                await receiver.got(lambda requests: len(requests) == 1)
                bus = Bus(connect(redis_url))
                assert await Effects(database, bus).due() == 0, "the other effects do not even look at them"
                await bus.close()
                assert len(dead.requests) == 4

    async def test_retry_after_is_honoured_up_to_a_limit(self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver) -> None:
        endpoint = await listening(endpoints, receiver)
        receiver.behave("503+600")
        await endpoints.test(endpoint.id)
        async with working(database):
            await receiver.got(lambda requests: len(requests) == 1)
            waiting = await until(database, sa.select(Outbox.next_at).where(Outbox.error == "status"), len)
        assert timedelta(minutes=9) < waiting[0][0] - datetime.now(UTC) <= timedelta(minutes=10)
        worker = Webhooks(database, Sender(Outside()), delays=SOON)
        assert worker.pause(1, 10**9) == RETRY_AFTER_MOST
        assert worker.pause(len(SOON) + 1, 5.0) is None
        assert 60_000 < sum(DELAYS) < 3 * 86_400, "about a day"

    @pytest.mark.parametrize(
        ("given", "seconds"),
        [
            ("7", 7.0),
            ("Sun, 22 Nov 2026 18:00:10 GMT", 10.0),
            ("Sun, 22 Nov 2020 18:00:10 GMT", 0.0),
            ("soon", None),
            (None, None),
            ("-5", None),
        ],
    )
    def test_retry_after_in_both_spellings(self, given: str | None, seconds: float | None) -> None:
        assert retry_after(given, datetime(2026, 11, 22, 18, tzinfo=UTC)) == seconds


class TestWhereItMayGo:
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0.0.0.0",  # noqa: S104
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "10.0.0.5",
            "172.16.4.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "[fe80::1]",
            "[fd00::1]",
        ],
    )
    async def test_not_inside(self, database: Database, receiver: Receiver, host: str) -> None:
        url = f"http://{host}:{receiver.port}/hook"
        guarded = WebhookEndpoints(database, Outside())
        with pytest.raises(BadRequest, match="private network"):
            await guarded.add(url, EVENT_TYPES, "", BY)
        sender = Sender(Outside())  # as if the name had led elsewhere when it was saved
        outcome = await sender.send(url, {}, b"{}")
        await sender.close()
        assert outcome.error == "address_refused" and outcome.status is None
        assert receiver.requests == []

    async def test_a_network_of_ones_own_where_the_settings_say_so(self, receiver: Receiver) -> None:
        sender = Sender(Outside(("127.0.0.0/8",)))
        assert (await sender.send(receiver.url("localhost"), {}, b"{}")).status == 200
        assert (await sender.send(receiver.url("[::ffff:127.0.0.1]"), {}, b"{}")).error != "address_refused"
        assert (await sender.send("http://10.0.0.1:9/", {}, b"{}")).error == "address_refused"
        await sender.close()

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
    def test_outside_is_outside(self, address: str) -> None:
        assert Outside().admits(address)

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://example.com/",
            "file:///etc/passwd",
            "example.com",
            "http://",
            "http://a:b@example.com/",
            "http://x:99999/",
            "https://e.com/#x",
            "https://e.com/a b",
        ],
    )
    async def test_nonsense(self, database: Database, url: str) -> None:
        with pytest.raises(BadRequest):
            await WebhookEndpoints(database, Outside()).add(url, EVENT_TYPES, "", BY)

    async def test_names_that_lead_nowhere_and_ports_where_nobody_is(self) -> None:
        sender = Sender(Outside(LOOPBACK))
        assert (await sender.send("http://nowhere.invalid/", {}, b"{}")).error == "dns"
        assert (await sender.send("http://127.0.0.1:1/", {}, b"{}")).error == "connect"
        await sender.close()


class TestWorkers:
    async def test_racing_try_each_once(self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver) -> None:
        endpoint = await listening(endpoints, receiver)
        for _ in range(30):
            await endpoints.test(endpoint.id)
        async with working(database, workers=3):
            assert await settled(database) == ["delivered"] * 30
        assert len(receiver.requests) == len(set(ids(receiver.requests))) == 30
        assert {n for (n,) in await rows(database, sa.select(WebhookDelivery.attempts))} == {1}

    async def test_killed_between_the_delivery_and_its_mark_send_the_same_id(
        self, database: Database, database_url: str, redis_server: RedisServer, endpoints: WebhookEndpoints, receiver: Receiver
    ) -> None:
        """A real worker, killed while the receiver has the event and has not answered: nothing can be marked."""
        endpoint = await listening(endpoints, receiver)
        receiver.behave("hang")
        delivery = await endpoints.test(endpoint.id)
        settings = {"HIBACHI_WEBHOOKS__PRIVATE_NETWORKS": '["127.0.0.0/8"]'}
        async with Fleet(database_url, redis_server.url, settings=settings) as fleet:
            worker = await fleet.worker()
            await receiver.got(lambda requests: len(requests) == 1)
            worker.kill()
            # Nobody waits twenty seconds for a lease here.
            over = sa.update(Outbox).where(Outbox.kind == DeliverWebhook.kind, Outbox.state == "working")
            await database.unit(lambda c: c.execute(over.values(lease_until=sa.func.clock_timestamp())))
            await fleet.worker()
            await receiver.got(lambda requests: len(requests) == 2)
            assert await settled(database) == ["delivered"]
            log = fleet.logged()
        assert ids(receiver.requests) == [f"msg_{delivery.hex}"] * 2
        assert all(verify(request, endpoint.secret or "") for request in receiver.requests)
        assert "It works" not in log and "whsec_" not in log and "webhook.tried" in log

    async def test_deliveries_are_kept_for_thirty_days(self, database: Database, endpoints: WebhookEndpoints, receiver: Receiver) -> None:
        endpoint = await listening(endpoints, receiver)
        old, new = await endpoints.test(endpoint.id), await endpoints.test(endpoint.id)
        long_ago = datetime.now(UTC) - timedelta(days=31)
        await database.unit(lambda c: c.execute(sa.update(WebhookDelivery).where(WebhookDelivery.id == old).values(created_at=long_ago)))
        assert await database.unit(deliveries.forget_old) is False
        assert [one for (one,) in await rows(database, sa.select(WebhookDelivery.id))] == [new]
        assert len(await rows(database, sa.select(Outbox.id))) == 1
