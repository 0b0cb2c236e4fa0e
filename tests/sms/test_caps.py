"""What all numbers share: never one text more than the cap, however many workers send at the same moment, whatever became of the texts."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from business.channels.gate import Pass, Refuse, Wait
from business.profile.schemas import Profile
from gateway.simulator.server import RingCentralServer
from kernel.database import Database
from kernel.jobs import NotifyStaff
from kernel.settings.schema import SmsSettings
from kernel.tables.ai import StaffEvent
from kernel.tables.ops import TextMessage
from tests.rig.ringcentral import LOS_ANGELES, NEW_YORK, phone
from tests.sms.people import Town
from tests.sms.test_gate import HOUR, NOON, Desk
from tests.sms.texting import Texting

ELSEWHERE = tuple(f"+1{area}5557001" for area in (212, 303, 312, 415, 510, 408, 206, 713))
WORKERS = 4


async def all_at_once(texting: Texting, phones: tuple[str, ...], **caps: Any) -> list[tuple[str, str | None]]:
    """One text to each of them is waiting, and all workers send together; what became of each."""
    for number in phones:
        ana = await texting.texter(number)
        await texting.write(number, conversation=ana.conversation)
    await asyncio.gather(*(texting.sends(**caps) for _ in range(WORKERS)))
    return [(row.state, row.error) for row in await texting.texts()]


async def alerts(texting: Texting) -> list[str]:
    """What staff were told in threads, and that each has its effect."""
    told = await texting.town.rows(sa.select(StaffEvent.payload).where(StaffEvent.kind == "alert"))
    effects = await texting.effects(NotifyStaff.kind)
    assert len(told) == len(effects)
    return [row.payload["reason"] for row in told]


class TestNeverOneMore:
    async def test_to_numbers_alike(self, texting: Texting, rc: RingCentralServer) -> None:
        became = await all_at_once(texting, tuple(phone(place) for place in range(8)), per_prefix_hour=4)
        assert len(rc.sent) == 4
        assert became.count(("sent", None)) == 4 and became.count(("refused", "TooManyAlike")) == 4
        assert await alerts(texting) == ["text_flood"], "once, not for each"

    async def test_in_a_day(self, texting: Texting, rc: RingCentralServer) -> None:
        became = await all_at_once(texting, ELSEWHERE, per_day=4)
        assert len(rc.sent) == 4
        assert became.count(("refused", "TooManyToday")) == 4
        assert await alerts(texting) == ["text_flood"]


class TestWhoHoldsManyNumbers:
    async def test_silences_nobody_else(self, desk: Desk) -> None:
        """Numbers alike have one half of a day, however slowly they write."""
        wide = SmsSettings(per_prefix_hour=100, per_day=8)
        for place in range(4):
            await desk.went("reply", phone(place), at=NOON - place * 2 * HOUR)
        conversation, elsewhere = await desk.texter(), await desk.texter(NEW_YORK)
        assert await desk.asks("reply", conversation=conversation, limits=wide) == Refuse("TooManyAlike")
        assert await desk.asks("reply", NEW_YORK, conversation=elsewhere, limits=wide) == Pass()
        await desk.agrees("transactional")
        assert await desk.asks("transactional", limits=wide) == Wait(NOON + HOUR, "TooManyAlike")

    async def test_gets_no_more_by_words_that_ask_for_help(self, desk: Desk) -> None:
        for place in range(4):
            await desk.went("keyword", phone(place))
        await desk.wrote()
        assert await desk.asks("keyword") == Refuse("TooManyAlike")

    @pytest.mark.parametrize(("purpose", "times"), [("reply", 2), ("code", 3)])
    async def test_gets_no_more_for_numbers_that_nobody_has(self, desk: Desk, purpose: str, times: int) -> None:
        """What a provider took is paid for, though no network delivered it."""
        for place in range(4):
            await desk.went(purpose, phone(place), state="failed")
        await desk.went(purpose, state="failed", times=times)
        conversation = await desk.texter()
        assert await desk.asks(purpose, conversation=conversation) == Pass(), "a provider that took nothing is asked again"
        await desk.town.run(sa.update(TextMessage).values(sent_at=TextMessage.sending_at))
        assert await desk.asks(purpose, conversation=conversation) == Refuse("TooMany")
        await desk.town.run(sa.delete(TextMessage).where(TextMessage.to_number == LOS_ANGELES))
        assert await desk.asks(purpose, conversation=conversation) == Refuse("TooManyAlike")

    async def test_of_an_hour_ago_counts_no_more(self, desk: Desk) -> None:
        for place in range(4):
            await desk.went("code", phone(place), at=NOON - HOUR)
        assert await desk.asks("code", limits=SmsSettings(per_prefix_hour=4)) == Pass()


@pytest.fixture
async def desk(database: Database, profile: Profile) -> Desk:
    return Desk(database, await Town.found(database, profile))
