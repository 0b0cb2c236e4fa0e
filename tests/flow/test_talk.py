"""A customer talks: stored, answered word by word, shown once, to every tab."""

import asyncio
from uuid import uuid4

import pytest

from tests.rig.house import House
from tests.rig.inprocess import eventually


class TestTalk:
    async def test_a_message_is_acknowledged_and_answered_token_by_token(self, house: House) -> None:
        alice = await house.customer()
        ack = await alice.say("What do you cook at our house?")
        assert ack == {"ok": True, "seq": 1}
        end = await alice.finished()
        assert end["outcome"] == "complete"
        assert [alice.log.events[seq]["kind"] for seq in (1, 2, 3, 4)] == ["message", "reply_started", "message", "reply_finished"]
        assert alice.log.said_by("ai") == [house.calls_of("What do you cook at our house?")[0].plan]
        assert len(alice.others("delta")) > 5
        assert alice.log.tails[end["turn"]] == 0, "the last delta comes before the message"
        assert alice.log.gaps == 0

    async def test_ready_comes_first_and_stores_nothing(self, house: House) -> None:
        before = await house.rows("SELECT count(*) FROM core.customer")
        bob = await house.customer()
        (name, ready) = bob.seen[0]
        assert name == "ready"
        assert ready["head"] == 0 and ready["events"] == [] and ready["live"] is None and len(ready["token"]) > 20
        assert ready["business"]["name"]
        assert await house.rows("SELECT count(*) FROM core.customer") == before

    async def test_the_newcomers_token_is_good_at_the_other_gateway(self, house: House) -> None:
        alice = await house.customer(0)
        conversation = alice.log.conversation
        await alice.close()
        await alice.open(house.gateways[1].base)
        assert alice.log.conversation == conversation
        await alice.say("Am I still me?")
        await alice.finished()

    async def test_a_second_tab_at_another_gateway_sees_the_tokens_live(self, house: House) -> None:
        alice = await house.customer(0)
        await alice.say("First of two tabs")
        await alice.finished()
        tab = await house.again(alice, at=1)
        assert tab.log.said_by("ai") == alice.log.said_by("ai")
        await alice.say("Do both tabs stream?")
        await asyncio.gather(alice.finished(2), tab.finished(2))
        assert len(tab.others("delta")) > 5
        assert tab.log.tails == {tab.log.finished[1]["turn"]: 0, tab.log.finished[0]["turn"]: len(tab.log.said_by("ai")[0])}

    async def test_messages_during_a_reply_are_answered_together_by_the_next_turn(self, house: House) -> None:
        alice = await house.customer()
        await alice.say("Tell me about the grill")
        await alice.shown(10)
        second, third = await alice.say("and the rice"), await alice.say("and the sauce")
        await alice.finished(2)
        started = alice.log.of_kind("reply_started")
        assert [event["answers"] for event in started] == [[1], [second["seq"], third["seq"]]]

    async def test_before_the_first_token_a_turn_is_replaced_by_one_that_sees_all(self, house: House) -> None:
        alice = await house.customer(0)
        house.plan("words-10+delay-1500")
        await alice.say("Wait for it")
        await alice.until(lambda: alice.log.of_kind("reply_started"))
        await eventually(lambda: house.calls_of("Wait for it"), what="the provider was never asked")
        second = await alice.say("because I had more to say")
        await alice.finished()
        (restarted,) = alice.log.of_kind("restarted")
        assert restarted["answers"] == [1, second["seq"]]
        assert restarted["replaces"] == alice.log.of_kind("reply_started")[0]["turn"]
        assert len(alice.log.said_by("ai")) == 1
        assert house.calls_of("Wait for it")[0].end == "gone"

    async def test_a_second_message_by_the_other_gateway_replaces_too(self, house: House) -> None:
        alice = await house.customer(0)
        house.plan("words-10", "words-10+delay-1500")
        await alice.say("Hello first")
        await alice.finished()
        tab = await house.again(alice, at=1)
        await alice.say("Slow one")
        await tab.until(lambda: len(tab.log.of_kind("reply_started")) == 2)
        second = await tab.say("told elsewhere")
        await alice.finished(2)
        (restarted,) = alice.log.of_kind("restarted")
        assert restarted["answers"][-1] == second["seq"]

    async def test_busy_after_five_waiting(self, house: House) -> None:
        alice = await house.customer()
        house.plan("words-200+pace-30")
        await alice.say("Something long, please")
        await alice.shown(5)
        acks = [await alice.say(f"waiting number {n}") for n in range(6)]
        assert [ack["ok"] for ack in acks] == [True] * 5 + [False]
        assert acks[5]["error"]["code"] == "busy"
        await alice.finished(2)
        assert [len(event["answers"]) for event in alice.log.of_kind("reply_started")] == [1, 5]

    async def test_stop_ends_the_reply_where_it_is(self, house: House) -> None:
        alice = await house.customer()
        await alice.say("A long story please")
        await alice.shown(40)
        assert alice.log.live is not None
        turn = alice.log.live.turn
        ack = await alice.call("stop", {"turn": turn})
        assert ack["ok"] and ack["turn"] == turn and ack["to"] >= 40
        end = await alice.finished()
        assert end["outcome"] == "stopped"
        (message,) = [m for m in alice.log.messages if m["author"]["kind"] == "ai"]
        assert message["interrupted"] is True and len(message["text"]) == ack["to"]
        (call,) = house.calls_of("A long story please")
        assert (await house.provider.ended(call)).end == "gone"
        assert not (await alice.call("stop", {"turn": turn}))["ok"]

    async def test_stop_by_another_gateway(self, house: House) -> None:
        alice = await house.customer(0)
        await alice.say("Short")
        await alice.finished()
        tab = await house.again(alice, at=1)
        await alice.say("A long story for two")
        await tab.shown(30)
        assert tab.log.live is not None
        ack = await tab.call("stop", {"turn": tab.log.live.turn})
        assert ack["ok"]
        assert (await alice.finished(2))["outcome"] == "stopped"


