"""Phones are written on in pieces: what comes in one breath is answered by one text."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from business.conversations import turns
from business.conversations.turns import Claim
from kernel.tables.ai import ChatMessage, ChatSession, Turn
from tests.sms.arriving import Arriving

LONG = timedelta(hours=1)


async def _conversation(arrived: Arriving) -> UUID:
    (row,) = await arrived.rows(sa.select(ChatSession.id).where(ChatSession.phone == arrived.phone))
    return UUID(str(row.id))


async def _claims(arrived: Arriving, gather: timedelta) -> Any:
    id = await _conversation(arrived)
    found, _ = await arrived.database.unit(lambda c: turns.claim(c, id, "a gateway", "postgres", gather=gather))
    return found


async def _was(arrived: Arriving, table: type[ChatMessage | Turn], ago: timedelta) -> None:
    """What there is of it in the conversation was made so long ago."""
    await _is(arrived, table, created_at=sa.func.clock_timestamp() - ago)


async def _is(arrived: Arriving, table: type[ChatMessage | Turn], **values: Any) -> None:
    mine = table.conversation_id == await _conversation(arrived)
    async with arrived.database.transaction() as connection:
        await connection.execute(sa.update(table).where(mine).values(values))


class TestGathered:
    async def test_nobody_answers_while_more_may_come(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        await arrived.comes("hi")
        await arrived.comes("we are 20")
        assert await _claims(arrived, LONG) is None
        await _was(arrived, ChatMessage, LONG)
        await arrived.comes("on saturday")
        assert await _claims(arrived, LONG) is None
        await _was(arrived, ChatMessage, LONG)
        claim = await _claims(arrived, LONG)
        assert isinstance(claim, Claim) and len(claim.answers) == 3

    async def test_who_writes_on_and_on_is_answered_in_between(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        await arrived.comes("so, where do I begin")
        await _was(arrived, Turn, turns.GATHERED_AT_MOST * LONG)
        assert isinstance(await _claims(arrived, LONG), Claim)

    async def test_who_writes_in_the_chat_waits_for_nothing(self, arrived: Arriving) -> None:
        await arrived.subscribes()
        await arrived.comes("hi")
        await _is(arrived, ChatMessage, channel="web")
        assert isinstance(await _claims(arrived, LONG), Claim)
