"""The connection cut at every chunk of a reply: each time the other gateway goes on where the customer was."""

import asyncio

from tests.rig.client import ChatClient
from tests.rig.house import House

WORDS = 24
SCRIPT = f"words-{WORDS}+pace-45"  # a chunk for every tick of the gateway
AT_ONCE = 6


async def cut_at_delta(house: House, number: int) -> ChatClient:
    """One conversation whose connection is cut after so many deltas, and that comes back at the other gateway."""
    alice = await house.customer(number % 2)
    await alice.say(f"Cut me at {number}.")
    await alice.until(lambda: len(alice.others("delta")) >= number or alice.log.finished, what=f"delta {number}")
    await alice.cut()
    await alice.open(house.gateways[(number + 1) % 2].base)
    await alice.finished()
    return alice


class TestReconnect:
    async def test_at_every_chunk(self, house: House) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        house.plan(*[SCRIPT] * (WORDS + 2))

        async def one(number: int) -> ChatClient:
            async with gate:
                return await cut_at_delta(house, number)

        clients = await asyncio.gather(*(one(number) for number in range(WORDS + 2)))
        for number, client in enumerate(clients):
            assert client.log.said_by("ai") == [house.calls_of(f"Cut me at {number}.")[0].plan]
        cut_live = [c for c in clients if c.others("ready")[-1]["live"] is not None]
        assert len(cut_live) >= WORDS // 2, "most were cut while the reply ran"

    async def test_three_times_in_a_row_with_a_second_tab(self, house: House) -> None:
        house.plan("words-50+pace-40")
        alice = await house.customer(0)
        await alice.say("Three tunnels")
        tab = await house.again(alice, at=1)
        for round in range(3):
            await alice.shown(20 * (round + 1))
            await alice.cut()
            await alice.open(house.gateways[round % 2].base)
        await asyncio.gather(alice.finished(), tab.finished())
        assert alice.log.said_by("ai") == tab.log.said_by("ai") == [house.calls_of("Three tunnels")[0].plan]

    async def test_a_customer_who_leaves_does_not_end_the_reply(self, house: House) -> None:
        alice = await house.customer(0)
        await alice.say("I leave")
        await alice.shown(10)
        await alice.cut()
        (call,) = house.calls_of("I leave")
        assert (await house.provider.ended(call, 10)).end == "complete"
        await alice.open(house.gateways[1].base)
        await alice.finished()
        assert alice.log.said_by("ai") == [call.plan]
