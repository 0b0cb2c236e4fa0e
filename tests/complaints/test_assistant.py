"""How the assistant speaks of a complaint: first that it was heard, then what happens; it never argues, and money is a person's."""

from typing import Any

import pytest
from sqlalchemy import select

from agents.evaluation.product import Product
from business.profile.loader import load_profile
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Complaint, Handoff
from tests.agents.test_booking_life import Chat, chatting, life_url, product

__all__ = ["life_url", "product"]

PROFILE = load_profile()
ACKNOWLEDGED = {"en": ("I'm sorry", "I'm very sorry", "I understand"), "es": ("Siento", "Lo siento", "Te entiendo")}
MONEY = ("refund", "money back", "discount", "coupon", "free", "%", "reembolso", "descuento", "gratis")


async def complaint(chat: Chat) -> Any:
    (row,) = await chat.read(select(Complaint).where(Complaint.conversation_id == chat.conversation))
    return row


async def owner(chat: Chat) -> str:
    ((found,),) = await chat.read(select(ChatSession.owner).where(ChatSession.id == chat.conversation))
    return str(found)


class TestHeard:
    @pytest.mark.parametrize(
        ("said", "severity", "language"),
        [
            ("Two of us got sick after your food", "severe", "en"),
            ("The chef never came to our party", "severe", "en"),
            ("The food was cold and the chef was rude", "moderate", "en"),
            ("I want my money back", "moderate", "en"),
            ("Nos enfermamos después de la fiesta", "severe", "es"),
            ("Quiero que me devuelvan mi dinero", "moderate", "es"),
        ],
    )
    async def test_grave_ones_are_a_persons_at_once(self, product: Product, said: str, severity: str, language: str) -> None:
        async with chatting(product, language) as chat:
            answer = await chat.say(said)
            row = await complaint(chat)
            assert row.severity == severity and row.handoff_id is not None
            assert answer.text.startswith(ACKNOWLEDGED[language])
            assert not any(word in answer.text.lower() for word in MONEY)
            left_overs = PROFILE.complaints.keep_left_overs.in_locale(language)
            assert (left_overs in answer.text) is (severity == "severe")
            assert "?" not in answer.text, "nobody is asked anything before a person comes"
            assert await owner(chat) == "queue"

    async def test_a_minor_one_is_told_to_the_team_and_the_talk_goes_on(self, product: Product) -> None:
        async with chatting(product) as chat:
            answer = await chat.say("The chef was 15 minutes late last time. How much for 12 adults?")
            row = await complaint(chat)
            assert row.severity == "minor" and await owner(chat) == "ai"
            assert answer.text.startswith(ACKNOWLEDGED["en"])
            assert "$660" in answer.text
            ((urgency,),) = await chat.read(select(Handoff.urgency).where(Handoff.conversation_id == chat.conversation))
            assert urgency == "low"

    async def test_what_makes_it_worse_makes_it_grave(self, product: Product) -> None:
        async with chatting(product) as chat:
            await chat.say("A sauce was missing last time")
            await chat.say("And now two of us are sick from it")
            assert (await complaint(chat)).severity == "severe" and await owner(chat) == "queue"
