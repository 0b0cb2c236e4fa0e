"""A text that the provider lists in both of its stores is taken once; two texts that say the same are two."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from business.channels.provider import Incoming, MediaRef
from gateway.simulator.records import HIGH_VOLUME, STANDARD
from tests.sms.arriving import Arriving
from tests.sms.people import NOW, OURS

A2P = "a2p:"


def text_of(arrived: Arriving, id: str, words: str = "yes", *, seconds: float = 0, ours: str = OURS, media: int = 0) -> Incoming:
    files = (MediaRef("1", "image/png", 10, "http://127.0.0.1:1/nothing"),) * media
    return Incoming(id + arrived.phone, arrived.phone, ours, words, NOW + timedelta(seconds=seconds), files)


async def takes(arrived: Arriving, *texts: Incoming) -> None:
    for one in texts:
        await arrived.receiver().take([one])


@pytest.fixture
async def both(arrived: Arriving) -> AsyncIterator[Arriving]:
    """Our number has both APIs: what comes in is in the high-volume store."""
    account = arrived.texting.rc.account
    account.numbers[arrived.texting.rc.number] = (*STANDARD, *HIGH_VOLUME)
    await arrived.provider.numbers()
    await arrived.subscribes()
    yield arrived
    account.numbers[arrived.texting.rc.number] = STANDARD
    await arrived.provider.numbers()


class TestListedInBothStores:
    async def test_is_said_once(self, both: Arriving) -> None:
        rc = both.texting.rc
        rc.list_twice(rc.say(both.phone, "hi, a party of 12"))
        await rc.settled()
        await both.fetches(both.worker(), both.worker())
        assert await both.said() == ["hi, a party of 12"] and await both.waiting_turns() == 1
        assert sorted(row.outcome for row in await both.came()) == ["refused", "said"]

    async def test_is_said_once_where_the_other_store_has_it_later(self, both: Arriving) -> None:
        rc = both.texting.rc
        id = await both.comes("hi, a party of 12")
        rc.list_twice(id)
        await both.texting.rc.settled()
        await both.receiver().take(await both.provider.arrived(both.texting.clock() - timedelta(minutes=5)))
        assert await both.said() == ["hi, a party of 12"] and len(await both.came()) == 2

    async def test_a_stop_that_was_taken_back_stops_nothing_more(self, both: Arriving) -> None:
        await takes(both, text_of(both, "1", "STOP"), text_of(both, "2", "START", seconds=5))
        await takes(both, text_of(both, A2P + "1", "STOP", seconds=1))
        assert [row.outcome for row in await both.came()].count("stop") == 1
        assert len(await both.written()) == 2, "each is confirmed once"

    async def test_nobody_is_taken_for_a_machine_by_it(self, both: Arriving) -> None:
        for place in range(4):
            one = str(place)
            await takes(both, text_of(both, one, seconds=30 * place), text_of(both, A2P + one, seconds=30 * place))
        assert await both.said() == ["yes"] * 4 and await both.muted() is None


class TestTwoTexts:
    async def test_of_one_store_are_two(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, "1"), text_of(arrived, "2"))
        await takes(arrived, text_of(arrived, A2P + "1"), text_of(arrived, A2P + "2"))
        assert await arrived.said() == ["yes", "yes"]

    @pytest.mark.parametrize("order", [("1", "a2p:1", "a2p:2", "2"), ("a2p:1", "1", "2", "a2p:2"), ("1", "2", "a2p:1", "a2p:2")])
    async def test_in_both_stores_are_two_whatever_is_heard_of_first(self, arrived: Arriving, order: tuple[str, ...]) -> None:
        await takes(arrived, *(text_of(arrived, id, seconds=2 * id.endswith("2")) for id in order))
        assert await arrived.said() == ["yes", "yes"]

    async def test_of_two_stores_are_two_where_anything_differs(self, arrived: Arriving) -> None:
        differs = (
            text_of(arrived, A2P + "1", seconds=11),
            text_of(arrived, A2P + "2", "yes!"),
            text_of(arrived, A2P + "3", ours="+15105557009"),
        )
        await takes(arrived, text_of(arrived, "1"), *differs)
        assert len(await arrived.said()) == 4

    async def test_one_with_files_is_no_copy_of_its_words(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, A2P + "1"))
        with_file = text_of(arrived, "1", media=1)
        arrived.files_per_day = 0  # so that none is fetched
        await takes(arrived, with_file)
        said = await arrived.said()
        assert len(said) == 2 and said[1].startswith("yes\n[A file could not be taken")

    async def test_two_workers_at_once_take_one(self, arrived: Arriving) -> None:
        await asyncio.gather(*(arrived.receiver().take([text_of(arrived, id)]) for id in ("1", A2P + "1") * 3))
        assert await arrived.said() == ["yes"]
