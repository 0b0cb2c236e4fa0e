"""The life of a booking: which verb is possible in which state, what each leaves, deadlines to the minute, money that comes late."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import CLOCK, Held, Taken
from business.bookings.rules import OCCUPYING
from business.payments import ledger
from business.pricing import service as quotes
from business.pricing.rules import Order, Party, quote
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Conflict, GatewayError, NotFound
from kernel.tables.ops import Booking
from tests.bookings.conftest import DANA, PROFILE, Customers, far, near, request
from tests.bookings.lifetime import Life, booked, held, pending

STATES = ("held", "deposit_pending", "confirmed", "in_progress", "completed", "cancellation_requested", "cancelled", "expired", "no_show")
ALLOWED = {
    "accept_terms": {*OCCUPYING},
    "confirm": {"held", "deposit_pending", "confirmed"},
    "keep": {"held", "deposit_pending"},
    "start": {"confirmed", "in_progress"},
    "complete": {"confirmed", "in_progress", "completed"},
    "no_show": {"confirmed", "in_progress", "no_show"},
}


async def force(one: Life, status: str) -> None:
    """Into a state, whatever the way there."""
    requested = {"before_cancel": "confirmed"} if status == "cancellation_requested" else {"before_cancel": None}
    hold = {} if status == "held" else {"hold_until": None}
    await one.set(status=status, **hold, **requested)


class TestWhatIsPossible:
    @pytest.mark.parametrize("verb", ALLOWED)
    async def test_in_which_state(self, customers: Customers, verb: str) -> None:
        """A verb that the state does not allow says so in a sentence and changes nothing."""
        one = await held(customers)
        after = (await one.row()).ends_at + timedelta(hours=1)
        possible = set()
        for status in STATES:
            await force(one, status)
            before = await one.row()
            try:
                await one.do(getattr(life, verb), DANA, now=after)
            except Conflict as refused:
                assert str(before.number) in refused.message and refused.details["status"] == status
                assert await one.row() == before
            else:
                possible.add(status)
        assert possible == ALLOWED[verb]

    async def test_a_booking_that_is_none(self, customers: Customers) -> None:
        nobody = Life(customers, uuid4(), uuid4())
        for verb in (life.accept_terms, life.confirm, life.keep, life.start, life.complete, life.no_show):
            with pytest.raises(NotFound):
                await nobody.do(verb, DANA)
        for work in (nobody.pay, nobody.expire, nobody.ask_cancel):
            with pytest.raises(NotFound):
                await work()

    async def test_a_party_on_another_day(self, customers: Customers) -> None:
        one = await booked(customers)
        for verb in (life.start, life.complete, life.no_show):
            with pytest.raises(Conflict, match=r"day|begun"):
                await one.do(verb, DANA)
        assert await one.status() == "confirmed"

    @pytest.mark.parametrize("verb", ["accept_terms", "confirm", "keep"])
    async def test_a_hold_that_is_over(self, customers: Customers, verb: str) -> None:
        one = await held(customers)
        await customers.let_lapse(one.booking)
        with pytest.raises(Conflict, match="over"):
            await one.do(getattr(life, verb), DANA)
        assert await one.status() == "held"


class TestTheWayThroughIt:
    async def test_from_the_hold_to_the_party(self, customers: Customers) -> None:
        one = await held(customers)
        row = await one.row()
        assert (row.total_cents, row.deposit_cents) == (55_000, 10_000)
        assert row.deposit_until - row.created_at == pytest.approx(timedelta(hours=24), abs=timedelta(seconds=1))
        accepted = (await one.accept()).booking
        assert (accepted.status, accepted.hold_until) == ("deposit_pending", None) and accepted.terms_accepted_at
        paid = await one.pay()
        assert (paid.outcome, paid.booking.status) == ("confirmed", "confirmed") and paid.booking.confirmed_at
        begins, ends = row.starts_at + timedelta(minutes=1), row.ends_at + timedelta(minutes=1)
        await one.do(life.start, CLOCK, now=begins)
        await one.do(life.complete, CLOCK, now=ends)
        assert await one.events() == [
            ("held", "customer"),
            ("terms_accepted", "customer"),
            ("confirmed", "system"),
            ("started", "system"),
            ("completed", "system"),
        ]
        assert [effect.payload["what"] for effect in await one.effects()] == [kind for kind, _ in await one.events()]
        cards = await customers.cards(one.conversation)
        assert [card["version"] for card in cards] == [1, 2, 3, 4, 5] and len({card["id"] for card in cards}) == 1

    async def test_each_verb_once(self, customers: Customers) -> None:
        """Pressed twice, or tried again after the line broke: nothing more happens."""
        one = await held(customers)
        await one.accept()
        await one.accept()
        await one.confirm()
        await one.confirm()
        assert (await one.pay()).outcome == "already"
        for verb in (life.start, life.start, life.complete, life.complete):
            await one.do(verb, CLOCK, now=(await one.row()).ends_at)
        assert [kind for kind, _ in await one.events()] == ["held", "terms_accepted", "confirmed", "started", "completed"]

    async def test_the_total_is_earned_when_it_is_over(self, customers: Customers, database: Database) -> None:
        one = await booked(customers)
        await one.do(life.start, CLOCK)
        await one.do(life.complete, CLOCK)
        await one.do(life.complete, CLOCK)
        async with database.transaction() as connection:
            accounts = (await ledger.trial_balance(connection)).accounts
        assert (accounts["customers"], accounts["revenue"]) == (55_000, -55_000)

    async def test_kept_without_a_deposit(self, customers: Customers) -> None:
        one = await held(customers)
        kept = (await one.do(life.keep, DANA)).booking
        assert (kept.status, kept.kept, kept.hold_until) == ("deposit_pending", True, None)
        await one.overdue()
        assert await one.expire() is None
        assert (await one.do(life.start, CLOCK)).booking.status == "in_progress"

    async def test_where_no_deposit_is_asked_for_the_terms_are_enough(self, customers: Customers) -> None:
        free = PROFILE.model_copy(update={"prices": PROFILE.prices.model_copy(update={"deposit_cents": 0})})
        one = await held(customers, free)
        assert (await one.accept()).booking.status == "confirmed"
        assert [kind for kind, _ in await one.events()] == ["held", "confirmed"]

    async def test_terms_are_accepted_also_of_what_a_person_confirmed(self, customers: Customers) -> None:
        one = await held(customers)
        await one.confirm()
        accepted = (await one.accept()).booking
        assert accepted.status == "confirmed" and accepted.terms_accepted_at


class TestWhatItCosts:
    async def test_of_the_quote_of_just_this_party(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        order = Order(Party(10), {"lobster_tail": 4}, travel_cents=3_000)
        told = await database.unit(lambda c: quotes.store(c, PROFILE, alice, order, quote(PROFILE, order)))
        booking = (await customers.held(request(alice, quote=told.id))).booking
        assert (booking.total_cents, booking.deposit_cents) == (told.total_cents, 10_000)

    async def test_priced_anew_where_the_party_is_another_one(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        order = Order(Party(10))
        told = await database.unit(lambda c: quotes.store(c, PROFILE, alice, order, quote(PROFILE, order)))
        booking = (await customers.held(request(alice, quote=told.id, party=Party(20), facts={"upgrades": {"salmon": 2}}))).booking
        assert booking.total_cents == 20 * 5_500 + 2 * 500

    async def test_no_price_where_none_can_be_made(self, customers: Customers) -> None:
        booking = (await customers.held(request(await customers.one(), facts={"upgrades": {"unicorn": 1}}))).booking
        assert (booking.total_cents, booking.deposit_cents) == (None, None)


class TestTheDeadlineOfTheDeposit:
    async def test_to_the_instant(self, customers: Customers) -> None:
        one = await pending(customers)
        assert await one.expire() is None, "not over yet"
        await one.overdue()
        expired = await one.expire()
        assert expired is not None and (expired.booking.status, expired.booking.ended) == ("cancelled", "unpaid")
        assert await one.expire() is None, "once"
        assert isinstance(await customers.hold(request(await customers.one())), Held), "the slot is free"

    async def test_also_while_they_wish_to_cancel(self, customers: Customers) -> None:
        one = await pending(customers)
        await one.ask_cancel()
        await one.overdue()
        assert await one.expire() is not None

    async def test_never_what_is_confirmed(self, customers: Customers) -> None:
        one = await booked(customers)
        await one.overdue()
        assert await one.expire() is None


class TestMoneyThatComesLate:
    async def test_the_slot_is_still_free(self, customers: Customers) -> None:
        for ended in ("lapsed", "unpaid"):
            one = await held(customers, day=far(61 if ended == "lapsed" else 62))
            if ended == "lapsed":
                await customers.let_lapse(one.booking)
            else:
                await one.accept()
                await one.overdue()
                await one.expire()
            paid = await one.pay()
            assert (paid.outcome, paid.booking.status, paid.booking.ended) == ("reheld", "confirmed", None)
            assert (await one.pay()).outcome == "already"

    async def test_somebody_else_has_it(self, customers: Customers) -> None:
        one = await held(customers)
        await customers.let_lapse(one.booking)
        await customers.held(request(await customers.one()))
        paid = await one.pay()
        assert (paid.outcome, paid.booking.status) == ("lost", "expired")

    async def test_too_late_for_that_party(self, customers: Customers) -> None:
        one = await held(customers)
        await customers.let_lapse(one.booking)
        soon = (await one.row()).starts_at - timedelta(hours=PROFILE.slots.ahead_at_least_hours - 1)
        assert (await one.pay(now=soon)).outcome == "lost"

    async def test_what_somebody_cancelled_stays_so(self, customers: Customers) -> None:
        one = await pending(customers)
        await one.ask_cancel()
        await one.decide(True)
        assert (await one.pay()).outcome == "lost"
        assert await one.status() == "cancelled"

    async def test_what_was_let_go_or_moved_stays_so(self, customers: Customers) -> None:
        one = await held(customers)
        await one.ask_cancel()
        assert (await one.row()).ended == "released" and (await one.pay()).outcome == "lost"
        other = await held(customers)
        await customers.held(request(other.conversation, day=far(70)))
        assert (await other.row()).ended == "moved" and (await other.pay()).outcome == "lost"

    async def test_while_they_wish_to_cancel(self, customers: Customers) -> None:
        one = await pending(customers)
        await one.ask_cancel()
        paid = await one.pay()
        assert (paid.outcome, paid.booking.status) == ("confirmed", "cancellation_requested")
        assert (await one.pay()).outcome == "already"
        assert (await one.decide(False)).booking.status == "confirmed"

    async def test_a_chef_is_found_anew(self, customers: Customers) -> None:
        kenji = await customers.chef()
        one = await held(customers, day=near())
        await customers.let_lapse(one.booking)
        assert (await one.pay()).booking.chef == kenji
        assert isinstance(await customers.hold(request(await customers.one(), near())), Taken)


@pytest.fixture
async def crowd(database_url: str, customers: Customers) -> AsyncIterator[Customers]:
    """Connections for several at once."""
    database = Database(database_url, application="test", pool_size=10)
    yield Customers(database)
    await database.close()


async def outcome(work: object) -> object:
    try:
        return await work  # type: ignore[misc]
    except GatewayError as error:
        return type(error)


ROUNDS = 3


class TestAtTheSameInstant:
    """Whoever has the booking's row first is right, and the other one finds what it left."""

    async def test_the_deposit_and_its_deadline(self, crowd: Customers) -> None:
        outcomes = Counter[str]()
        for n in range(ROUNDS):
            one = await pending(crowd, day=far(20 + n))
            await one.overdue()
            paid, expired = await asyncio.gather(one.pay(), one.expire())
            assert paid.outcome == ("confirmed" if expired is None else "reheld")
            assert await one.status() == "confirmed"
            outcomes[paid.outcome] += 1
        assert sum(outcomes.values()) == ROUNDS

    async def test_the_deposit_its_deadline_and_somebody_who_wants_the_slot(self, crowd: Customers) -> None:
        bob = await crowd.one()
        for n in range(ROUNDS):
            one = await pending(crowd, day=far(20 + n))
            await one.overdue()
            paid, _, other = await asyncio.gather(one.pay(), one.expire(), crowd.hold(request(bob, far(20 + n))))
            assert (paid.outcome == "lost") == isinstance(other, Held)
            there = await crowd.bookings(Booking.day == far(20 + n), Booking.status.in_(OCCUPYING))
            assert len(there) == 1

    async def test_the_same_deposit_told_five_times(self, crowd: Customers) -> None:
        one = await pending(crowd)
        outcomes = Counter([paid.outcome for paid in await asyncio.gather(*(one.pay() for _ in range(5)))])
        assert outcomes == {"confirmed": 1, "already": 4}

    async def test_the_deposit_and_a_cancellation(self, crowd: Customers) -> None:
        for n in range(ROUNDS):
            one = await pending(crowd, day=far(20 + n))
            await one.ask_cancel()
            paid, decided = await asyncio.gather(one.pay(), outcome(one.decide(True)))
            row = await one.row()
            assert decided is not Conflict and (row.status, row.ended) in (("cancelled", "cancelled"),)
            assert paid.outcome in ("confirmed", "lost")

    async def test_confirmed_by_hand_and_over(self, crowd: Customers) -> None:
        for n in range(ROUNDS):
            one = await pending(crowd, day=far(20 + n))
            await one.overdue()
            confirmed, expired = await asyncio.gather(outcome(one.confirm()), one.expire())
            assert (confirmed is Conflict) == (expired is not None)
            assert await one.status() == ("cancelled" if expired else "confirmed")

    async def test_accepted_five_times(self, crowd: Customers) -> None:
        one = await held(crowd)
        await asyncio.gather(*(one.accept() for _ in range(5)))
        assert await one.events() == [("held", "customer"), ("terms_accepted", "customer")]


class TestWithoutTheLock:
    async def test_the_deadline_is_asked_in_the_statement_that_ends_it(self, customers: Customers, database: Database) -> None:
        """A payment on its way to be stored is waited for: the deadline then finds a confirmed booking, not the one it saw before."""
        one = await pending(customers)
        await one.overdue()
        async with database.primary.connect() as mine:
            await mine.begin()
            await life.deposit_paid(mine, PROFILE, one.booking, utc_now())
            expiry = asyncio.create_task(one.expire())
            while not await waits(database):
                pass
            await mine.commit()
        assert await expiry is None
        assert await one.status() == "confirmed"


async def waits(database: Database) -> bool:
    async with database.transaction() as connection:
        return bool(await connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
