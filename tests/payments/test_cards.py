"""Cards: pages, what Stripe tells of them in any order, and money that comes too late."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from business.payments import checkouts, refunds
from business.payments.provider import ProviderError
from kernel.clock import utc_now
from kernel.errors import Conflict, Unavailable
from kernel.tables.ops import Checkout, Outbox, Payment, Refund
from tests.bookings.conftest import far, with_capacity
from tests.payments.conftest import CANCEL, DEPOSIT, SUCCESS, TOTAL, Till
from tests.rig.stripe import DECLINED, StripeServer


class TestPages:
    async def test_nothing_to_pay(self, till: Till) -> None:
        booking = await till.booking()
        with pytest.raises(Conflict):
            await till.open(booking, "fee")
        await till.receive(booking)
        with pytest.raises(Conflict):
            await till.open(booking)
        await till.receive(booking, TOTAL - DEPOSIT, "A-2")
        with pytest.raises(Conflict):
            await till.open(booking, "balance")

    async def test_an_ended_booking(self, till: Till) -> None:
        booking = await till.booking()
        await till.lapse(booking)
        with pytest.raises(Conflict):
            await till.open(booking)

    async def test_is_one_however_often_the_button_is_pressed(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()

        async def press() -> str:
            return await checkouts.open_checkout(
                till.database, till.provider, booking, "deposit", success_url=SUCCESS, cancel_url=CANCEL, now=utc_now()
            )

        assert len(set(await asyncio.gather(*(press() for _ in range(8))))) == 1
        assert len(server.sessions) == 1
        (session,) = server.sessions.values()
        assert (session["amount_total"], session["metadata"]["booking"]) == (DEPOSIT, str(booking))

    @pytest.mark.parametrize("fault", ["cut", "lost", "500", "429+1"])
    async def test_an_answer_that_does_not_come(self, till: Till, server: StripeServer, fault: str) -> None:
        booking = await till.booking()
        server.behave(fault)
        with pytest.raises(Unavailable):
            await till.open(booking)
        await till.open(booking)
        assert len(server.sessions) == 1

    async def test_a_refused_page_makes_way(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        server.behave("402")
        with pytest.raises(Unavailable):
            await till.open(booking)
        assert await till.open(booking)
        assert [row.state for row in await till.rows(Checkout)] == ["expired", "open"]

    async def test_another_amount_is_another_page(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        first = await till.open(booking)
        await till.receive(booking, DEPOSIT // 4)
        second = await till.open(booking)
        assert server.sessions[first]["status"] == "expired"
        assert server.sessions[second]["amount_total"] == DEPOSIT - DEPOSIT // 4

    def test_ends_before_the_deadline_it_pays_for(self) -> None:
        now = utc_now().replace(microsecond=0)
        soon, late = now + timedelta(hours=2), now + timedelta(hours=20)
        assert checkouts.expiry("held", soon, late, now) == soon - checkouts.MARGIN
        assert checkouts.expiry("deposit_pending", None, late, now) == late - checkouts.MARGIN
        assert checkouts.expiry("deposit_pending", None, now, now) == now + checkouts.SHORTEST
        assert checkouts.expiry("confirmed", None, late, now) == now + checkouts.LONGEST

    async def test_a_key_that_is_not_known(self, till: Till, server: StripeServer) -> None:
        from business.payments.stripe import Stripe

        stranger = Stripe("sk_test_other", address=server.base, timeout=5)
        with pytest.raises(ProviderError) as refused:
            await stranger.session("cs_test_1")
        assert not refused.value.again
        await stranger.close()


class TestPaid:
    async def test_the_deposit_books(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking(locale="es")
        paid = server.pay(await till.open(booking))
        assert paid is not None
        await till.told(paid)
        assert await till.status(booking) == "confirmed"
        stands = await till.statement(booking)
        assert (stands.paid_cents, stands.balance_cents, stands.deposit_due_cents) == (DEPOSIT, TOTAL - DEPOSIT, 0)
        assert await till.accounts() == {"card": DEPOSIT, "customers": -DEPOSIT}
        assert (await till.lines(booking))[-1].startswith("Recibimos $100 por tarjeta")
        assert await till.called(booking) == []
        assert [row.state for row in await till.rows(Checkout)] == ["paid"]

    async def test_declined(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        assert server.pay(await till.open(booking), card=DECLINED) is None
        assert await till.status(booking) == "deposit_pending"

    async def test_any_order_and_twice(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        paid = server.pay(session)
        back = server.give_back(session, DEPOSIT)
        late = server.happened("checkout.session.expired", server.sessions[session] | {"status": "expired"})
        assert paid is not None
        await till.told(back, late, paid, back, paid)
        (payment,) = await till.rows(Payment)
        (refund,) = await till.rows(Refund)
        assert (payment.amount_cents, payment.refunded_cents, refund.state) == (DEPOSIT, DEPOSIT, "done")
        assert await till.accounts() == {}
        assert [row.state for row in await till.rows(Checkout)] == ["paid"]

    async def test_the_provider_is_away_for_a_while(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        paid = server.pay(await till.open(booking))
        assert paid is not None
        server.behave("500", "cut", "429+0")
        await till.told(paid)
        assert await till.status(booking) == "confirmed"

    async def test_a_page_that_nobody_paid(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        await till.told(server.expire(session))
        assert [row.state for row in await till.rows(Checkout)] == ["expired"]
        assert await till.open(booking) != session

    async def test_a_payment_that_failed_afterwards(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        server.sessions[session] |= {"status": "complete", "payment_status": "unpaid"}
        await till.told(server.happened("checkout.session.async_payment_failed", server.sessions[session]))
        assert "nothing was charged" in (await till.lines(booking))[-1]
        assert await till.status(booking) == "deposit_pending"

    async def test_money_of_a_page_that_is_not_ours(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        server.sessions[session] |= {"metadata": {}, "client_reference_id": None, "id": "cs_stranger"}
        server.sessions["cs_stranger"] = server.sessions.pop(session)
        paid = server.pay("cs_stranger")
        assert paid is not None
        await till.told(paid)
        assert await till.accounts() == {"card": DEPOSIT, "unmatched": -DEPOSIT}
        assert await till.status(booking) == "deposit_pending"

    async def test_a_second_deposit_counts_and_is_told(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        await till.receive(booking)
        paid = server.pay(session)
        assert paid is not None
        await till.told(paid)
        assert (await till.statement(booking)).balance_cents == TOTAL - 2 * DEPOSIT
        (handoff,) = await till.called(booking)
        assert "paid already" in handoff.summary

    async def test_a_dispute_calls_a_person(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        paid = server.pay(session)
        assert paid is not None
        await till.told(server.dispute(session), paid)
        (handoff,) = await till.called(booking)
        assert handoff.urgency == "high" and "disputed" in handoff.summary


class TestTooLate:
    async def test_the_slot_is_still_free(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        session = await till.open(booking)
        await till.lapse(booking)
        paid = server.pay(session)
        assert paid is not None
        await till.told(paid)
        assert await till.status(booking) == "confirmed"
        assert "yours again" in (await till.lines(booking))[-1]
        assert server.refunds == {}

    async def test_the_slot_is_somebody_elses(self, till: Till, server: StripeServer) -> None:
        till.profile = with_capacity(1)
        booking = await till.booking(day=far(61))
        session = await till.open(booking)
        await till.lapse(booking)
        other = await till.booking(day=far(61))
        paid = server.pay(session)
        assert paid is not None
        await till.told(paid, paid)
        await till.work()
        (refund,) = server.refunds.values()
        assert refund["amount"] == DEPOSIT
        stands = await till.statement(booking)
        assert (stands.paid_cents, stands.refunded_cents, stands.balance_cents) == (DEPOSIT, DEPOSIT, 0)
        assert await till.accounts() == {}
        lines = await till.lines(booking)
        assert "gone to somebody else" in lines[-2] and lines[-1] == "We have sent $100 back to you by card."
        (handoff,) = await till.called(booking)
        assert handoff.urgency == "high"
        assert await till.status(other) == "deposit_pending"


class TestRefunds:
    async def paid(self, till: Till, server: StripeServer) -> Any:
        booking = await till.booking()
        paid = server.pay(await till.open(booking))
        assert paid is not None
        await till.told(paid)
        (payment,) = await till.rows(Payment)
        return payment

    async def test_never_more_than_came(self, till: Till, server: StripeServer) -> None:
        payment = await self.paid(till, server)

        async def ask(number: int) -> bool:
            try:
                await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT // 2, "asked", key=str(number)))
            except Conflict:
                return False
            return True

        assert sum(await asyncio.gather(*(ask(number) for number in range(6)))) == 2
        await till.work()
        assert sum(one["amount"] for one in server.refunds.values()) == DEPOSIT

    @pytest.mark.parametrize("fault", ["cut", "lost", "500", "409", "429+0", "slow:0.1"])
    async def test_one_at_the_provider_whatever_happens_on_the_way(self, till: Till, server: StripeServer, fault: str) -> None:
        payment = await self.paid(till, server)
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT, "asked", key="k"))
        server.behave(fault)
        await till.work()
        assert len(server.refunds) == 1
        (refund,) = await till.rows(Refund)
        assert refund.state == "done"

    async def test_the_provider_has_forgotten_the_key(self, till: Till, server: StripeServer) -> None:
        payment = await self.paid(till, server)
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT // 2, "asked", key="k"))
        server.behave("lost")
        server._answered.clear()
        worker = await self.once(till)
        server._answered.clear()
        await till.work()
        assert worker and len(server.refunds) == 1

    async def once(self, till: Till) -> int:
        from workers.refunds import Refunds

        worker = Refunds(till.database, till.bus, till.provider, lambda: till.profile, utc_now, delays=(0.0,) * 3)
        begun = await worker.look()
        await worker.idle()
        return begun

    async def test_refused_for_good(self, till: Till, server: StripeServer) -> None:
        payment = await self.paid(till, server)
        server._add_refund({"payment_intent": payment.reference, "amount": str(DEPOSIT)})
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT, "asked", key="k"))
        await till.work()
        (refund,) = await till.rows(Refund)
        assert (refund.state, refund.error) == ("failed", "charge_already_refunded")
        (handoff,) = await till.called(payment.booking_id)
        assert "could not be given back" in handoff.summary
        assert await till.accounts() == {"card": DEPOSIT, "customers": -DEPOSIT}

    async def test_comes_back_from_the_bank(self, till: Till, server: StripeServer) -> None:
        payment = await self.paid(till, server)
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT, "asked", key="k"))
        await till.work()
        (told,) = server.refunds.values()
        told |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        await till.told(server.happened("refund.failed", told))
        (refund,) = await till.rows(Refund)
        assert (refund.state, refund.error) == ("failed", "lost_or_stolen_card")
        assert await till.accounts() == {"card": DEPOSIT, "customers": -DEPOSIT}
        assert await till.one(Payment.refunded_cents) == 0

    async def test_takes_days_at_the_bank(self, till: Till, server: StripeServer) -> None:
        server.refund_state = "pending"
        payment = await self.paid(till, server)
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT, "asked", key="k"))
        await till.work()
        assert [row.state for row in await till.rows(Refund)] == ["asked"]
        (told,) = server.refunds.values()
        told |= {"status": "succeeded"}
        await till.told(server.happened("refund.updated", told))
        assert [row.state for row in await till.rows(Refund)] == ["done"]

    async def test_effects_are_settled(self, till: Till, server: StripeServer) -> None:
        payment = await self.paid(till, server)
        await till.database.unit(lambda c: refunds.ask(c, payment.id, DEPOSIT, "asked", key="k"))
        await till.work()
        kinds = ("send_refund", "payment_event")
        assert {row.state for row in await till.rows(Outbox, Outbox.kind.in_(kinds))} == {"done"}
