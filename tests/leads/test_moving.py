"""Leads moved by people: where the rules allow it, once, by whoever saw how it stood; the assistant moves none."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.handoffs.ownership import Actor
from business.leads import moving
from business.leads.rules import MOVES, STATUSES, may_move
from kernel.errors import BadRequest, Conflict, GatewayError, NotFound
from kernel.tables.core import Staff
from kernel.tables.crm import Lead, LeadEvent
from tests.complaints.conftest import hired
from tests.leads.conftest import Sales, party


class TestRules:
    def test_nothing_becomes_new_again_and_nothing_is_settled_twice(self) -> None:
        assert set(MOVES) == set(STATUSES)
        assert not any(may_move(one, "new") or may_move(one, one) for one in STATUSES)
        assert not may_move("converted", "disqualified") and not may_move("disqualified", "converted")

    def test_from_every_state_there_is_a_way(self) -> None:
        assert all(MOVES[one] for one in STATUSES)


class TestRefused:
    async def test_what_nobody_knows(self, sales: Sales) -> None:
        with pytest.raises(NotFound):
            await sales.database.unit(lambda c: moving.move(c, uuid4(), sales.dana, "working", 0))

    async def test_without_a_reason_nothing_is_given_up(self, sales: Sales) -> None:
        lead = await sales.lead()
        for why in (None, "", "  "):
            with pytest.raises(BadRequest, match="Say why"):
                await sales.move(lead, "disqualified", why=why)
        assert (await sales.row(lead)).status == "new"

    async def test_back_to_new_or_from_one_end_to_the_other(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working")
        await sales.refused(lead, "new", "does not become new again")
        await sales.move(lead, "converted")
        await sales.refused(lead, "disqualified", "Open it again", why="Too far")

    async def test_somebody_was_faster(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working", rev=0, who=sales.olga)
        with pytest.raises(Conflict, match="Olga changed this lead meanwhile: it is working now") as found:
            await sales.move(lead, "qualified", rev=0)
        assert (found.value.details["status"], found.value.details["rev"]) == ("working", 1)
        await sales.refused(lead, "qualified", "Olga", rev=0)

    async def test_two_at_once_are_one_move(self, sales: Sales) -> None:
        lead = await sales.lead()
        both = (sales.move(lead, "working", rev=0, who=sales.olga), sales.move(lead, "nurturing", rev=0))
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(one) for one in done if one is not None) == [Conflict]
        assert len(await sales.history(lead)) == 1

    async def test_reopening_one_whose_customer_has_another_by_now(self, sales: Sales) -> None:
        conversation = await sales.customers.one()
        first = await sales.lead({"adults": 8}, conversation)
        await sales.move(first, "disqualified", why="No answer")
        await sales.lead({"adults": 9}, conversation)
        await sales.refused(first, "working", "a lead of its own")
        with pytest.raises(Conflict, match="a lead of its own"):
            await sales.take_back(first)


class TestMoved:
    async def test_is_told_in_the_history_and_in_the_trail(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working")
        await sales.move(lead, "disqualified", why="Too far  away")
        row = await sales.row(lead)
        assert (row.status, row.rev, row.why_disqualified) == ("disqualified", 2, "Too far away")
        told = [(who, said["from"], said["to"], said.get("why")) for _, who, said in await sales.history(lead)]
        assert told == [(sales.dana.id, "new", "working", None), (sales.dana.id, "working", "disqualified", "Too far away")]
        assert await sales.trail(lead) == [
            ("lead.moved", {"from": "new", "to": "working"}),
            ("lead.moved", {"from": "working", "to": "disqualified"}),
        ]

    async def test_again_is_the_same(self, sales: Sales) -> None:
        lead = await sales.lead()
        for _ in range(3):
            await sales.move(lead, "working", rev=0)
        assert (await sales.row(lead)).rev == 1 and len(await sales.history(lead)) == 1

    async def test_opened_again_has_no_reason_any_more(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "disqualified", why="No answer")
        await sales.move(lead, "working")
        assert (await sales.row(lead)).why_disqualified is None

    async def test_stays_where_people_put_it_whatever_is_heard(self, sales: Sales) -> None:
        conversation = await sales.customers.one()
        lead = await sales.lead({"adults": 8}, conversation)
        await sales.move(lead, "nurturing")
        assert await sales.lead(party(), conversation) == lead
        row = await sales.row(lead)
        assert (row.status, row.rev, row.facts["adults"]) == ("nurturing", 1, 30)
        await sales.move(lead, "working", rev=1)  # what the assistant kept meanwhile is nobody's move


class TestTakenBack:
    async def test_as_if_it_never_was_but_for_the_history(self, sales: Sales) -> None:
        lead = await sales.lead()
        before = await sales.row(lead)
        await sales.move(lead, "disqualified", why="No answer")
        await sales.take_back(lead)
        row = await sales.row(lead)
        assert (row.status, row.status_since, row.why_disqualified) == ("new", before.status_since, None)
        assert [said.get("taken_back") for _, _, said in await sales.history(lead)] == [None, True]
        assert (await sales.trail(lead))[-1] == ("lead.taken_back", {"from": "disqualified", "to": "new"})

    async def test_once_and_ones_own_alone(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working")
        await self._refused(sales, lead, sales.olga)
        await sales.take_back(lead)
        await self._refused(sales, lead, sales.dana)

    async def test_not_after_a_while(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working")
        async with sales.database.transaction() as connection:
            await connection.execute(
                sa.update(LeadEvent).values(at=sa.func.clock_timestamp() - moving.TAKEN_BACK_WITHIN - timedelta(seconds=1))
            )
        await self._refused(sales, lead, sales.dana)

    async def test_not_what_somebody_built_on(self, sales: Sales) -> None:
        lead = await sales.lead()
        await sales.move(lead, "working", rev=0)
        await sales.database.unit(lambda c: moving.assign(c, lead, sales.olga, sales.olga.id, 1))
        with pytest.raises(Conflict, match="Olga changed"):
            await sales.database.unit(lambda c: moving.take_back(c, lead, sales.dana, 1))

    @staticmethod
    async def _refused(sales: Sales, lead: UUID, who: Actor) -> None:
        with pytest.raises(Conflict, match="no move of yours"):
            await sales.take_back(lead, who)


class TestAssignedAndNoted:
    async def test_whose_it_is(self, sales: Sales) -> None:
        lead = await sales.lead()
        for rev, whose in enumerate((sales.olga.id, sales.dana.id, None)):
            await sales.database.unit(lambda c, r=rev, w=whose: moving.assign(c, lead, sales.dana, w, r))  # type: ignore[misc]
        row = await sales.row(lead)
        assert (row.assignee_id, row.rev, row.status) == (None, 3, "new")
        assert [said["name"] for _, _, said in await sales.history(lead)] == ["Olga", "Dana", None]

    async def test_not_somebody_who_does_not_work_here(self, sales: Sales) -> None:
        lead = await sales.lead()
        gone = (await hired(sales.database, "gone@hibachi.fun", "Gone", "agent")).id
        async with sales.database.transaction() as connection:
            await connection.execute(sa.update(Staff).where(Staff.id == gone).values(disabled_at=sa.func.now()))
        for whom in (uuid4(), gone):
            with pytest.raises(NotFound):
                await sales.database.unit(lambda c, w=whom: moving.assign(c, lead, sales.dana, w, 0))  # type: ignore[misc]

    async def test_a_note_is_once_and_in_nobodys_way(self, sales: Sales) -> None:
        lead, other, id = await sales.lead(), await sales.lead(), uuid4()
        for _ in range(2):
            await sales.database.unit(lambda c: moving.note(c, lead, sales.dana, id, "Called: will think about it"))
        assert [said for _, _, said in await sales.history(lead)] == [{"text": "Called: will think about it"}]
        assert (await sales.trail(lead)) == [("lead.noted", {})]
        with pytest.raises(Conflict, match="already used"):
            await sales.database.unit(lambda c: moving.note(c, other, sales.dana, id, "Called"))
        await sales.move(lead, "working", rev=0)


async def test_twenty_people_at_once_leave_one_history(sales: Sales) -> None:
    """Whoever wins, each change was made by somebody who saw the one before."""
    lead = await sales.lead()

    async def someone(number: int) -> bool:
        who, to = (sales.dana, sales.olga)[number % 2], ("working", "qualified", "nurturing")[number % 3]
        try:
            await sales.move(lead, to, who=who)
        except GatewayError:
            return False
        return True

    await asyncio.gather(*(someone(number) for number in range(20)))
    told = [said for _, _, said in await sales.history(lead)]
    assert (await sales.row(lead)).rev == len(told)
    assert all(one["to"] == after["from"] for one, after in pairwise(told))
    async with sales.database.transaction() as connection:
        assert await connection.scalar(sa.select(Lead.status).where(Lead.id == lead)) == told[-1]["to"]
