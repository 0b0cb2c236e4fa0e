"""What went to a number beside its conversation stands there once its owner answers."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kernel.ids import new_id
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.ops import TextMessage
from tests.sms.arriving import Arriving
from tests.sms.people import number

pytestmark = pytest.mark.usefixtures("subscribed")
OFFER = "My Hibachi: the grill is free at Thanksgiving. Reply STOP to opt out"


@pytest.fixture
async def subscribed(arrived: Arriving) -> None:
    await arrived.subscribes()


async def _went(arrived: Arriving, text: str = OFFER, **columns: Any) -> None:
    """A text of ours that no conversation knows of."""
    now = arrived.texting.clock()
    row = {"id": new_id(), "key": str(new_id()), "purpose": "marketing", "to_number": arrived.phone, "text": text, "locale": "en"}
    row |= {"encoding": "gsm7", "segments": 1, "state": "delivered", "sending_at": now, "sent_at": now, **columns}
    async with arrived.database.transaction() as connection:
        await connection.execute(sa.insert(TextMessage).values(row))


async def _thread(arrived: Arriving) -> list[tuple[str, str]]:
    query = sa.select(ChatMessage.author_kind, ChatMessage.text).join(ChatSession, ChatSession.id == ChatMessage.conversation_id)
    return [tuple(row) for row in await arrived.rows(query.where(ChatSession.phone == arrived.phone).order_by(ChatMessage.seq))]


class TestWhatIsAnswered:
    async def test_stands_before_the_answer_once_and_goes_nowhere_again(self, arrived: Arriving) -> None:
        await _went(arrived)
        await arrived.comes("Yes, tell me more")
        await arrived.comes("We are 12")
        assert await _thread(arrived) == [("ai", OFFER), ("customer", "Yes, tell me more"), ("customer", "We are 12")]
        (row,) = await arrived.rows(sa.select(TextMessage).where(TextMessage.to_number == arrived.phone))
        assert row.conversation_id == (await arrived.conversation()).id and row.message_id is not None
        assert await arrived.waiting_turns() == 1

    async def test_a_reminder_after_it_in_their_order(self, arrived: Arriving) -> None:
        now = arrived.texting.clock()
        await _went(arrived, "second", purpose="transactional", sent_at=now - timedelta(hours=1))
        await _went(arrived, "first", sent_at=now - timedelta(days=2))
        await arrived.comes("ok")
        assert [text for _, text in await _thread(arrived)] == ["first", "second", "ok"]

    async def test_not_what_is_old_or_never_went_or_went_to_somebody_else(self, arrived: Arriving) -> None:
        await _went(arrived, sent_at=arrived.texting.clock() - timedelta(days=8))
        await _went(arrived, state="refused", sending_at=None, sent_at=None)
        await _went(arrived, purpose="code")
        await _went(arrived, to_number=number())
        await arrived.comes("hello")
        assert await _thread(arrived) == [("customer", "hello")]
