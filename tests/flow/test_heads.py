"""`head` every 15 seconds where something happened lately: even the tail of a log cannot get lost."""

import pytest

from tests.rig.house import House


@pytest.mark.slow
class TestHead:
    async def test_tells_the_top_of_the_log_and_of_the_reply(self, house: House) -> None:
        alice, dana = await house.customer(0), await house.admin(1)
        house.plan("words-500+pace-40")
        await alice.say("Something that takes twenty seconds")
        await alice.shown(1)
        await dana.watch(alice.log.conversation)
        for client in (alice, dana):
            head = (await client.until(lambda c=client: c.others("head"), 17))[0]  # type: ignore[misc]
            assert head["conversation"] == alice.log.conversation and head["seq"] == 2
            assert head["turn"] == alice.log.of_kind("reply_started")[0]["turn"] and head["to"] > 0
        await alice.finished(within=30)

    async def test_is_not_sent_where_nothing_was_ever_said(self, house: House) -> None:
        alice = await house.customer(0)
        with pytest.raises(TimeoutError):
            await alice.until(lambda: alice.others("head"), 17)
