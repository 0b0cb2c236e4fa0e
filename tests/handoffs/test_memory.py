"""What a turn leaves for the next: kept with the reply that the customer has read whole, and with no other."""

from typing import Any

import pytest
import sqlalchemy as sa

from agents.events import TurnFinished
from agents.turn import TurnRequest
from business.conversations.said import HISTORY_MESSAGES, Spoken, for_turn
from gateway.turns.memory import storable
from kernel.clock import utc_now
from kernel.ids import new_id
from kernel.tables.ai import ChatMessage, ChatSession, Turn
from tests.chaos.turns import until
from tests.handoffs.conftest import Scene


def end(**memory: Any) -> TurnFinished:
    return TurnFinished("scripted", memory=memory)


def request(scene: Scene, number: int = -1) -> TurnRequest:
    return scene.first.script.requests[number]


def said(turn: TurnRequest) -> list[str]:
    """What of the customer's words the agents read as new."""
    return [line.text for line in turn.history if line.author == "customer" and line.seq > turn.memory_seq]


async def kept(scene: Scene) -> tuple[dict[str, Any], int]:
    row = await scene.row()
    return row.memory, row.memory_seq


class TestKept:
    async def test_with_the_reply_and_given_to_the_next_turn(self, scene: Scene) -> None:
        await scene.answers("For when?", text="8 adults", adults=8)
        assert await kept(scene) == ({"adults": 8}, 1)
        await scene.says("Saturday")
        asked = request(scene)
        assert (asked.memory, asked.memory_seq, said(asked)) == ({"adults": 8}, 1, ["Saturday"])
        assert asked.customer == scene.room.visitor.customer and asked.answers == (asked.history[-1].seq,)
        scene.gives("Fine.", end(adults=8, day="Saturday"))
        await scene.done()
        assert await kept(scene) == ({"adults": 8, "day": "Saturday"}, asked.answers[0])

    async def test_none_leaves_what_is_there(self, scene: Scene) -> None:
        await scene.answers("For when?", text="8 adults", adults=8)
        await scene.answers("No memory of that.", text="Saturday")
        assert await kept(scene) == ({"adults": 8}, 1)
        await scene.says("well?")
        assert said(request(scene)) == ["Saturday", "well?"]
        scene.gives("Yes.", end())
        await scene.done()
        assert (await kept(scene))[0] == {}

    async def test_covers_what_the_turn_answered_and_nothing_later(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives("For ")
        await scene.has_shown(4)
        await scene.room.say(scene.first, "and 2 children")  # another turn's
        scene.gives("when?", end(adults=8))
        assert await until(lambda: len(scene.first.script.replies) == 2)
        second = request(scene)
        assert said(second) == ["and 2 children"] and second.memory == {"adults": 8}
        assert [line.author for line in second.history] == ["customer", "ai", "customer"], "it ends with what it answers"
        scene.gives("Noted.", end(adults=8, children=2))
        await scene.done()
        assert (await kept(scene))[1] == second.answers[-1]

    async def test_of_a_turn_that_saw_more_before_it_showed_anything(self, scene: Scene) -> None:
        await scene.says("8 adults")
        await scene.says("no, 9")
        asked = request(scene)
        assert said(asked) == ["8 adults", "no, 9"] and len(asked.answers) == 2
        scene.gives("Nine.", end(adults=9))
        await scene.done()
        assert await kept(scene) == ({"adults": 9}, asked.answers[-1])

    async def test_of_a_reply_that_started_again(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives("It costs ", scene.first.script.RESTART, "For when?", end(adults=8))
        await scene.done()
        assert await kept(scene) == ({"adults": 8}, 1)


class TestNotKept:
    async def test_of_a_reply_that_the_customer_stopped(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives("Let me ")
        await scene.has_shown(7)
        await scene.room.stop(scene.first)
        scene.gives(end(adults=8))
        await scene.done()
        assert await kept(scene) == ({}, 0)
        await scene.says("Saturday")
        assert said(request(scene)) == ["8 adults", "Saturday"]
        assert request(scene).answers == (request(scene).history[-1].seq,)
        scene.gives("Fine.", None)
        await scene.done()

    async def test_of_a_reply_that_was_taken_over(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives("Let me ")
        await scene.has_shown(7)
        await scene.taken()
        scene.gives(end(adults=8))
        await scene.done()
        assert await kept(scene) == ({}, 0)

    async def test_of_a_turn_that_another_one_replaced(self, scene: Scene) -> None:
        await scene.says("8 adults")
        old = scene.first.script.replies[0]
        await scene.says("no, 9")
        old.put_nowait(end(adults=8))
        scene.gives("Nine.", None)
        await scene.done()
        assert await kept(scene) == ({}, 0)

    async def test_of_a_gateway_that_is_gone(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives("Let me ")
        await scene.has_shown(7)
        await scene.first.die()
        second = scene.process()
        async with scene.database.transaction() as connection:
            await connection.execute(sa.update(Turn).where(Turn.state == "running").values(lease_until=sa.func.clock_timestamp()))
        assert await until(lambda: second.script.replies)
        assert said(second.script.requests[0]) == ["8 adults"]
        scene.gives("Eight.", end(adults=8), process=second)
        await scene.done()
        assert await kept(scene) == ({"adults": 8}, 1)

    async def test_of_a_turn_without_a_word(self, scene: Scene) -> None:
        await scene.says("8 adults")
        scene.gives(end(adults=8))
        await scene.done()
        assert await kept(scene) == ({}, 0)

    @pytest.mark.parametrize(
        "memory",
        [{"half": "\ud83d"}, {"nul": "\x00"}, {"thing": object()}, {"long": "x" * 70_000}, {1: "no name"}],
        ids=["half", "nul", "thing", "long", "name"],
    )
    async def test_what_postgresql_cannot_keep_costs_no_reply(self, scene: Scene, memory: dict[Any, Any]) -> None:
        assert storable(memory) is None
        await scene.says()
        scene.gives("A reply.", TurnFinished("scripted", memory=memory))
        await scene.done()
        assert await kept(scene) == ({}, 0) and (await scene.story())[-1] == "reply_finished:complete"


class TestHistory:
    async def test_holds_every_message_that_no_memory_covers(self, scene: Scene) -> None:
        await scene.answers("Hello.", text="first", seen=True)
        async with scene.database.transaction() as connection:  # a long talk with a person
            rows = [_message(scene, seq, "customer" if seq % 2 else "human") for seq in range(10, 10 + 3 * HISTORY_MESSAGES)]
            await connection.execute(sa.insert(ChatMessage), rows)
            await connection.execute(sa.update(ChatSession).values(last_seq=500, claimed_seq=500))
        await scene.says("and now?")
        asked = request(scene)
        assert [text for text in said(asked) if text != "and now?"] == [f"line {row['seq']}" for row in rows if row["seq"] % 2]
        assert sum(line.author == "human" for line in asked.history) < HISTORY_MESSAGES
        assert [line.seq for line in asked.history] == sorted(line.seq for line in asked.history)
        scene.gives("Yes.", end(seen=True))
        await scene.done()
        await scene.says("and?")
        assert said(request(scene)) == ["and?"] and len(request(scene).history) <= HISTORY_MESSAGES + 1
        scene.gives(None)
        await scene.done()

    def test_a_reply_that_came_later_stands_before_what_is_answered(self) -> None:
        lines = [
            Spoken(author, author, utc_now(), seq) for seq, author in enumerate(("customer", "customer", "ai", "system", "customer"), 1)
        ]
        assert [line.seq for line in for_turn(lines, (2,))] == [1, 3, 2, 4]
        assert [line.seq for line in for_turn(lines, (5,))] == [1, 2, 3, 4, 5]
        assert [line.seq for line in for_turn(lines, (2, 5))] == [1, 3, 2, 4, 5]


def _message(scene: Scene, seq: int, author: str) -> dict[str, Any]:
    ids = {"id": new_id(), "conversation_id": scene.room.id, "seq": seq}
    return {**ids, "author_kind": author, "author_name": author, "text": f"line {seq}", "format": "plain"}
