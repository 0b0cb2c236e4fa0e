"""A handoff is opened once for each conversation and kind: what comes later adds to it, and takes nothing away."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
import sqlalchemy as sa

from business.handoffs import lines, ownership
from business.handoffs.opening import open_for
from business.handoffs.queries import handoff_row, page
from business.webhooks import endpoints
from kernel.errors import NotFound
from kernel.tables.ops import Handoff, Outbox, WebhookDelivery
from tests.handoffs.conftest import PROFILE, Scene, wanted

CLOSED = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)  # two in the morning in California
OPEN = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


@pytest.fixture
async def talk(scene: Scene) -> Scene:
    """A conversation in which no reply is being written."""
    await scene.answers("Hello.")
    return scene


class TestOnce:
    async def test_a_second_call_adds_facts_and_urgency(self, talk: Scene) -> None:
        first = await talk.open(kind="complaint", urgency="low", summary="The chef was late", facts={"late": 15}, tried="apologised")
        again = await talk.open(kind="complaint", urgency="high", summary="The food was cold", facts={"dish": "shrimp"})
        assert (first.handoff, first.new, again.handoff, again.new) == (again.handoff, True, first.handoff, False)
        (handoff,) = await talk.handoffs()
        assert handoff.facts == {"late": 15, "dish": "shrimp"}
        assert (handoff.urgency, handoff.summary, handoff.tried, handoff.rev) == ("high", "The food was cold", "apologised", 2)
        story = [(kind, payload["urgency"], payload.get("updated")) for kind, payload in await talk.staff_story()]
        assert story == [("handoff", "low", None), ("handoff", "high", True)]
        assert await talk.effects() == [f"handoff:{first.handoff}", f"handoff:{first.handoff}:high"]
        assert (await talk.row()).risk == "high"

    async def test_and_never_takes_any_away(self, talk: Scene) -> None:
        await talk.open(kind="complaint", urgency="severe", summary="Sick after the party", facts={"sick": 2}, suggested_reply="We care.")
        before = (await talk.handoffs())[0]
        await talk.open(kind="complaint", urgency="low", summary="A sauce was missing", facts={"sauce": "ginger"}, tried="nothing")
        (after,) = await talk.handoffs()
        same = ("urgency", "summary", "due_at", "tried", "suggested_reply")
        assert [getattr(after, column) for column in same] == [getattr(before, column) for column in same]
        assert after.facts == {"sick": 2, "sauce": "ginger"} and after.rev == 2
        assert len(await talk.effects()) == 1, "staff have heard of what is severe"

    async def test_nothing_new_is_nothing(self, talk: Scene) -> None:
        for _ in range(3):
            await talk.open(kind="booking", summary="A hold of 60 guests", facts={"guests": 60})
        (handoff,) = await talk.handoffs()
        assert handoff.rev == 1 and len(await talk.staff_story()) == 1 and len(await talk.effects()) == 1

    async def test_two_tools_at_the_same_moment(self, talk: Scene) -> None:
        calls = [talk.open(kind="booking", summary=f"Call {n}", facts={str(n): n}) for n in range(8)]
        opened = await asyncio.gather(*calls)
        (handoff,) = await talk.handoffs()
        assert [one.handoff for one in opened] == [handoff.id] * 8 and sum(one.new for one in opened) == 1
        assert handoff.facts == {str(n): n for n in range(8)} and handoff.rev == 8
        assert await talk.effects() == [f"handoff:{handoff.id}"]

    async def test_the_kinds_are_apart(self, talk: Scene) -> None:
        for kind in ("booking", "complaint", "human", "lead", "payment"):
            await talk.open(kind=kind)
        assert sorted(handoff.kind for handoff in await talk.handoffs()) == ["booking", "complaint", "human", "lead", "payment"]

    async def test_a_settled_one_is_not_opened_again_but_a_new_one_is(self, talk: Scene) -> None:
        first = await talk.open(kind="payment")
        await talk.database.unit(lambda c: ownership.resolve_handoff(c, first.handoff, talk.room.staff, None))
        second = await talk.open(kind="payment")
        assert second.new and second.handoff != first.handoff

    async def test_a_claimed_one_is_told_to_who_has_it(self, talk: Scene) -> None:
        first = await talk.open(kind="complaint", urgency="normal")
        await talk.database.unit(lambda c: ownership.claim_handoff(c, first.handoff, talk.room.staff))
        await talk.open(kind="complaint", urgency="high", summary="And now a refund")
        (handoff,) = await talk.handoffs()
        assert (handoff.state, handoff.claimed_name, handoff.urgency) == ("claimed", "Dana", "high")
        async with talk.database.transaction() as connection:
            query = sa.select(Outbox.payload["staff"].astext).where(Outbox.key == f"handoff:{first.handoff}:high")
            assert await connection.scalar(query) == str(talk.room.staff.id)

    async def test_receivers_of_webhooks_hear_of_it_once(self, talk: Scene) -> None:
        async with talk.database.transaction() as connection:
            await connection.execute(
                sa.insert(endpoints.WebhookEndpoint).values(id=uuid4(), url="https://a.example", events=["handoff.opened"], secret="s")
            )
        await talk.open(kind="lead", facts={"guests": 8})
        await talk.open(kind="lead", facts={"guests": 10})
        async with talk.database.transaction() as connection:
            assert list(await connection.scalars(sa.select(WebhookDelivery.type))) == ["handoff.opened"]

    async def test_a_conversation_that_is_none(self, talk: Scene) -> None:
        with pytest.raises(NotFound):
            await talk.database.unit(lambda c: open_for(c, uuid4(), turn=None, **wanted()))


class TestDue:
    async def test_by_the_hours_in_which_people_answer(self, talk: Scene) -> None:
        await talk.open(kind="booking", now=CLOSED)
        await talk.open(kind="payment", now=OPEN)
        night, day = await talk.handoffs()
        assert night.due_at == lines.due_at(PROFILE, CLOSED) > CLOSED + timedelta(hours=5)
        assert day.due_at == OPEN + timedelta(minutes=PROFILE.people.due_minutes)

    async def test_severe_at_once(self, talk: Scene) -> None:
        opened = await talk.open(kind="complaint", urgency="severe", now=CLOSED)
        (handoff,) = await talk.handoffs()
        assert handoff.due_at == CLOSED and opened.expected_minutes is not None and opened.expected_minutes > 60

    async def test_what_becomes_severe_is_due_at_once_too(self, talk: Scene) -> None:
        await talk.open(kind="complaint", urgency="normal", now=CLOSED)
        await talk.open(kind="complaint", urgency="severe", now=CLOSED)
        assert (await talk.handoffs())[0].due_at == CLOSED

    async def test_whoever_waits_for_an_overdue_one_is_promised_a_time_of_their_own(self, talk: Scene) -> None:
        """Staff were told of a discount and of its being overdue; only now does the customer ask for somebody."""
        await talk.open(kind="human", summary="Wants a discount", now=OPEN)
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(Handoff).values(alerted_at=OPEN))
        later = OPEN + timedelta(hours=2)
        await talk.says("then let me talk to somebody")
        talk.gives(talk.call(kind="human", hand_over=True, now=later), "Of course.", None)
        await talk.done()
        (handoff,) = await talk.handoffs()
        assert handoff.alerted_at is None and handoff.due_at == later + timedelta(minutes=PROFILE.people.due_minutes)
        assert len(await talk.effects()) == 2 and (await talk.row()).owner == "queue"

    async def test_nor_does_the_button_find_a_time_that_is_over(self, talk: Scene) -> None:
        await talk.open(kind="human", summary="Wants a discount", now=OPEN)
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(Handoff).values(alerted_at=OPEN))
        due = OPEN + timedelta(hours=2)
        for _ in range(2):
            await talk.database.unit(
                lambda c: ownership.ask_for_human(
                    c, talk.room.id, reason=None, due_at=due, minutes=5, line="A person comes.", summary="Asked", business="B"
                )
            )
        (handoff,) = await talk.handoffs()
        assert (handoff.alerted_at, handoff.due_at, handoff.rev) == (None, due, 2)

    async def test_a_given_time_counts(self, talk: Scene) -> None:
        due = OPEN + timedelta(hours=3)
        await talk.open(kind="lead", due_at=due)
        assert (await talk.handoffs())[0].due_at == due


class TestWhatModelsMakeUp:
    async def test_nothing_that_a_database_or_a_frame_does_not_bear(self, talk: Scene) -> None:
        facts = {"a\x00b": ["\ud83d half", {"deep": "x" * 9000}], "n": 1, "none": None}
        await talk.open(kind="human", summary="long " * 500, facts=facts, tried="\x00", suggested_reply="y" * 9000)
        (handoff,) = await talk.handoffs()
        assert handoff.facts == {"ab": [" half", {"deep": "x" * 1000}], "n": 1, "none": None}
        assert len(handoff.summary) == 300 and len(handoff.suggested_reply) == 1000 and handoff.tried == ""

    async def test_a_page_of_them_fits_a_frame_and_none_is_passed_over(self, talk: Scene) -> None:
        async with talk.database.transaction() as connection:
            facts = {str(n): "z" * 900 for n in range(6)}
            rows = [
                {
                    "id": uuid4(),
                    "conversation_id": uuid4(),
                    "kind": "lead",
                    "urgency": "low",
                    "summary": "s",
                    "facts": facts,
                    "due_at": OPEN,
                }
                for _ in range(60)
            ]
            await connection.execute(sa.insert(Handoff), rows)
        seen: list[Any] = []
        offset: int | None = 0
        while offset is not None:
            async with talk.database.transaction() as connection:
                found, offset = await page(connection, "open", "lead", offset)
            assert 0 < len(orjson.dumps(found)) < 60 * 1024
            seen += [row["id"] for row in found]
        assert len(seen) == len(set(seen)) == 60

    async def test_what_nobody_said_is_left_out_of_the_row(self, talk: Scene) -> None:
        await talk.open(kind="human", summary="Asked")
        await talk.open(kind="booking", facts={"guests": 60}, tried="offered dates", suggested_reply="Shall we call?")
        plain, rich = [handoff_row(row) for row in await talk.handoffs()]
        fixed = {"id", "rev", "kind", "state", "conversation", "summary", "urgency", "due_at", "claimed_by"}
        assert set(plain) == fixed and set(rich) == fixed | {"facts", "tried", "suggested_reply"}