class TestIds:
    async def test_the_same_id_again_is_the_same_message(self, house: House) -> None:
        alice = await house.customer()
        id = str(uuid4())
        acks = [await alice.say("only once", id) for _ in range(3)]
        assert acks[0]["ok"] and acks[1:] == acks[:1] * 2
        await alice.finished()
        assert alice.log.said_by("customer") == ["only once"]

    async def test_the_same_id_for_something_else_is_a_conflict(self, house: House) -> None:
        alice = await house.customer()
        id = str(uuid4())
        await alice.say("one thing", id)
        ack = await alice.say("another thing", id)
        assert ack["error"]["code"] == "conflict"
        await alice.finished()

    async def test_in_parallel_on_two_gateways_it_is_stored_once(self, house: House) -> None:
        alice = await house.customer(0)
        tab = await house.again(alice, at=1)
        for round in range(4):
            id = str(uuid4())
            acks = await asyncio.gather(*(client.say(f"racing {round}", id) for client in (alice, tab) for _ in range(3)))
            assert all(ack == acks[0] and ack["ok"] for ack in acks)
            await asyncio.gather(alice.finished(round + 1), tab.finished(round + 1))
        assert alice.log.said_by("customer") == [f"racing {n}" for n in range(4)]


class TestSnapshots:
    async def test_after_gives_what_came_since(self, house: House) -> None:
        alice = await house.customer()
        house.plan("words-3", "words-3")
        await alice.say("one")
        await alice.finished()
        held = alice.log.top
        await alice.cut()
        tab = await house.again(alice, at=1)
        await tab.say("two")
        await tab.finished(2)
        await alice.open(house.gateways[0].base)
        ready = alice.others("ready")[-1]
        assert "resync" not in ready and [event["seq"] for event in ready["events"]] == list(range((held or 0) + 1, ready["head"] + 1))
        assert alice.log.said_by("customer") == ["one", "two"]

    @pytest.mark.parametrize("wrong", [{"history": "another"}, {"after": 10_000}])
    async def test_a_foreign_position_is_answered_by_a_resync(self, house: House, wrong: dict[str, object]) -> None:
        alice = await house.customer()
        house.plan("words-3")
        await alice.say("one")
        await alice.finished()
        body = await alice.call("sync", {"history": alice.log.history, "after": alice.log.top, **wrong})
        assert body["resync"] is True and [event["seq"] for event in body["events"]] == [1, 2, 3, 4]

    async def test_a_long_log_comes_in_bounded_pieces(self, house: House) -> None:
        alice = await house.customer()
        handoff = await alice.call("human", {"id": str(uuid4())})
        assert handoff["ok"]
        text = "z" * 3900
        for n in range(10):
            assert (await alice.say(f"{n} {text}"))["ok"]
        for n in range(10, 18):
            await asyncio.sleep(0.06)  # the message bucket of these gateways gives twenty a second
            assert (await alice.say(f"{n} {text}"))["ok"]
        await alice.until(lambda: len(alice.log.said_by("customer")) == 18)
        first = await alice.call("sync", {"history": alice.log.history, "after": 0})
        assert first["more"] is True
        fresh = await house.again(alice, at=1)
        ready = fresh.others("ready")[0]
        assert ready["resync"] is True and ready["events"][-1]["seq"] == ready["head"] and ready["events"][0]["seq"] > 1
        page = (await fresh.call("history_page", {"before": ready["events"][0]["seq"], "limit": 50}))["events"]
        assert page[-1]["seq"] == ready["events"][0]["seq"] - 1
        for body in (first["events"], ready["events"], page):
            assert len(str(body)) < 56 * 1024
        one = (await fresh.call("history_page", {"before": 5, "limit": 1}))["events"]
        assert [event["seq"] for event in one] == [4]
        assert not (await fresh.call("history_page", {"before": 5, "limit": 51}))["ok"]

    async def test_a_reconnect_in_mid_reply_is_given_the_rest_only(self, house: House) -> None:
        alice = await house.customer(0)
        await alice.say("Tell me slowly")
        shown = await alice.shown(60)
        await alice.cut()
        await alice.open(house.gateways[1].base)
        live = alice.others("ready")[-1]["live"]
        assert live["from"] == len(shown) and live["to"] >= live["from"]
        await alice.finished()
        assert alice.log.said_by("ai") == [house.calls_of("Tell me slowly")[0].plan]

    async def test_a_live_position_of_another_turn_starts_at_zero(self, house: House) -> None:
        alice = await house.customer(0)
        await alice.say("Tell me anew")
        await alice.shown(30)
        body = await alice.call("sync", {"history": alice.log.history, "after": alice.log.top, "live": {"turn": str(uuid4()), "at": 7}})
        assert body["live"]["from"] == 0 and len(body["live"]["text"]) == body["live"]["to"]
        await alice.finished()


