"""A turn that a worker left waiting is begun by a gateway at once, and no sweep is needed for it."""

import asyncio
from typing import get_args

import sqlalchemy as sa

from business.push.notices import WORTH
from kernel.jobs import PushReason
from kernel.tables.ai import Turn
from tests.rig.inprocess import running
from tests.sms.arriving import Arriving


async def test_a_text_is_answered_though_no_sweep_sees_it(arrived: Arriving, shared_url: str, redis_url: str) -> None:
    await arrived.subscribes()
    async with running(shared_url, redis_url):
        async with arrived.database.transaction() as connection:
            # What a sweep looks for has waited for a second: of a row from tomorrow none has.
            later = sa.text("ALTER TABLE ai.turn ALTER created_at SET DEFAULT clock_timestamp() + interval '1 day'")
            await connection.execute(later)
        await arrived.comes("Do you cook for vegetarians, too?")
        conversation = str((await arrived.conversation()).id)
        await _answered(arrived, conversation)


def test_every_reason_of_a_push_has_a_life() -> None:
    assert set(WORTH) == set(get_args(PushReason))


async def _answered(arrived: Arriving, conversation: str) -> None:
    async with asyncio.timeout(20):
        while not await arrived.rows(sa.select(Turn.id).where(Turn.conversation_id == conversation, Turn.state == "done")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
