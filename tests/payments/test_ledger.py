"""The ledger: it balances whatever happens, it is only ever added to, and a booking's statement is the sum of what happened to it."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError

from business.bookings import life
from business.bookings.requests import CLOCK
from business.payments import auditing, ledger, notices, receiving, refunds
from kernel.clock import utc_now
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.ops import LedgerEntry, LedgerPosting, Payment, Refund
from tests.payments.conftest import DEPOSIT, TOTAL, Till


class TestPostings:
    async def test_one_that_does_not_add_up(self, till: Till) -> None:
        with pytest.raises(ValueError, match="add up"):
            await till.database.unit(lambda c: ledger.post(c, kind="fee", key="k", booking=None, entries={"customers": 5, "fees": -4}))

    async def test_postgresql_refuses_it_too(self, till: Till) -> None:
        for entries in ({"customers": 5}, {"customers": 5, "fees": -4}):
            with pytest.raises(DBAPIError, match="add up"):
                async with till.database.transaction() as connection:
                    posting = new_id()
                    await connection.execute(sa.insert(LedgerPosting).values(id=posting, key="k", kind="fee"))
                    rows = [{"posting_id": posting, "account": name, "amount_cents": cents} for name, cents in entries.items()]
                    await connection.execute(sa.insert(LedgerEntry), rows)

    async def test_what_was_posted_stays(self, till: Till) -> None:
        await till.database.unit(lambda c: ledger.post(c, kind="fee", key="k", booking=None, entries={"customers": 5, "fees": -5}))
        for statement in (sa.update(LedgerEntry).values(amount_cents=1), sa.delete(LedgerEntry), sa.delete(LedgerPosting)):
            with pytest.raises(IntegrityError):
                async with till.database.transaction() as connection:
                    await connection.execute(statement)

    async def test_each_event_once(self, till: Till) -> None:
        booking = await till.booking()
        for first in (True, False):
            assert await till.database.unit(lambda c: ledger.post_fee(c, booking, 500, "reschedule:1")) is first
            assert await till.database.unit(lambda c: ledger.post_completion(c, booking)) is first
        assert await till.accounts() == {"customers": TOTAL + 500, "fees": -500, "revenue": -TOTAL}

    async def test_nothing_is_no_posting(self, till: Till) -> None:
        booking = await till.booking()
        assert not await till.database.unit(lambda c: ledger.post_fee(c, booking, 0, "none"))
        assert not await till.database.unit(lambda c: ledger.post_kept_deposit(c, booking))
        assert await till.rows(LedgerPosting) == []


class TestStatements:
    async def test_before_anything_came(self, till: Till) -> None:
        stands = await till.statement(await till.booking())
        assert (stands.total_cents, stands.balance_cents, stands.deposit_due_cents) == (TOTAL, TOTAL, DEPOSIT)

    async def test_kept_by_somebody_needs_no_deposit(self, till: Till) -> None:
        booking = await till.booking()
        await till.database.unit(lambda c: life.keep(c, till.profile, booking, CLOCK, utc_now()))
        stands = await till.statement(booking)
        assert (stands.balance_cents, stands.deposit_due_cents) == (TOTAL, 0)

    async def test_a_cancelled_party_costs_nothing_but_its_fees(self, till: Till) -> None:
        booking = await till.booking()
        await till.database.unit(lambda c: ledger.post_fee(c, booking, 2_000, "reschedule:1"))
        await till.lapse(booking)
        assert (await till.statement(booking)).balance_cents == 2_000

    async def test_a_deposit_that_is_kept(self, till: Till) -> None:
        booking = await till.booking()
        await till.receive(booking)
        await till.database.unit(lambda c: life.ask_cancel(c, till.profile, booking, CLOCK, utc_now(), "no"))
        await till.database.unit(lambda c: life.decide_cancel(c, till.profile, booking, True, CLOCK, utc_now()))
        assert (await till.statement(booking)).balance_cents == -DEPOSIT
        for _ in range(2):
            await till.database.unit(lambda c: ledger.post_kept_deposit(c, booking))
        assert (await till.statement(booking)).balance_cents == 0
        assert await till.accounts() == {"fees": -DEPOSIT, "venmo": DEPOSIT}


class TestAuditing:
    async def test_finds_what_disagrees(self, till: Till) -> None:
        booking = await till.booking()
        await till.receive(booking)
        async with till.database.transaction() as connection:
            assert (await auditing.audit(connection)).right
            await connection.execute(sa.update(Payment).values(amount_cents=DEPOSIT + 1))
        async with till.database.transaction() as connection:
            found = await auditing.audit(connection)
        assert not found.right and [one.ledger_cents for one in found.bookings] == [DEPOSIT]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "nobody", "assign", "fee", "discount", "refund", "done", "failed", "completion", "kept"]),
        st.integers(1, 90_000),
    ),
    min_size=1,
    max_size=14,
)


class TestWhateverHappens:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(events=EVENTS)
    async def test_it_balances_and_the_statement_is_the_sum(self, till: Till, events: list[tuple[str, int]]) -> None:
        booking = await till.booking()
        fees = discounts = kept = 0
        for number, (what, cents) in enumerate(events):
            mark = f"{booking}:{number}"
            if what == "fee":
                fees += cents
                await till.database.unit(lambda c, k=mark, n=cents: ledger.post_fee(c, booking, n, k))  # type: ignore[misc]
            elif what == "discount":
                discounts += cents
                await till.database.unit(lambda c, k=mark, n=cents: ledger.post_discount(c, booking, n, k))  # type: ignore[misc]
            elif what == "kept":
                before = await till.accounts()
                await till.database.unit(lambda c: ledger.post_kept_deposit(c, booking))
                kept += before.get("fees", 0) - (await till.accounts()).get("fees", 0)
            else:
                await self.money(till, booking, what, cents, mark)
        assert await till.balanced()
        stands = await till.statement(booking)
        payments = await till.rows(Payment, Payment.booking_id == booking)
        paid, back = sum(one.amount_cents for one in payments), sum(one.refunded_cents for one in payments)
        assert (stands.paid_cents, stands.refunded_cents) == (paid, back)
        assert stands.fees_cents == fees + kept and stands.discounts_cents == discounts
        assert stands.balance_cents == TOTAL + fees + kept - discounts - paid + back
        async with till.database.transaction() as connection:
            assert (await auditing.audit(connection)).right

    async def money(self, till: Till, booking: UUID, what: str, cents: int, mark: str) -> None:
        async def work(connection: Any) -> None:
            now = utc_now()
            if what in ("pay", "nobody"):
                whose = booking if what == "pay" else None
                incoming = receiving.Incoming("cash", mark, cents, now, whose)
                await receiving.receive(connection, till.profile, incoming, now)
            elif what == "assign":
                free = await connection.scalar(sa.select(Payment.id).where(Payment.booking_id.is_(None)).limit(1))
                if free is not None:
                    await receiving.assign(connection, till.profile, free, booking, by=None, now=now)
            elif what == "refund":
                payment = await connection.scalar(sa.select(Payment.id).where(Payment.booking_id == booking).limit(1))
                if payment is not None:
                    await refunds.ask(connection, payment, cents, "asked", key=mark)
            elif what == "completion":
                await ledger.post_completion(connection, booking)
            else:
                refund = await connection.scalar(sa.select(Refund.id).order_by(Refund.id.desc()).limit(1))
                if refund is not None:
                    await (refunds.done(connection, refund) if what == "done" else refunds.failed(connection, refund, "bank"))

        try:
            await till.database.unit(work)
        except Conflict:
            return


async def test_notices_and_the_ledger_agree(till: Till) -> None:
    """Whoever nobody knows is money all the same."""
    now = utc_now()
    await till.database.unit(lambda c: notices.take(c, till.profile, text="Venmo: Jo paid you $7", source="mail", received_at=now))
    async with till.database.transaction() as connection:
        found = await auditing.audit(connection)
    assert found.right and found.accounts == {"unmatched": -700, "venmo": 700}
