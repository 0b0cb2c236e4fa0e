"""A turn that called a person hands over when it ends, however it ends, and never where somebody was quicker."""

import pytest
import sqlalchemy as sa

from business.handoffs import lines, ownership
from business.handoffs.expected import Waits
from kernel.clock import utc_now
from kernel.tables.ai import Turn
from tests.chaos.turns import until
from tests.handoffs.conftest import PROFILE, Scene

NOBODY_KNOWS = Waits(unreachable=True)  # how to reach these customers
HANDED = ["owner:queue", "message:system"]


class TestComplete:
    async def test_the_acknowledgement_is_read_first_and_nothing_of_the_ai_follows(self, scene: Scene) -> None:
        await scene.says("I want to talk to a person")
        scene.gives(scene.call(hand_over=True))
        await scene.until(lambda c: c.scalar(sa.select(Turn.hand_over)), lambda handoff: handoff is not None)
        assert (await scene.row()).owner == "ai", "not before the reply is whole"
        scene.gives("Of course. ", "A person will join you.", None)
        await scene.done()
        assert await scene.story() == ["message:customer", "reply_started", "message:ai", "reply_finished:complete", *HANDED]
        row = await scene.row()
        assert row.owner == "queue" and row.waiting_since is not None and row.epoch == 1
        assert await scene.line() == lines.waiting(PROFILE, utc_now(), "en", NOBODY_KNOWS)[0]
        (handoff,) = await scene.handoffs()
        assert handoff.state == "open" and len(await scene.effects()) == 1

    async def test_in_the_queue_a_message_is_answered_by_nobody(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Yes.")
        await scene.has_shown(4)
        await scene.room.say(scene.first)  # while the reply is being written
        scene.gives(None)
        await scene.done()
        await scene.room.say(scene.first)
        await scene.done()
        assert (await scene.story()).count("reply_started") == 1

    async def test_in_the_language_that_was_heard(self, scene: Scene) -> None:
        await scene.says("quiero hablar con una persona")
        scene.gives(scene.call(hand_over=True, locale="es"), "Claro.", None)
        await scene.done()
        assert await scene.line() == lines.waiting(PROFILE, utc_now(), "es", NOBODY_KNOWS)[0]

    async def test_a_reply_without_a_word_hands_over_too(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), None)
        await scene.done()
        assert (await scene.story())[-3:] == ["reply_finished:failed", *HANDED]

    @pytest.mark.parametrize("kind", ["booking", "complaint", "human", "lead", "payment"])
    async def test_else_staff_are_told_and_the_assistant_goes_on(self, scene: Scene, kind: str) -> None:
        await scene.says()
        scene.gives(scene.call(kind=kind), "Noted.", None)
        await scene.done()
        await scene.answers("Still here.")
        assert (await scene.row()).owner == "ai" and (await scene.story()).count("reply_finished:complete") == 2
        assert [handoff.kind for handoff in await scene.handoffs()] == [kind]

    async def test_announced_while_the_reply_is_written(self, scene: Scene) -> None:
        told: list[object] = []
        scene.first.runner._outlet.written = lambda written: _kept(told, written)  # type: ignore[method-assign]
        await scene.says()
        scene.gives(scene.call(kind="complaint", urgency="severe", hand_over=True))
        assert await until(lambda: told)
        opened = scene.opened[0]
        assert [(one.handoff, one.effects) for one in told] == [(opened.handoff, opened.effects)]  # type: ignore[attr-defined]
        scene.gives("I am so sorry.", None)
        await scene.done()


async def _kept(told: list[object], written: object) -> None:
    told.append(written)


