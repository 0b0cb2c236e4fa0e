"""Texts that a gateway of our own answers, with the house's words: at once, and never more of them than the caps allow."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from business.push.notices import WORTH
from kernel.jobs import PushReason
from kernel.tables.ai import ChatSession, Turn
from tests.figures import told
from tests.rig.inprocess import Running, running
from tests.rig.redis import RedisServer
from tests.rig.ringcentral import NEW_YORK
from tests.sms.arriving import GATHER, Arriving

NUMBERS = int(os.environ.get("PROVE_NUMBERS", "8"))
CAP = min(200, NUMBERS * 2 // 5)
WORKERS = 2


@pytest.fixture(scope="module")
async def gateway(came_to: Arriving, shared_url: str, shared_redis: RedisServer) -> AsyncIterator[Running]:
    """It answers what texts come to `came_to`."""
    async with running(shared_url, shared_redis.url, sms={"gather_seconds": GATHER}) as found:
        yield found


@pytest.mark.usefixtures("gateway")
class TestAnswered:
    async def test_though_no_sweep_sees_it(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        # What a sweep looks for has waited for a second: of a row from tomorrow none has.
        await _turns_are_made(arrived, "clock_timestamp() + interval '1 day'")
        await arrived.comes("Do you cook for vegetarians, too?")
        await _answered(arrived)
        await _turns_are_made(arrived, "clock_timestamp()")

    async def test_no_more_than_the_caps_allow(self, arrived: Arriving) -> None:
        """Whoever holds a block of numbers has all of them write: to make us pay, or to keep us from answering anybody else."""
        await arrived.subscribes()
        texting, rc = arrived.texting, arrived.texting.rc
        crowd = [f"+1408555{2000 + place:04d}" for place in range(NUMBERS)]
        for number in crowd:
            rc.say(number, f"What does a party of {10 + int(number[-2:])} cost?")
        await _taken(arrived)
        limits: dict[str, Any] = {"per_prefix_hour": CAP, "per_day": 2 * CAP + 2}
        await asyncio.gather(*(texting.sends(**limits) for _ in range(WORKERS)))
        sent = [text.to for text in rc.sent if text.to in crowd]
        assert len(sent) == len(set(sent)) == CAP
        rows = [row for row in await texting.texts() if row.to_number in crowd]
        assert len(rows) == NUMBERS, "each was answered by the assistant, once"
        assert [row.error for row in rows if row.state == "refused"] == ["TooManyAlike"] * (NUMBERS - CAP)
        assert await arrived.called("text_flood") == 1, "staff hear of it, once"
        rc.say(NEW_YORK, "Do you come to Brooklyn?")
        await _taken(arrived)
        await texting.sends(**limits)
        assert len(rc.sent_to(NEW_YORK)) == 1, "a customer of another prefix is answered"
        told(f"{NUMBERS} numbers of one prefix wrote at once: {len(sent)} answered of {CAP} allowed, another prefix answered, one alert")


def test_every_reason_of_a_push_has_a_life() -> None:
    assert set(WORTH) == set(get_args(PushReason))


async def _turns_are_made(arrived: Arriving, at: str) -> None:
    async with arrived.database.transaction() as connection:
        await connection.execute(sa.text(f"ALTER TABLE ai.turn ALTER created_at SET DEFAULT {at}"))


async def _taken(arrived: Arriving) -> None:
    """What was written is answered, though so many webhooks at once may have been too many."""
    await arrived.texting.rc.settled()
    await arrived.fetches(*(arrived.worker() for _ in range(WORKERS)))
    await arrived.time_passes(2)
    await arrived.watch().look()
    await arrived.fetches()
    await _answered(arrived)


async def _answered(arrived: Arriving) -> None:
    """All that were asked for."""
    waiting = sa.select(Turn.id).join(ChatSession, ChatSession.id == Turn.conversation_id).where(Turn.state != "done")
    async with asyncio.timeout(20 + NUMBERS / 4):
        while await arrived.rows(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
