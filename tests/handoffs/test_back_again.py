"""After people gave a conversation back, the words that called them call nobody again; new words do."""

from uuid import uuid4

from agents.events import TurnFinished
from business.conversations import staffing
from tests.chaos.turns import until
from tests.handoffs.conftest import Scene
from tests.handoffs.test_memory import request, said

WISH = "I want to talk to a person"


async def handed_over(scene: Scene, *, memory: bool = True) -> None:
    """The wish was answered, and the customer waits."""
    await scene.says(WISH)
    scene.gives(scene.call(hand_over=True), "Of course.", TurnFinished("scripted", memory={"asked": True} if memory else None))
    await scene.done()
    assert (await scene.row()).owner == "queue"


class TestGivenBack:
    async def test_old_words_are_not_read_again(self, scene: Scene) -> None:
        await handed_over(scene)
        await scene.taken()
        await scene.room.say(scene.first, "the last chef was rude, I want a refund")  # to Dana, who is there
        await _dana_says(scene, "We have agreed on that.")
        await scene.given_back()
        await scene.done()
        await scene.says("thanks! what is on the menu?")
        asked = request(scene)
        assert said(asked) == ["thanks! what is on the menu?"]
        markers = [line.text for line in asked.history if line.author == "system" and "assistant" in line.text]
        assert len(markers) == 3 and markers[1].startswith("Dana took over") and markers[2].startswith("Dana gave the conversation back")
        scene.gives("Shrimp.", None)
        await scene.done()
        assert [handoff.state for handoff in await scene.handoffs()] == ["resolved"] and (await scene.row()).owner == "ai"

    async def test_nor_where_the_turn_that_called_was_cut(self, scene: Scene) -> None:
        await scene.says(WISH)
        scene.gives(scene.call(hand_over=True), "Of ")
        await scene.has_shown(3)
        await scene.taken()
        await scene.given_back()
        await scene.says("so what does it cost?")
        assert said(request(scene)) == ["so what does it cost?"]
        scene.gives("It costs.", None)
        await scene.done()

    async def test_the_last_word_is_answered_and_calls_nobody_again(self, scene: Scene) -> None:
        """Said in the queue, answered after Dana gave back: agents that call a person for it again open nothing."""
        await handed_over(scene)
        await scene.room.say(scene.first, "hello? a real person please")
        before = len(scene.first.script.replies)
        await scene.taken()
        await scene.given_back()
        assert await until(lambda: len(scene.first.script.replies) > before)
        scene.gives(scene.call(hand_over=True), "I can help, too.", None)
        await scene.done()
        assert scene.opened[-1].settled and not scene.opened[-1].new
        assert (await scene.row()).owner == "ai" and [handoff.state for handoff in await scene.handoffs()] == ["resolved"]

    async def test_new_words_call_again(self, scene: Scene) -> None:
        await handed_over(scene)
        await scene.taken()
        await scene.given_back()
        await scene.says("get me Dana again")
        scene.gives(scene.call(hand_over=True), "Of course.", None)
        await scene.done()
        assert (await scene.row()).owner == "queue" and [one.state for one in await scene.handoffs()] == ["resolved", "open"]


class TestBackToTheAssistant:
    async def test_the_wish_is_withdrawn_and_calls_nobody_again(self, scene: Scene) -> None:
        await handed_over(scene, memory=False)
        await scene.back_to_assistant()
        await scene.done()
        assert [one.state for one in await scene.handoffs()] == ["withdrawn"]
        await scene.says("what does it cost?")
        assert said(request(scene)) == ["what does it cost?"]
        scene.gives("It costs.", None)
        await scene.done()

    async def test_from_impatience_in_the_queue(self, scene: Scene) -> None:
        await handed_over(scene)
        await scene.room.say(scene.first, "nobody there? I said a person!")
        before = len(scene.first.script.replies)
        await scene.back_to_assistant()
        assert await until(lambda: len(scene.first.script.replies) > before)
        scene.gives(scene.call(hand_over=True), "I am here.", None)
        await scene.done()
        assert (await scene.row()).owner == "ai" and len(await scene.handoffs()) == 1

    async def test_a_complaint_is_still_the_staff_s(self, scene: Scene) -> None:
        await scene.says("the food made us sick")
        scene.gives(scene.call(kind="complaint", urgency="severe", hand_over=True), "I am so sorry.", None)
        await scene.done()
        await scene.back_to_assistant()
        await scene.done()
        assert [(one.kind, one.state) for one in await scene.handoffs()] == [("complaint", "open")]

    async def test_who_takes_it_has_the_complaint_too(self, scene: Scene) -> None:
        await scene.says("the food was cold")
        scene.gives(scene.call(kind="complaint", hand_over=True), "I am sorry.", None)
        await scene.done()
        await scene.taken()
        assert [(one.state, one.claimed_name) for one in await scene.handoffs()] == [("claimed", "Dana")]


async def _dana_says(scene: Scene, text: str) -> None:
    epoch = (await scene.row()).epoch
    dana = scene.room.staff
    await scene.database.unit(lambda c: staffing.say(c, scene.room.id, dana.id, dana.name, client_id=uuid4(), text=text, epoch=epoch))
