"""Staff watch every token, take over, write, hand back; whatever is stale or somebody else's is refused."""

import asyncio
from uuid import uuid4

from tests.rig.client import ChatClient
from tests.rig.fleet import COLLEAGUE
from tests.rig.house import House

CUT_SECONDS = 3.0


class TestWatching:
    async def test_an_admin_elsewhere_sees_the_tokens_as_they_come(self, house: House) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        await alice.say("Will she see this?")
        await alice.shown(10)
        body = await dana.watch(alice.log.conversation)
        assert body["ok"] and body["live"]["to"] >= 10 and body["staff_events"] == [] and body["customer"]["channel"] == "web"
        await alice.finished()
        log = dana.logs[alice.log.conversation]
        await dana.until(lambda: log.finished)
        assert len(dana.others("delta")) > 3 and log.said_by("ai") == alice.log.said_by("ai")
        assert list(log.tails.values()) == [0]

    async def test_the_acknowledgement_precedes_the_events(self, house: House) -> None:
        """Faults of a client fail the test; here many watches race with a reply."""
        alice = await house.customer(0)
        watchers = [await house.admin(at) for at in (0, 1, 0, 1)]
        await alice.say("Everyone at once")
        for n, dana in enumerate(watchers):
            await alice.shown(10 + 30 * n)
            await dana.watch(alice.log.conversation)
        await alice.finished()
        for dana in watchers:
            names = [name for name, body in dana.seen if body.get("conversation") == alice.log.conversation and name != "presence"]
            assert names and (await dana.do("unwatch", alice.log.conversation))["ok"]

    async def test_unwatched_is_unheard(self, house: House) -> None:
        alice, dana = await house.customer(), await house.admin()
        house.plan("words-3", "words-3")
        await alice.say("one")
        await alice.finished()
        await dana.watch(alice.log.conversation)
        await dana.do("unwatch", alice.log.conversation)
        before = len(dana.others("event"))
        await alice.say("two")
        await alice.finished(2)
        assert len(dana.others("event")) == before
        assert (await dana.call("watch", {"conversation": str(uuid4())}))["error"]["code"] == "not_found"

    async def test_the_inbox_tells_of_new_and_changed_rows(self, house: House) -> None:
        dana = await house.admin(1)
        page = await dana.call("inbox", {"view": "all"})
        assert page["ok"]
        alice = await house.customer(0)
        house.plan("words-3")
        await alice.say("A brand new conversation")
        await alice.finished()

        def rows() -> list[dict[str, object]]:
            return [body["row"] for body in dana.others("inbox") if body["row"]["id"] == alice.log.conversation]

        await dana.until(lambda: rows() and rows()[-1]["preview_author"] == "ai")
        revs = [int(str(row["rev"])) for row in rows()]
        assert revs == sorted(set(revs))
        page = await dana.call("inbox", {"view": "ai"})
        (row,) = [row for row in page["rows"] if row["id"] == alice.log.conversation]
        assert row["owner"] == "ai" and row["channel"] == "web" and row["state"] == "open"

    async def test_presence_names_the_viewers_of_both_gateways(self, house: House) -> None:
        alice = await house.customer()
        house.plan("words-3")
        await alice.say("who is there")
        await alice.finished()
        dana, robin = await house.admin(0), await house.admin(1, COLLEAGUE)
        await dana.watch(alice.log.conversation)
        await robin.watch(alice.log.conversation)
        await dana.until(lambda: any(len(body["viewers"]) == 2 for body in dana.others("presence")))
        await robin.tell("typing", {"conversation": alice.log.conversation, "on": True})
        await dana.until(lambda: any(v["typing"] for body in dana.others("presence") for v in body["viewers"]))
        await robin.do("unwatch", alice.log.conversation)
        await dana.until(lambda: len(dana.others("presence")[-1]["viewers"]) == 1)


