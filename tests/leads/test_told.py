"""What the silent agent keeps of whole conversations: contacts in E.164, facts with how sure they are, never consent, never a word."""

from typing import Any

import pytest
from sqlalchemy import select

from agents.evaluation.product import Product
from kernel.tables.ai import ChatSession
from kernel.tables.core import Identity
from kernel.tables.crm import Consent, Lead
from kernel.tables.ops import Outbox
from tests.agents.test_booking_life import Chat, chatting, life_url, product

__all__ = ["life_url", "product"]


async def leads(chat: Chat) -> list[Any]:
    return list(await chat.read(select(Lead).where(Lead.conversation_id == chat.conversation)))


async def contacts(chat: Chat) -> dict[str, tuple[str, bool]]:
    mine = select(ChatSession.customer_id).where(ChatSession.id == chat.conversation).scalar_subquery()
    return {row.kind: (row.value, row.verified) for row in await chat.read(select(Identity).where(Identity.customer_id == mine))}


class TestKept:
    async def test_a_birthday_with_a_budget_told_bit_by_bit(self, product: Product) -> None:
        async with chatting(product) as chat:
            await chat.say("Hi! It's for my mom's birthday, we want to stay under $1,500")
            assert await leads(chat) == []
            await chat.say("around 20 people on December 19")
            await chat.say("Nina Rao, (510) 555-0122, text me please")
            (lead,) = await leads(chat)
        expected = {"adults": 20, "date": "2026-12-19", "occasion": "birthday", "budget_cents": 1_500_00, "preferred_contact": "text"}
        assert lead.facts == expected
        assert lead.confidence["adults"] < 0.75 <= lead.confidence["occasion"]
        assert lead.confidence["date"] == lead.confidence["phone"] == 1.0
        assert {"source", "adults", "budget", "date"} <= set(lead.reasons)

    async def test_contacts_are_in_one_form_claimed_and_no_consent(self, product: Product) -> None:
        async with chatting(product) as chat:
            reply = await chat.say("text me the prices for 24 adults at 510.555.0177, Rita Gomez, rita@example.com")
            assert await contacts(chat) == {"phone": ("+15105550177", False), "email": ("rita@example.com", False)}
            assert await chat.read(select(Consent)) == []
            (lead,) = await leads(chat)
            assert not {"name", "phone", "email"} & set(lead.facts) and set(lead.confidence) >= {"name", "phone", "email"}
        for word in ("saved", "kept", "noted your", "lead"):
            assert word not in reply.text.lower()

    async def test_in_spanish(self, product: Product) -> None:
        async with chatting(product, "es") as chat:
            await chat.say("Es para la boda de mi hermana, 40 adultos, presupuesto de 3 mil dólares, me llamo Jorge Salas, 510-555-0188")
            (lead,) = await leads(chat)
        assert (lead.facts["occasion"], lead.facts["budget_cents"], lead.facts["adults"]) == ("wedding", 3_000_00, 40)

    async def test_what_was_made_surer_is_surer(self, product: Product) -> None:
        async with chatting(product) as chat:
            await chat.say("around 20 people on December 19 in 94538")
            (before,) = await leads(chat)
            await chat.say("it's exactly 18 adults now")
            (after,) = await leads(chat)
        assert before.id == after.id and after.facts["adults"] == 18
        assert before.confidence["adults"] < after.confidence["adults"] == 1.0
        assert after.confidence["date"] == before.confidence["date"]

    async def test_a_price_that_was_given_counts(self, product: Product) -> None:
        async with chatting(product) as chat:
            await chat.say("How much for 12 adults on December 19 in 94538?")
            (lead,) = await leads(chat)
        assert lead.reasons["events"] > 0

    async def test_staff_will_hear_of_it_at_its_time(self, product: Product) -> None:
        async with chatting(product) as chat:
            await chat.say("How much for 24 adults on December 19? Call me at 510-555-0166")
            (lead,) = await leads(chat)
            keys = {row.key for row in await chat.read(select(Outbox.key).where(Outbox.kind == "lead_waits"))}
        assert f"lead_waits:{lead.id}:warm" in keys


class TestNotKept:
    @pytest.mark.parametrize("said", ["What is on the menu?", "hi", "it's for a birthday", "our budget is $900", "we are 8"])
    async def test_where_nothing_could_be_done_with_it(self, product: Product, said: str) -> None:
        async with chatting(product) as chat:
            await chat.say(said)
            assert await leads(chat) == []
