"""Between a snapshot and what follows it nothing falls through, however they interleave; and whoever leaves leaves nothing behind."""

import asyncio

from gateway.live.desk import Desk
from gateway.live.hub import Hub
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.ids import ConversationId, new_id
from tests.rig.client import ChatClient
from tests.rig.house import House

TABS = 12


class TestJoiningInMidReply:
    async def test_no_live_frame_falls_between_snapshot_and_subscription(self, house: House) -> None:
        """Tabs and admins join at the gateway where the reply does not run, at every moment of it."""
        alice = await house.customer(0)
        house.plan("words-3", "words-400+pace-12")
        await alice.say("first, so that we are known")
        await alice.finished()
        await alice.say("Everyone joins")
        await alice.shown(1)
        dana = await house.admin(1)

        async def join(number: int) -> ChatClient:
            await asyncio.sleep(0.05 * number)
            return await house.again(alice, at=1)

        async def watch() -> None:
            for _ in range(TABS):
                await dana.watch(alice.log.conversation)
                await dana.do("unwatch", alice.log.conversation)
                await asyncio.sleep(0.03)
            await dana.watch(alice.log.conversation)

        tabs, _ = await asyncio.gather(asyncio.gather(*(join(n) for n in range(TABS))), watch())
        for client in (alice, *tabs):
            await client.finished(2)
        log = dana.logs[alice.log.conversation]
        await dana.until(lambda: len(log.finished) == 2)
        assert [tab.log.gaps for tab in tabs] == [0] * TABS
        turn = alice.log.finished[1]["turn"]
        joined = [tab for tab in tabs if tab.others("ready")[0]["live"] is not None]
        assert joined and [tab.log.tails[turn] for tab in joined] == [0] * len(joined), "live to the last character"


class TestLeavingMeanwhile:
    async def test_a_room_that_everybody_left_while_it_was_read_is_cleared(self, database: Database, redis_url: str) -> None:
        bus = Bus(connect(redis_url))
        hub = Hub(database, bus, redis_url, Desk(database, bus))
        conversation = ConversationId(new_id())
        orphan = hub.room(conversation)  # its socket closed a moment ago
        await hub.position_at(orphan, "h", 0, 0)
        assert hub.room(conversation) is not orphan
        await bus.close()