class TestHints:
    async def test_typing_reaches_the_others_and_is_not_echoed(self, house: House) -> None:
        alice = await house.customer(0)
        house.plan("words-3")
        await alice.say("hello")
        await alice.finished()
        dana = await house.admin(1)
        await dana.watch(alice.log.conversation)
        await alice.tell("typing", {"on": True})
        typing = await dana.until(lambda: dana.others("typing"))
        assert typing[0] == {"conversation": alice.log.conversation, "author": {"kind": "customer", "name": "Customer"}, "on": True}
        await dana.tell("typing", {"conversation": alice.log.conversation, "on": True})
        await alice.until(lambda: alice.others("typing"))
        assert alice.others("typing")[0]["author"]["kind"] == "human"
        assert len(dana.others("typing")) == 1 and len(alice.others("typing")) == 1

    async def test_receipts_go_both_ways(self, house: House) -> None:
        alice = await house.customer(0)
        house.plan("words-3")
        await alice.say("hello")
        await alice.finished()
        dana = await house.admin(1)
        await dana.watch(alice.log.conversation)
        await alice.tell("seen", {"seq": 4})
        assert (await dana.until(lambda: dana.others("receipt")))[0] == {
            "conversation": alice.log.conversation,
            "who": "customer",
            "seq": 4,
        }
        await dana.tell("seen", {"conversation": alice.log.conversation, "seq": 3})
        assert (await alice.until(lambda: alice.others("receipt")))[0]["who"] == "staff"

    async def test_a_thumb_becomes_a_training_signal_and_the_last_one_counts(self, house: House) -> None:
        alice = await house.customer()
        house.plan("words-3")
        await alice.say("Rate this")
        await alice.finished()
        answer = next(m for m in alice.log.messages if m["author"]["kind"] == "ai")
        for value in ("up", "down"):
            assert (await alice.call("feedback", {"message": answer["id"], "value": value, "comment": "meh"}))["ok"]
        query = "SELECT kind, value::float, comment FROM ai.training_signal WHERE conversation_id::text = $1"
        assert [tuple(row) for row in await house.rows(query, alice.log.conversation)] == [("thumb", -0.3, "meh")]
        own = alice.log.messages[0]["id"]
        assert (await alice.call("feedback", {"message": own, "value": "up"}))["error"]["code"] == "not_found"