class TestTakingOver:
    async def test_in_mid_sentence_by_another_gateway(self, house: House) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        await alice.say("Please ramble")
        await alice.shown(50)
        conversation = alice.log.conversation
        await dana.watch(conversation)
        ack = await dana.do("take", conversation)
        assert ack["ok"] and ack["to"] >= 50
        end = await alice.finished()
        assert end["outcome"] == "taken_over" and end["turn"] == ack["turn"]
        assert (alice.log.owner, alice.log.epoch) == ("human", ack["epoch"])
        (call,) = house.calls_of("Please ramble")
        await house.provider.ended(call, CUT_SECONDS)
        assert call.end == "gone", "the provider's stream is closed"
        sent = await dana.say(conversation, "A person here", ack["epoch"])
        await alice.until(lambda: alice.log.said_by("human") == ["A person here"])
        assert sent["seq"] == alice.log.top
        more = await alice.say("So you are real?")
        await asyncio.sleep(0.5)
        assert more["ok"] and len(alice.log.of_kind("reply_started")) == 1
        back = await dana.do("give_back", conversation, epoch=ack["epoch"], note="gave a hint")
        assert back["epoch"] == ack["epoch"] + 1
        await alice.finished(2)
        assert alice.log.of_kind("reply_started")[1]["answers"] == [more["seq"]]
        notes = [event for event in dana.logs[conversation].staff_events.values() if event["kind"] == "note"]
        assert [note["text"] for note in notes] == ["gave a hint"] and "gave a hint" not in str(alice.seen)

    async def test_stale_not_allowed_and_conflict(self, house: House) -> None:
        alice, dana, robin = await house.customer(), await house.admin(0), await house.admin(1, COLLEAGUE)
        house.plan("words-3")
        await alice.say("hello")
        await alice.finished()
        c = alice.log.conversation
        assert (await dana.say(c, "too early", 0))["error"]["code"] == "not_allowed"
        assert (await dana.do("take", c, epoch=7))["error"]["code"] == "stale"
        taken = await dana.do("take", c, epoch=0)
        assert taken["epoch"] == 1
        assert (await dana.do("take", c))["epoch"] == 1, "again is the same"
        conflict = (await robin.do("take", c))["error"]
        assert conflict["code"] == "conflict" and conflict["owner"] == "human" and conflict["epoch"] == 1
        assert (await dana.say(c, "stale words", 0))["error"]["code"] == "stale"
        forced = await robin.do("take", c, force=True)
        assert forced["epoch"] == 2
        assert (await dana.say(c, "I had it", 1))["error"]["code"] == "stale"
        assert (await robin.do("give_back", c, epoch=1))["error"]["code"] == "stale"
        assert (await robin.do("give_back", c, epoch=2))["ok"]
        assert (await alice.say("thanks"))["ok"]
        await alice.finished(2)

    async def test_repeated_staff_messages_and_notes_are_one(self, house: House) -> None:
        alice, dana = await house.customer(), await house.admin()
        house.plan("words-3")
        await alice.say("hello")
        await alice.finished()
        c = alice.log.conversation
        await dana.watch(c)
        epoch = (await dana.do("take", c))["epoch"]
        id, note = str(uuid4()), str(uuid4())
        acks = await asyncio.gather(*(dana.say(c, "only once", epoch, id) for _ in range(3)))
        assert acks[0]["ok"] and all(ack == acks[0] for ack in acks)
        assert (await dana.say(c, "something else", epoch, id))["error"]["code"] == "conflict"
        notes = [await dana.do("note", c, id=note, text="likes shrimp") for _ in range(2)]
        assert notes[0] == notes[1] and notes[0]["staff_seq"] == 1
        session = await house.rows("SELECT id::text FROM core.staff WHERE email LIKE 'robin%'")
        assigned = await dana.do("assign", c, id=str(uuid4()), staff=session[0][0])
        assert assigned["staff_seq"] == 2
        unknown = await dana.do("assign", c, id=str(uuid4()), staff=str(uuid4()))
        assert unknown["error"]["code"] == "not_found"
        log = dana.logs[c]
        await dana.until(lambda: log.staff_top == 2)
        assert "likes shrimp" not in str(alice.seen)

    async def test_resolve_closes_and_the_next_message_reopens(self, house: House) -> None:
        alice, dana = await house.customer(), await house.admin(1)
        await alice.say("hello, a long one")
        await alice.shown(20)
        c = alice.log.conversation
        body = await dana.watch(c)
        ack = await dana.do("resolve", c, epoch=body["conversation"]["epoch"])
        assert ack["ok"]
        await alice.until(lambda: alice.log.state == "closed")
        assert (await alice.finished())["outcome"] == "stopped" and alice.log.owner == "ai"
        assert (await dana.do("reopen", c, epoch=ack["epoch"]))["ok"]
        await alice.until(lambda: alice.log.state == "open")
        await dana.do("resolve", c, epoch=ack["epoch"])
        await alice.say("one more thing")
        await alice.finished(2)
        row = await house.rows("SELECT state FROM ai.chat_session WHERE id::text = $1", c)
        assert row[0][0] == "open"

    async def test_every_deed_is_audited(self, house: House) -> None:
        alice, dana = await house.customer(), await house.admin()
        house.plan("words-3")
        await alice.say("hello")
        await alice.finished()
        c = alice.log.conversation
        epoch = (await dana.do("take", c))["epoch"]
        await dana.do("resolve", c, epoch=epoch)
        actions = await house.rows("SELECT action FROM core.audit WHERE subject = $1 ORDER BY at", c)
        assert [row[0] for row in actions] == ["conversation.take", "conversation.resolve"]


