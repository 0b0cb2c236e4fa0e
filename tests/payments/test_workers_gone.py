"""A worker that is gone or frozen at an await: what the provider told happens once, money goes back once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from business.payments import refunds
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ops import Outbox, Payment, Refund
from tests.payments.conftest import DEPOSIT, Till
from tests.rig.standing import StandsStill, cut_off, stands_or_is_done
from tests.rig.stripe import StripeServer
from workers.payments import PaymentEvents
from workers.refunds import Refunds

Worker = type[PaymentEvents] | type[Refunds]


async def taken_over(till: Till, url: str, worker: Worker, at: int) -> bool:
    """A worker stands still at its n-th await, is cut off, and another one takes over; then the first one goes on. False: it was done."""
    name, where = f"stopped-{at}", StandsStill(at)
    own = Database(url, application=name)
    stopped = worker(own, till.bus, till.provider, lambda: till.profile, utc_now, delays=(0.0,) * 3, crash=where)
    await stopped.look()
    stands = await stands_or_is_done(where, stopped.idle())
    if stands:
        await cut_off(till.database, name)
        await till.work()
        where.goes_on.set()  # type: ignore[attr-defined]
        await asyncio.gather(*stopped._tasks, return_exceptions=True)
        await till.work()
    await own.close()
    return stands


async def unsettled(till: Till) -> list[Any]:
    return await till.rows(Outbox, Outbox.kind.in_(("send_refund", "payment_event")), Outbox.state != "done")


async def every_await(till: Till, server: StripeServer, url: str, step: int) -> int:
    """Events and refunds with a worker gone at each `step`-th await; how many were gone."""
    gone, at = 0, 1
    while True:
        booking = await till.booking()
        session = await till.open(booking)
        assert server.pay(session) is not None
        event = server.events[-1]
        await till.database.unit(lambda c, e=event: _store(c, e))  # type: ignore[misc]
        first = await taken_over(till, url, PaymentEvents, at)
        payment = await till.one(Payment.id, Payment.booking_id == booking)
        await till.database.unit(lambda c, p=payment: refunds.ask(c, p, DEPOSIT, "asked", key=f"r:{p}"))  # type: ignore[misc]
        second = await taken_over(till, url, Refunds, at)
        await the_same_once(till, server, booking, session)
        gone += first + second
        if not (first or second):
            return gone
        at += step


async def _store(connection: Any, event: dict[str, Any]) -> bool:
    from business.payments import events

    return await events.store(connection, event["id"], event["type"], event["data"]["object"])


async def the_same_once(till: Till, server: StripeServer, booking: Any, session: str) -> None:
    (payment,) = await till.rows(Payment, Payment.booking_id == booking)
    assert (payment.amount_cents, payment.refunded_cents) == (DEPOSIT, DEPOSIT)
    (refund,) = await till.rows(Refund, Refund.payment_id == payment.id)
    assert refund.state == "done"
    back = [one for one in server.refunds.values() if one["payment_intent"] == payment.reference]
    assert [one["amount"] for one in back] == [DEPOSIT]
    assert await unsettled(till) == []
    assert await till.accounts() == {}
    lines = await till.lines(booking)
    assert [sum(word in line for line in lines) for word in ("We received", "We have sent")] == [1, 1]


class TestGone:
    async def test_at_some_awaits(self, till: Till, server: StripeServer, database_url: str) -> None:
        assert await every_await(till, server, database_url, 14) >= 4

    @pytest.mark.slow
    async def test_at_every_await(self, till: Till, server: StripeServer, database_url: str) -> None:
        assert await every_await(till, server, database_url, 1) >= 60

    async def test_another_one_finds_it_done(self, till: Till, server: StripeServer, database_url: str) -> None:
        """The call happened, nobody noted it, and the provider has forgotten the key."""
        booking = await till.booking()
        event = server.pay(await till.open(booking))
        assert event is not None
        await till.told(event)
        payment = await till.one(Payment.id, Payment.booking_id == booking)
        await till.database.unit(lambda c: refunds.ask(c, payment, DEPOSIT // 2, "asked", key="k"))
        refund = await till.one(Refund.id, Refund.payment_id == payment)
        await till.provider.refund(refund, str(await till.one(Payment.reference)), DEPOSIT // 2)
        server._answered.clear()
        async with till.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.kind == "send_refund").values(attempts=1))
        await till.work()
        assert len(server.refunds) == 1

    async def test_two_ask_at_the_same_moment(self, till: Till, server: StripeServer) -> None:
        """One stands still in its call for longer than its lease; the other one finds no refund yet, and asks for it too."""
        booking = await till.booking()
        event = server.pay(await till.open(booking))
        assert event is not None
        await till.told(event)
        payment = await till.one(Payment.id, Payment.booking_id == booking)
        await till.database.unit(lambda c: refunds.ask(c, payment, DEPOSIT // 2, "asked", key="k"))
        server.behave("slow:1")
        first = Refunds(till.database, till.bus, till.provider, lambda: till.profile, utc_now, delays=(0.0,) * 3)
        server.arrived.clear()
        await first.look()
        await server.arrived.wait()
        await cut_off(till.database, "nobody")
        await till.work()
        await first.idle()
        assert [one["amount"] for one in server.refunds.values()] == [DEPOSIT // 2]
        assert [row.state for row in await till.rows(Refund)] == ["done"]
