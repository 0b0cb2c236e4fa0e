"""Texts that come in at an odd moment or in an odd way: while their number moves, after a STOP that they are older than, behind one that
breaks something, from ourselves; and reactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from business.channels import consent
from business.channels.linking import go_on_by_text
from business.channels.provider import Incoming
from business.customers.merging import pair_of
from business.customers.visitors import Visitor
from kernel.ids import new_id
from kernel.tables.ai import ChatMessage
from kernel.tables.core import Customer, Identity, MergeSuggestion
from kernel.tables.ops import TextMessage, TextSubscription
from tests.sms.arriving import Arriving
from tests.sms.people import NOW, OURS, number, somebody_waits

pytestmark = pytest.mark.usefixtures("subscribed")
OFFER = "My Hibachi: the grill is free at Thanksgiving. Reply STOP to end texts"


@pytest.fixture
async def subscribed(arrived: Arriving) -> None:
    await arrived.subscribes()


def text_of(arrived: Arriving, words: str, *, seconds: float = 0, **more: Any) -> Incoming:
    at = arrived.texting.clock() + timedelta(seconds=seconds)
    return Incoming(str(new_id()), more.pop("sender", arrived.phone), arrived.texting.rc.number, words, at, **more)


async def takes(arrived: Arriving, *texts: Incoming) -> None:
    await arrived.receiver().take(texts)


@asynccontextmanager
async def takes_meanwhile(arrived: Arriving, text: Incoming) -> AsyncIterator[AsyncConnection]:
    """What is done in the transaction is committed when the text, which comes in after it, waits for it."""
    async with arrived.database.transaction() as connection:
        yield connection
        taking = asyncio.create_task(arrived.receiver().take([text]))
        await somebody_waits(arrived.database)
    await taking


async def goes_on_by_text(arrived: Arriving, connection: AsyncConnection, visitor: Visitor, code: str) -> None:
    town = arrived.texting.town
    await go_on_by_text(
        connection, town.profile, town.codes, visitor.conversation, code,
        locale="en", ip=None, assistant="Assistant", our_number=OURS, now=NOW,
    )  # fmt: skip


async def said_in(arrived: Arriving, visitor: Visitor) -> list[str]:
    theirs = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == visitor.conversation, ChatMessage.author_kind == "customer")
    return [row.text for row in await arrived.rows(theirs.order_by(ChatMessage.seq))]


class TestWhileItsNumberMoves:
    async def test_it_goes_on_where_the_number_is_then(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        before = await arrived.conversation()
        ana = await arrived.texting.town.visitor("on the page")
        code = await arrived.texting.town.code(ana, arrived.phone)
        async with takes_meanwhile(arrived, text_of(arrived, "and where am I now?")) as connection:
            await goes_on_by_text(arrived, connection, ana, code)
        now = await arrived.conversation()
        assert (now.id, now.channel) == (ana.conversation, "sms") and before.id != now.id
        assert await said_in(arrived, ana) == ["on the page", "and where am I now?"], "it would be answered on no phone"

    async def test_a_number_that_is_proved_at_the_moment_of_its_first_text(self, arrived: Arriving) -> None:
        ana = await arrived.texting.town.visitor("on the page")
        code = await arrived.texting.town.code(ana, arrived.phone)
        people = len(await arrived.rows(sa.select(Customer.id)))
        async with takes_meanwhile(arrived, text_of(arrived, "it is me")) as connection:
            await goes_on_by_text(arrived, connection, ana, code)
        assert await said_in(arrived, ana) == ["on the page", "it is me"]
        assert [row.outcome for row in await arrived.came()] == ["said"] and len(await arrived.rows(sa.select(Customer.id))) == people

    async def test_a_number_of_one_person_that_another_proves_at_that_moment(self, arrived: Arriving) -> None:
        """They are two, people say: it stays the first one's, and goes on where the other has just proved it."""
        town, holder = arrived.texting.town, new_id()
        await town.run(sa.insert(Customer).values(id=holder))
        identity = {"id": new_id(), "customer_id": holder, "kind": "phone", "scope": "", "value": arrived.phone, "verified": True}
        await town.run(sa.insert(Identity).values(identity))
        ana = await town.visitor("on the page")
        one, other = pair_of(holder, ana.customer)
        await town.run(sa.insert(MergeSuggestion).values(id=new_id(), one_id=one, other_id=other, why=["phone"], state="dismissed"))
        code = await town.code(ana, arrived.phone)
        async with takes_meanwhile(arrived, text_of(arrived, "hello")) as connection:
            await goes_on_by_text(arrived, connection, ana, code)
        assert await said_in(arrived, ana) == ["on the page", "hello"] and len(await arrived.conversations()) == 1

    async def test_a_takeover_at_that_moment_is_seen(self, arrived: Arriving) -> None:
        """Whoever has it then answers what a machine may have written, and decides."""
        await arrived.comes("hi")
        theirs = sa.text("UPDATE ai.chat_session SET owner = 'human', owner_staff_id = :staff, owner_name = 'Dana' WHERE phone = :phone")
        automatic = text_of(arrived, "I am driving right now, I will get back to you", seconds=30)
        await _went(arrived, "What day is your party?")
        async with takes_meanwhile(arrived, automatic) as connection:
            await connection.execute(theirs, {"staff": new_id(), "phone": arrived.phone})
        assert [row.outcome for row in await arrived.came()] == ["said", "said"]