class TestAskingForAPerson:
    async def asked(self, house: House, alice: ChatClient) -> str:
        """Talk, then ask; returns the handoff."""
        await alice.say("Can I talk to somebody?")
        await alice.shown(20)
        ack = await alice.call("human", {"id": str(uuid4()), "reason": "allergies"})
        assert ack["ok"]
        return str(ack["handoff"])

    async def test_the_reply_is_cut_a_line_is_read_and_staff_hear_of_it_once(self, house: House) -> None:
        dana = await house.admin(1)
        alice = await house.customer(0)
        handoff = await self.asked(house, alice)
        assert (await alice.finished())["outcome"] == "taken_over"
        assert alice.log.owner == "queue" and len(alice.log.said_by("system")) == 1
        again = await alice.call("human", {"id": str(uuid4())})
        assert again["handoff"] == handoff
        await dana.until(lambda: any(body["id"] == handoff for body in dana.others("handoff")))
        query = "SELECT kind FROM ops.notification WHERE conversation_id::text = $1"
        deadline = asyncio.get_running_loop().time() + 5
        while not (kept := await house.rows(query, alice.log.conversation)):
            assert asyncio.get_running_loop().time() < deadline, "the worker did not carry out the notification"
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        assert [row[0] for row in await house.rows(query, alice.log.conversation)] == ["handoff"] == [row[0] for row in kept]
        told = "SELECT state, attempts FROM ops.outbox WHERE kind = 'notify_staff' AND payload->>'conversation' = $1"
        done = await house.rows(told, alice.log.conversation)
        assert [tuple(row) for row in done] == [("done", 1)]

    async def test_before_the_first_message_it_makes_a_conversation(self, house: House) -> None:
        alice = await house.customer(0)
        ack = await alice.call("human", {"id": str(uuid4())})
        assert ack["ok"]
        await alice.until(lambda: alice.log.said_by("system") and alice.log.owner == "queue")

    async def test_in_the_queue_messages_are_stored_without_a_turn_and_never_busy(self, house: House) -> None:
        alice = await house.customer()
        await self.asked(house, alice)
        await alice.finished()
        assert all([(await alice.say(f"waiting {n}"))["ok"] for n in range(7)])
        assert len(alice.log.of_kind("reply_started")) == 1

    async def test_back_to_the_assistant_from_the_queue(self, house: House) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        handoff = await self.asked(house, alice)
        await alice.finished()
        last = await alice.say("never mind, what does it cost?")
        ack = await alice.call("assistant")
        assert ack["ok"] and ack["epoch"] == 2
        await alice.finished(2)
        assert alice.log.owner == "ai" and alice.log.of_kind("reply_started")[1]["answers"] == [last["seq"]]
        rows = (await dana.call("handoffs", {"state": "withdrawn"}))["rows"]
        assert handoff in [row["id"] for row in rows]

    async def test_not_while_a_person_has_just_spoken(self, house: House) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        await self.asked(house, alice)
        await alice.finished()
        assert (await dana.do("take", alice.log.conversation))["ok"]
        assert (await alice.call("assistant"))["error"]["code"] == "not_allowed"

    async def test_a_claim_takes_the_conversation_and_settles_once(self, house: House) -> None:
        alice, dana, robin = await house.customer(0), await house.admin(1), await house.admin(0, COLLEAGUE)
        handoff = await self.asked(house, alice)
        await alice.finished()
        rows = (await dana.call("handoffs", {"state": "open", "kind": "human"}))["rows"]
        (row,) = [row for row in rows if row["id"] == handoff]
        assert row["conversation"] == alice.log.conversation and row["claimed_by"] is None
        claimed = await dana.call("handoff_claim", {"handoff": handoff, "id": str(uuid4())})
        assert claimed["ok"] and claimed["epoch"] == 2
        await alice.until(lambda: alice.log.owner == "human")
        refused = await robin.call("handoff_claim", {"handoff": handoff, "id": str(uuid4())})
        assert refused["error"]["code"] == "conflict"
        assert (await dana.say(alice.log.conversation, "What are you allergic to?", 2))["ok"]
        assert (await dana.call("handoff_resolve", {"handoff": handoff, "id": str(uuid4()), "note": "told"}))["ok"]
        await alice.until(lambda: alice.log.said_by("human"))
        await robin.until(lambda: any(b["id"] == handoff and b["state"] == "resolved" for b in robin.others("handoff")))
