"""Texts, proofs, merges and partings of the same few people at the same moment: nothing is lost, nothing comes twice, nobody is torn
apart. And a number that somebody holds for long."""

import asyncio
import random
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from business.channels import receiving
from business.channels.provider import Incoming
from business.customers.merging import merge, part
from kernel.errors import Unavailable
from kernel.ids import new_id
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Customer, CustomerMerge, Identity
from kernel.tables.ops import InboundText
from tests.sms.arriving import Arriving
from tests.sms.people import DANA, NOW, number

pytestmark = pytest.mark.slow


class Storm:
    """Four people on a page, three phones, and whatever can be done with them."""

    def __init__(self, arrived: Arriving, seed: int) -> None:
        self.arrived, self.town, self.chance = arrived, arrived.texting.town, random.Random(seed)
        self.phones = [number() for _ in range(3)]
        self.texts: list[Incoming] = []
        self.hours = 0

    async def begins(self) -> None:
        self.staff = await self.town.staff()
        self.people = [await self.town.visitor(f"person {n}") for n in range(4)]

    async def blows(self, deeds: int) -> None:
        may = (self.text, self.text, self.proof, self.merged, self.parted)
        await asyncio.gather(*(self._done(self.chance.choice(may)()) for _ in range(deeds)))

    async def _done(self, deed: Awaitable[None]) -> None:
        """Whoever is told to try again later leaves it at that."""
        with suppress(Unavailable):
            await deed

    async def text(self) -> None:
        at = self.arrived.texting.clock() + timedelta(milliseconds=len(self.texts))
        id = str(new_id())
        one = Incoming(id, self.chance.choice(self.phones), self.arrived.texting.rc.number, f"text {id}", at)
        self.texts.append(one)
        await self.arrived.receiver().take([one])

    async def proof(self) -> None:
        person, phone = self.chance.choice(self.people), self.chance.choice(self.phones)
        self.hours += 1  # a number gets few codes an hour
        now = NOW + timedelta(hours=self.hours)
        code = await self.town.code(person, phone, now=now)
        if code.isdecimal():
            await self.town.verify(person, code, now=now)

    async def merged(self) -> None:
        one, other = self.chance.sample(self.people, 2)
        pair = await self.town.customer_of(one), await self.town.customer_of(other)
        await self.town.database.unit(lambda c: merge(c, *pair, "staff", by=DANA))

    async def parted(self) -> None:
        known = await self.town.rows(sa.select(CustomerMerge.id).where(CustomerMerge.undone_at.is_(None)))
        if known:
            chosen = self.chance.choice(known).id
            await self.town.database.unit(lambda c: part(c, chosen, self.staff, DANA))


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_is_lost_and_nobody_torn_apart(arrived: Arriving, seed: int) -> None:
    storm = Storm(arrived, seed)
    await storm.begins()
    for _ in range(4):
        await storm.blows(20)
    await arrived.receiver().take(storm.texts)  # what nobody could take then
    words, ids = [one.text for one in storm.texts], [one.id for one in storm.texts]
    said = await arrived.rows(sa.select(ChatMessage.text).where(ChatMessage.text.in_(words)))
    assert sorted(row.text for row in said) == sorted(words)
    taken = sa.select(InboundText.id).where(InboundText.provider_id.in_(ids), InboundText.outcome.in_(("said", "looped")))
    assert len(await arrived.rows(taken)) == len(ids)
    for belonging in (ChatSession, Identity):
        joined = Customer.id == belonging.customer_id, Customer.merged_into.is_not(None)
        assert await arrived.rows(sa.select(belonging.id).where(*joined)) == [], "of somebody who was joined to another"


async def test_a_number_that_is_held_for_long_keeps_no_other_waiting(arrived: Arriving) -> None:
    phones = [number() for _ in range(3)]
    await arrived.subscribes()
    for phone in phones:
        arrived.texting.rc.say(phone, "hello")
    await arrived.texting.rc.settled()
    worker = arrived.worker()
    async with arrived.database.transaction() as connection:
        await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await receiving.hold(connection, phones[0])
        assert await worker.look() == 3, "those that it has taken upon itself are begun"
    await worker.idle()
    await arrived.fetches()
    assert [await arrived.said(phone) for phone in phones] == [["hello"]] * 3
