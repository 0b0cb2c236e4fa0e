"""The provider's webhook: made, renewed, made anew where it is gone; and what no webhook told is found all the same."""

import asyncio
from datetime import UTC, timedelta

import httpx
import sqlalchemy as sa
from starlette.applications import Starlette

from business.channels import subscriptions
from business.channels.provider import Incoming
from gateway.http.health import Health
from gateway.http.ringcentral import PROVIDER
from gateway.metrics import Metrics
from gateway.socket.guard import Addresses
from kernel.tables.ops import TextSubscription
from tests.sms.arriving import Arriving
from tests.sms.people import number
from workers.text_watch import TextWatch


def subscribed(arrived: Arriving) -> list[str]:
    """Ids of the provider's, by what they are worth."""
    return [one.id for one in arrived.texting.rc.account.subscriptions.values() if one.status == "Active"]


class TestItIsMade:
    async def test_with_a_secret_path_and_a_token(self, arrived: Arriving) -> None:
        await arrived.watch().look()
        row = await arrived.subscription()
        (id,) = subscribed(arrived)
        assert (row.subscription_id, row.state, row.error) == (id, "active", None)
        assert row.address == f"{arrived.base}/webhooks/ringcentral/{row.secret}" and len(row.secret) > 40 and row.token != row.secret
        assert [one["number"] for one in row.numbers] == [arrived.texting.rc.number]

    async def test_once_however_many_look(self, arrived: Arriving) -> None:
        await asyncio.gather(*(arrived.watch().look() for _ in range(5)))
        assert len(subscribed(arrived)) == 1 and (await arrived.subscription()).subscription_id == subscribed(arrived)[0]

    async def test_secret_and_token_are_made_once(self, arrived: Arriving) -> None:
        rows = await asyncio.gather(*(arrived.database.unit(lambda c: subscriptions.ensure(c, PROVIDER)) for _ in range(5)))
        assert len({(row.secret, row.token) for row in rows}) == 1

    async def test_where_the_gateway_does_not_answer_it_is_tried_again(self, arrived: Arriving) -> None:
        await arrived.watch(base="http://127.0.0.1:9").look()
        row = await arrived.subscription()
        assert row.state == "none" and row.error
        await arrived.time_passes(0.2)
        await arrived.watch().look()
        assert (await arrived.subscription()).state == "active"

    async def test_without_an_address_texts_are_looked_for_alone(self, arrived: Arriving) -> None:
        watch = TextWatch(arrived.database, arrived.receiver(), lambda secret: None, 60.0, arrived.texting.clock)
        await watch.look()
        assert (await arrived.subscription()).error == "no_public_address" and subscribed(arrived) == []
        arrived.texting.rc.say(arrived.phone, "hello?")
        await arrived.time_passes(1.1)
        await watch.look()
        assert await arrived.said() == ["hello?"]

    async def test_another_address_is_another_one(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        before = await arrived.subscription()
        await arrived.time_passes(1.1)
        await arrived.watch(base=arrived.base.replace("127.0.0.1", "localhost")).look()
        row = await arrived.subscription()
        assert row.subscription_id != before.subscription_id and subscribed(arrived) == [row.subscription_id]


class TestItIsWatched:
    async def test_by_one_worker_each_minute(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        asked = len(arrived.texting.rc.calls)
        await asyncio.gather(*(arrived.watch().look() for _ in range(5)))
        await arrived.watch().look()
        # The look for what was missed that follows the making; nothing else within the minute.
        assert len(arrived.texting.rc.calls) - asked <= 2
        row = await arrived.subscription()
        await arrived.time_passes(1.1)
        await asyncio.gather(*(arrived.watch().look() for _ in range(3)))
        assert (await arrived.subscription()).checked_at > row.checked_at

    async def test_renewed_before_its_end(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        before = await arrived.subscription()
        await arrived.time_passes(60 * 24 * 6)
        await arrived.watch().look()
        row = await arrived.subscription()
        assert row.subscription_id == before.subscription_id and row.expires_at > before.expires_at

    async def test_one_that_is_gone_is_made_anew(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        arrived.texting.rc.account.subscriptions.clear()
        await arrived.time_passes(1.1)
        await arrived.watch().look()
        assert subscribed(arrived) == [(await arrived.subscription()).subscription_id]

    async def test_while_the_provider_is_away_it_stays_as_it_is(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        before = await arrived.subscription()
        arrived.texting.rc.behave("500", on="read", always=True)
        arrived.texting.rc.behave("500", on="numbers", always=True)
        await arrived.time_passes(1.1)
        await arrived.watch().look()
        row = await arrived.subscription()
        assert (row.subscription_id, row.state) == (before.subscription_id, "active") and row.error
        assert row.read_until == before.read_until or row.read_until < row.polled_at
        arrived.texting.rc.behave(on="read")
        arrived.texting.rc.behave(on="numbers")
        await arrived.time_passes(1.1)
        await arrived.watch().look()
        assert (await arrived.subscription()).error is None

    async def test_whoever_stood_still_takes_its_own_away(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        late = arrived.watch()
        row = await arrived.subscription()
        made = await arrived.provider.subscribe(row.address + "?late", row.token)
        assert not await late._stored(made)
        assert (await arrived.subscription()).subscription_id == row.subscription_id


class TestWhatWasMissed:
    async def test_ten_minutes_without_a_webhook(self, arrived: Arriving) -> None:
        """The gateway is gone, the provider gives up on it; everything that phones wrote meanwhile is there when it is back."""
        await arrived.subscribes()
        await arrived.comes("before")
        arrived.texting.rc.suspend()
        phones = [arrived.phone, number(), number()]
        for minute in range(10):
            arrived.texting.rc.say(phones[minute % 3], f"minute {minute}")
            await arrived.time_passes(1)
        await arrived.fetches()
        assert await arrived.said() == ["before"]
        await arrived.watch().look()
        assert (await arrived.subscription()).subscription_id in subscribed(arrived)
        assert await arrived.said(arrived.phone) == ["before", "minute 0", "minute 3", "minute 6", "minute 9"]
        assert await arrived.said(phones[1]) == ["minute 1", "minute 4", "minute 7"]
        assert await arrived.said(phones[2]) == ["minute 2", "minute 5", "minute 8"]
        assert await arrived.comes("after") and (await arrived.said())[-1] == "after", "the new webhook tells again"

    async def test_what_lists_have_late_is_found_by_a_later_look(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        arrived.texting.rc.behave("lost", on="webhook", always=True)
        arrived.texting.rc.behave("late:150", on="list")
        arrived.texting.rc.say(arrived.phone, "late in the list")
        for _ in range(5):
            await arrived.time_passes(1.1)
            await arrived.watch().look()
        assert await arrived.said() == ["late in the list"]

    async def test_nothing_from_before_the_install(self, arrived: Arriving) -> None:
        arrived.texting.rc.say(arrived.phone, "years ago")
        await arrived.time_passes(60 * 24)
        async with arrived.database.transaction() as connection:
            await subscriptions.ensure(connection, PROVIDER)
            await connection.execute(sa.update(TextSubscription).values(created_at=arrived.texting.clock()))
        await arrived.watch().look()
        assert await arrived.said() == []
        arrived.texting.rc.say(arrived.phone, "now")
        await arrived.texting.rc.settled()
        await arrived.fetches()
        assert await arrived.said() == ["now"]

    async def test_one_that_breaks_something_holds_nobody_up(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        at = arrived.texting.clock() + timedelta(seconds=1)
        ours, phones = arrived.texting.rc.number, [arrived.phone, number(), number()]
        broken = Incoming("bad", arrived.phone, ours, "x" * 10, at.replace(tzinfo=None))  # no moment at all
        well = [Incoming(phones[1], phones[1], ours, "hi", at), Incoming(phones[2], phones[2], ours, "ho", at)]
        assert await arrived.receiver().take_what_can_be([broken, *well])
        assert await arrived.said(phones[1]) == ["hi"] and await arrived.said(phones[2]) == ["ho"]
        assert len(await arrived.effects("new")) == 1, "it is left to the effect that fetches it, which is buried in the end"

    async def test_how_far_it_was_read(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        await arrived.watch().look()
        first = (await arrived.subscription()).read_until
        assert first is not None
        arrived.texting.rc.behave("500", on="read", always=True)
        await arrived.time_passes(1.1)
        await arrived.watch().look()
        assert (await arrived.subscription()).read_until == first, "what could not be read was not read"


class TestWhatIsSaidOfIt:
    async def test_whether_it_works_and_how_far_was_read(self, arrived: Arriving) -> None:
        bus, metrics = arrived.texting.bus, Metrics()
        given = (metrics, arrived.database, bus, Addresses(()), asyncio.Event(), lambda: 0, lambda: UTC)
        transport = httpx.ASGITransport(Starlette(routes=Health(*given, texts_by=PROVIDER).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://health") as client:
            assert (await client.get("/readyz")).json()["texts"] == "none"
            before = (await client.get("/metrics")).text
            assert "hibachi_texts_webhook_active 0.0" in before and "hibachi_texts_read_until_timestamp_seconds NaN" in before
            await arrived.subscribes()
            await arrived.watch().look()
            await arrived.time_passes(1)  # that it was told is written every few seconds
            arrived.texting.rc.say(arrived.phone, "hello")
            await arrived.texting.rc.settled()
            assert (await client.get("/readyz")).json()["texts"] == "active"
            shown = (await client.get("/metrics")).text
        row = await arrived.subscription()
        assert "hibachi_texts_webhook_active 1.0" in shown and "hibachi_texts_announced 1.0" in shown
        assert metrics.registry.get_sample_value("hibachi_texts_read_until_timestamp_seconds") == row.read_until.timestamp()
        assert metrics.registry.get_sample_value("hibachi_texts_last_webhook_timestamp_seconds") == row.told_at.timestamp()
