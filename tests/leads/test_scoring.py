"""Scores that follow what happens: bookings, the days that pass, contacts; and leads that become customers."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.bookings import life
from business.leads import rules, scoring
from business.leads.rules import Temperature
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.tables.core import Identity
from kernel.tables.crm import Lead
from kernel.tables.ops import Outbox
from tests.bookings.conftest import DANA, request
from tests.handoffs.hours import LINKS
from tests.leads.conftest import PROFILE, Sales, far, party
from workers.effects import Effects
from workers.registry import Business, handlers

EVENT = PROFILE.leads.score.per_recent_event


async def worked(sales: Sales, bus: Bus) -> None:
    """A worker carries out what happened to bookings."""
    async with sales.database.transaction() as connection:
        later = sa.update(Outbox).where(Outbox.state == "new", Outbox.kind != "booking_changed")
        await connection.execute(later.values(next_at=sa.func.clock_timestamp() + timedelta(days=1)))
    worker = Effects(sales.database, bus, handlers=handlers(Business(lambda: PROFILE, LINKS, utc_now)))
    while await worker.due():
        pass


async def again(sales: Sales, days: int = 0) -> None:
    """As the workers' clock does, so many days later."""
    last: UUID | None = None
    while True:
        now = utc_now() + timedelta(days=days)
        last = await sales.database.unit(lambda c, a=last, n=now: scoring.again(c, PROFILE, sa.true(), n, a))  # type: ignore[misc]
        if last is None:
            return


class TestFollowsBookings:
    async def test_a_hold_counts_and_moves_nothing(self, sales: Sales, bus: Bus) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead(party(), conversation)
        before = await sales.row(lead)
        held = await sales.customers.held(request(conversation))
        await worked(sales, bus)
        row = await sales.row(lead)
        assert (row.score, row.status, row.rev) == (before.score + EVENT, "new", 0)
        await sales.move(lead, "nurturing")
        await sales.customers.let_lapse(held.booking.id)
        await sales.customers.held(request(await sales.customers.one()))  # what is over is ended by whoever asks next
        await worked(sales, bus)
        assert (await sales.row(lead)).status == "nurturing"

    async def test_a_confirmed_one_makes_a_customer(self, sales: Sales, bus: Bus) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead(party(), conversation)
        held = await sales.customers.held(request(conversation))
        await sales.customers.confirm(held.booking.id)
        await worked(sales, bus)
        row = await sales.row(lead)
        assert (row.status, row.rev) == ("converted", 1)
        ((kind, who, said),) = await sales.history(lead)
        assert (kind, who, said) == ("status", None, {"from": "new", "to": "converted", "booking": held.booking.number})
        assert await sales.trail(lead) == [("lead.moved", {"from": "new", "to": "converted"})]
        assert await sales.lead({"adults": 4}, conversation) != lead  # who writes again is a lead of their own

    async def test_not_one_that_was_cancelled_before_anybody_heard(self, sales: Sales, bus: Bus) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead(party(), conversation)
        held = await sales.customers.held(request(conversation))
        await sales.customers.confirm(held.booking.id)
        booking, database = held.booking.id, sales.database
        await database.unit(lambda c: life.ask_cancel(c, PROFILE, booking, DANA, utc_now(), "Rain"))
        await database.unit(lambda c: life.decide_cancel(c, PROFILE, booking, True, DANA, utc_now()))
        await worked(sales, bus)
        assert (await sales.row(lead)).status == "new"

    async def test_what_somebody_gave_up_stays_given_up(self, sales: Sales, bus: Bus) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead(party(), conversation)
        await sales.move(lead, "disqualified", why="Too far away")
        held = await sales.customers.held(request(conversation))
        await sales.customers.confirm(held.booking.id)
        await worked(sales, bus)
        assert (await sales.row(lead)).status == "disqualified"


class TestByTheClock:
    async def test_a_day_comes_nearer_and_is_over(self, sales: Sales) -> None:
        lead = await sales.lead({"adults": 8, "date": far(95).isoformat()})
        points = [(await sales.row(lead)).score]
        for days in (10, 90, 96):
            await again(sales, days)
            points.append((await sales.row(lead)).score)
        windows = [window.score for window in PROFILE.leads.score.dates]
        assert [point - points[0] for point in points] == [0, *windows, 0]

    async def test_what_happened_grows_old(self, sales: Sales, bus: Bus) -> None:
        conversation = await sales.customers.one()
        await sales.customers.held(request(conversation))
        lead = await sales.lead({}, conversation)
        assert (await sales.row(lead)).reasons["events"] == EVENT
        await again(sales, PROFILE.leads.score.recent_days + 1)
        assert "events" not in (await sales.row(lead)).reasons

    async def test_a_contact_that_was_verified(self, sales: Sales) -> None:
        lead = await sales.lead({}, phone="5105550188")
        before = (await sales.row(lead)).score
        async with sales.database.transaction() as connection:
            await connection.execute(sa.update(Identity).values(verified=True))
        await again(sales)
        row = await sales.row(lead)
        assert row.score == before + PROFILE.leads.score.per_verified_contact and row.rev == 0

    async def test_what_is_settled_is_left_as_it_was(self, sales: Sales) -> None:
        lead = await sales.lead({"date": far(95).isoformat()})
        await sales.move(lead, "converted")
        before = await sales.row(lead)
        await again(sales, 20)
        assert await sales.row(lead) == before

    async def test_more_than_at_once(self, sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scoring, "AT_ONCE", 2)
        leads = [await sales.lead({"date": far(95).isoformat()}) for _ in range(5)]
        await again(sales, 20)
        assert all([(await sales.row(lead)).reasons.get("date") for lead in leads])


class TestConfidence:
    async def test_of_each_fact_the_newest_counts(self, sales: Sales) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead({"adults": 8}, conversation, confidence={"adults": 0.6, "phone": 1.0})
        await sales.lead({"adults": 10}, conversation, confidence={"adults": 1.0})
        assert (await sales.row(lead)).confidence == {"adults": 1.0, "phone": 1.0}


@pytest.mark.parametrize(("one", "other", "is_so"), [("hot", "warm", True), ("warm", "warm", True), ("cold", "warm", False)])
def test_as_hot(one: Temperature, other: Temperature, is_so: bool) -> None:
    assert rules.as_hot(one, other) is is_so


async def test_a_score_says_why(sales: Sales) -> None:
    row = await sales.row(await sales.hot())
    async with sales.database.transaction() as connection:
        assert await connection.scalar(sa.select(Lead.score).where(Lead.id == row.id)) == sum(row.reasons.values())
    assert set(row.reasons) == {"source", "adults", "budget", "date"}