class TestOlderThanAStop:
    @pytest.mark.parametrize("word", ["START", "unstop", "YES", "sí"])
    async def test_a_word_that_starts_begins_nothing(self, arrived: Arriving, word: str) -> None:
        await takes(arrived, text_of(arrived, "STOP"))
        await takes(arrived, text_of(arrived, word, seconds=-60))
        async with arrived.database.transaction() as connection:
            assert (await consent.standing(connection, arrived.phone)).stopped
        assert len(await arrived.written()) == 1, "the STOP is confirmed, and nothing else"

    async def test_a_word_of_assent_is_what_it_was_when_it_was_written(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, "hi", seconds=-90), text_of(arrived, "STOP"))
        await takes(arrived, text_of(arrived, "yes", seconds=-60))
        assert await arrived.said() == ["hi", "yes"]

    async def test_a_younger_one_does(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, "STOP", seconds=-60))
        await takes(arrived, text_of(arrived, "START"))
        async with arrived.database.transaction() as connection:
            assert not (await consent.standing(connection, arrived.phone)).stopped
        assert len(await arrived.written()) == 2


@pytest.fixture
async def broken(arrived: Arriving) -> AsyncIterator[str]:
    """Words that PostgreSQL has something against."""
    words = "these break something"
    await arrived.texting.town.run(sa.text(f"ALTER TABLE ai.chat_message ADD CONSTRAINT broken CHECK (text <> '{words}') NOT VALID"))
    with capture_logs():  # what is logged of it is long, and costs seconds where it is made to be read
        yield words
    await arrived.texting.town.run(sa.text("ALTER TABLE ai.chat_message DROP CONSTRAINT broken"))


class TestBehindOneThatBreaksSomething:
    async def test_a_stop_is_heard(self, arrived: Arriving, broken: str) -> None:
        arrived.texting.rc.say(arrived.phone, broken)
        arrived.texting.rc.say(arrived.phone, "STOP")
        await arrived.texting.rc.settled()
        worker = arrived.worker()
        await worker.look()
        await worker.idle()
        assert {row.outcome for row in await arrived.came()} == {None, "stop"}

    async def test_nothing_is_lost_where_the_watch_finds_them(self, arrived: Arriving, broken: str) -> None:
        texts = [text_of(arrived, words, seconds=place) for place, words in enumerate(["one", broken, "two"])]
        assert await arrived.receiver().take_what_can_be(texts)
        assert await arrived.said() == ["one", "two"]
        (effect,) = await arrived.effects("new")
        assert effect.attempts == 0, "it is fetched again, by itself"


class TestFromOurselves:
    async def test_another_number_of_ours_is_nobody(self, arrived: Arriving) -> None:
        other = {"number": number(), "sends": True, "high_volume": False, "pictures": False}
        async with arrived.database.transaction() as connection:
            await connection.execute(sa.update(TextSubscription).values(numbers=[other]))
        await takes(arrived, text_of(arrived, "Thanks! What day is your party?", sender=other["number"]))
        assert [row.outcome for row in await arrived.came()] == ["refused"]
        assert await arrived.conversations(str(other["number"])) == []


async def _went(arrived: Arriving, text: str) -> None:
    now = arrived.texting.clock()
    row = {"id": new_id(), "key": str(new_id()), "purpose": "reply", "to_number": arrived.phone, "text": text, "locale": "en"}
    row |= {"encoding": "gsm7", "segments": 1, "state": "delivered", "sending_at": now, "sent_at": now}
    async with arrived.database.transaction() as connection:
        await connection.execute(sa.insert(TextMessage).values(row))


class TestReactions:
    async def test_are_shown_and_not_answered(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, "Liked “See you on Saturday at six!”"))
        assert await arrived.said() == ["Liked “See you on Saturday at six!”"] and await arrived.waiting_turns() == 0
        assert (await arrived.conversation()).waiting_since is None

    async def test_our_words_in_them_are_no_refusal(self, arrived: Arriving) -> None:
        await takes(arrived, text_of(arrived, f"Loved “{OFFER}”"))
        async with arrived.database.transaction() as connection:
            assert await consent.ledger(connection, arrived.phone) == []
        assert await arrived.called("text_stop") == 0

    async def test_nobody_who_likes_what_we_write_is_taken_for_a_machine(self, arrived: Arriving) -> None:
        for place, words in enumerate((OFFER, "Your chef comes on Saturday at 6 PM, and brings the grill")):
            await _went(arrived, words)
            await takes(arrived, text_of(arrived, f"Liked “{words}”", seconds=10 + place))
        await takes(arrived, text_of(arrived, "Can we have it at seven?", seconds=60))
        assert await arrived.muted() is None and await arrived.waiting_turns() == 1
