"""A colleague named in a note hears of it at the other gateway, until they have looked; whoever does not work here is refused."""

from uuid import uuid4

from tests.rig.fleet import ADMIN, COLLEAGUE
from tests.rig.house import House


class TestMentions:
    async def test_reach_the_mentioned_alone_until_they_have_looked(self, house: House) -> None:
        alice, dana, robin = await house.customer(0), await house.admin(0), await house.admin(1, COLLEAGUE)
        house.plan("words-3")
        await alice.say("Something to talk about among us")
        await alice.finished()
        ids = {row["email"]: str(row["id"]) for row in await house.rows("SELECT email, id FROM core.staff")}
        conversation = alice.log.conversation
        await robin.watch(conversation)
        assert await robin.call("mentions", {}) == {"ok": True, "items": []}
        note = {
            "conversation": conversation,
            "id": str(uuid4()),
            "text": "@Robin, please look",
            "mentions": [ids[COLLEAGUE], ids[ADMIN]],
        }
        assert (await dana.call("note", note))["ok"]
        await robin.until(lambda: any(body["items"] for body in robin.others("mentions")))
        (item,) = robin.others("mentions")[-1]["items"]
        assert item["conversation"] == conversation and item["by"]
        log = robin.logs[conversation]
        await robin.until(lambda: log.staff_events)
        written = log.staff_events[max(log.staff_events)]
        assert {one["staff"] for one in written["mentions"]} == {ids[COLLEAGUE], ids[ADMIN]}
        # Oneself one does not call, and the same note again calls nobody.
        assert (await dana.call("mentions", {}))["items"] == []
        assert (await dana.call("note", note))["ok"]
        query = "SELECT 1 FROM ops.outbox WHERE kind = 'notify_mention' AND payload->>'conversation' = $1"
        assert len(await house.rows(query, conversation)) == 1
        # Once looked at, on one device, it is seen on all.
        elsewhere = await house.admin(0, COLLEAGUE)
        assert len((await elsewhere.call("mentions", {}))["items"]) == 1
        assert (await robin.call("mention_seen", {"conversation": conversation}))["ok"]
        await elsewhere.until(lambda: elsewhere.others("mentions") and elsewhere.others("mentions")[-1]["items"] == [])
        assert not alice.others("mentions")

    async def test_of_nobody_are_refused_with_the_note(self, house: House) -> None:
        alice, dana = await house.customer(), await house.admin()
        house.plan("words-3")
        await alice.say("A conversation in which a stranger is called")
        await alice.finished()
        note = {"conversation": alice.log.conversation, "id": str(uuid4()), "text": "@Nobody", "mentions": [str(uuid4())]}
        refused = await dana.call("note", note)
        assert refused["error"]["code"] == "not_found"
        assert (await dana.call("note", {**note, "mentions": ["no id"]}))["error"]["code"] == "bad_request"
        assert (await dana.call("note", {**note, "mentions": [str(uuid4())] * 21}))["error"]["code"] == "too_large"
        assert (await dana.call("note", {**note, "mentions": []}))["ok"], "nothing of the refused note was kept"