class TestCut:
    async def test_stopped_by_the_customer(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        await scene.room.stop(scene.first)
        await scene.done()
        assert (await scene.story())[-4:] == ["message:ai", "reply_finished:stopped", *HANDED]

    async def test_taken_over_meanwhile(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        await scene.taken()
        await scene.done()
        assert (await scene.story())[-3:] == ["owner:human", "message:ai", "reply_finished:taken_over"]
        (handoff,) = await scene.handoffs()
        assert (handoff.state, handoff.claimed_name) == ("claimed", "Dana") and (await scene.row()).owner == "human"

    async def test_taken_and_given_back_before_it_ended(self, scene: Scene) -> None:
        """A complaint is not settled by that; but a person was there, so nobody waits in the queue."""
        await scene.says()
        scene.gives(scene.call(kind="complaint", hand_over=True), "Let me ")
        await scene.has_shown(7)
        moved = await scene.database.unit(lambda c: ownership.take(c, scene.room.id, scene.room.staff))
        await scene.database.unit(lambda c: ownership.give_back(c, scene.room.id, scene.room.staff, epoch=moved.epoch, note=None))
        assert moved.cut is not None
        await scene.first.runner.cutter.cut(scene.room.id, moved.cut.turn, moved.cut.home, "taken_over")
        assert (await scene.row()).owner == "ai" and "owner:queue" not in await scene.story()

    async def test_the_customer_presses_the_button_meanwhile(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        moved = await scene.database.unit(
            lambda c: ownership.ask_for_human(
                c, scene.room.id, reason=None, due_at=utc_now(), minutes=5, line="A person comes.", summary="Asked", business="B"
            )
        )
        assert moved.cut is not None
        await scene.first.runner.cutter.cut(scene.room.id, moved.cut.turn, moved.cut.home, "taken_over")
        assert (await scene.story()).count("owner:queue") == 1 and await scene.line() == "A person comes."
        assert len(await scene.handoffs()) == 1 and len(await scene.effects()) == 1, "staff hear of it once"

    async def test_resolved_meanwhile(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(kind="complaint", hand_over=True), "Let me ")
        await scene.has_shown(7)
        moved = await scene.database.unit(lambda c: ownership.resolve(c, scene.room.id, scene.room.staff, epoch=0))
        assert moved.cut is not None
        await scene.first.runner.cutter.cut(scene.room.id, moved.cut.turn, moved.cut.home, "stopped")
        row = await scene.row()
        assert (row.owner, row.state) == ("ai", "closed")

    async def test_settled_meanwhile_by_somebody_else(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(kind="complaint", hand_over=True), "Let me ")
        await scene.has_shown(7)
        handoff = scene.opened[0].handoff
        await scene.database.unit(lambda c: ownership.resolve_handoff(c, handoff, scene.room.staff, "called her"))
        scene.gives(None)
        await scene.done()
        assert (await scene.row()).owner == "ai"

    async def test_claimed_meanwhile_it_waits_for_who_claimed_it(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(kind="complaint", hand_over=True), "Let me ")
        await scene.has_shown(7)
        handoff = scene.opened[0].handoff
        await scene.database.unit(lambda c: ownership.claim_handoff(c, handoff, scene.room.staff))
        scene.gives(None)
        await scene.done()
        row = await scene.row()
        assert (row.owner, row.assignee_id) == ("queue", scene.room.staff.id)


class TestBroken:
    async def test_agents_that_raise(self, scene: Scene) -> None:
        async def broken(request: object) -> None:
            raise RuntimeError("a fault of ours")

        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        scene.gives(broken)
        await scene.done()
        assert (await scene.story())[-3:] == ["reply_finished:failed", *HANDED]

    async def test_a_reply_that_starts_again(self, scene: Scene) -> None:
        await scene.says()
        scene.gives("It costs ", scene.call(hand_over=True))
        await scene.has_shown(9)
        scene.gives(scene.first.script.RESTART, scene.call(hand_over=True), "A person comes.", None)
        await scene.done()
        assert (await scene.story())[-4:] == ["message:ai", "reply_finished:complete", *HANDED]
        assert len(await scene.handoffs()) == 1 and [one.new for one in scene.opened] == [True, False]

    async def test_more_is_said_before_anything_is_shown(self, scene: Scene) -> None:
        await scene.says("a person, please")
        scene.gives(scene.call(hand_over=True))
        await scene.until(lambda c: c.scalar(sa.select(Turn.hand_over)), lambda handoff: handoff is not None)
        await scene.says("it is about my party")
        scene.gives("Yes.", None)
        await scene.done()
        assert (await scene.story())[-3:] == ["reply_finished:complete", *HANDED]

    async def test_the_gateway_is_killed_and_the_next_one_hands_over(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        await scene.first.die()
        second = scene.process()
        await _lease_runs_out(scene)
        assert await until(lambda: second.script.replies)
        scene.gives(scene.call(hand_over=True), "A person comes.", None, process=second)
        await scene.done()
        assert (await scene.story())[-4:] == ["message:ai", "reply_finished:complete", *HANDED]
        assert len(await scene.handoffs()) == 1 and len(await scene.effects()) == 1

    async def test_even_where_the_reply_may_not_start_again(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "Let me ")
        await scene.has_shown(7)
        await scene.first.die()
        async with scene.database.transaction() as connection:
            await connection.execute(sa.update(Turn).values(restarts=2))
        scene.process()
        await _lease_runs_out(scene)
        await scene.done()
        assert (await scene.story())[-3:] == ["reply_finished:failed", *HANDED]

    async def test_a_gateway_that_wakes_up_too_late_opens_nothing(self, scene: Scene) -> None:
        """It stood still with its tool half done; by then somebody else answers, or a person."""
        await scene.says()
        turn = scene.first.script.requests[0].turn
        scene.gives("Let me ")
        await scene.has_shown(7)
        await scene.taken()
        with pytest.raises(Exception, match="This reply is over"):
            await scene.open(turn, hand_over=True)
        await scene.given_back()
        await scene.says("and what does it cost?")
        with pytest.raises(Exception, match="This reply is over"):
            await scene.open(turn, hand_over=True)
        assert await scene.handoffs() == []

    async def test_a_full_reply_ends_as_its_agents_say(self, scene: Scene) -> None:
        await scene.says()
        scene.gives(scene.call(hand_over=True), "x" * 9000, "more", None)
        await scene.done()
        assert (await scene.row()).owner == "queue"
        async with scene.database.transaction() as connection:
            agents = list(await connection.scalars(sa.text("SELECT agent FROM ai.chat_message WHERE author_kind = 'ai'")))
        assert agents == ["conversational"]

    async def test_a_full_reply_of_agents_that_find_no_end(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.turns.runner.FULL_SECONDS", 0.2)
        await scene.says()
        scene.gives("x" * 9000, "and on ", "and on ")
        await scene.done()
        assert (await scene.story())[-2:] == ["message:ai", "reply_finished:complete"]
        assert scene.first.script.closed == 1, "the stream is closed"


async def _lease_runs_out(scene: Scene) -> None:
    async with scene.database.transaction() as connection:
        await connection.execute(sa.update(Turn).where(Turn.state == "running").values(lease_until=sa.func.clock_timestamp()))
