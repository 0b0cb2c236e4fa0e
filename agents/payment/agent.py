"""Payments: how and when to pay, from the profile; a notice that money was sent is checked by rule, never believed."""

from collections.abc import AsyncGenerator

from agents.agent import Agent, Said, Step
from agents.matter import Matter
from agents.payment.tools import PaymentNotice
from agents.pricing.agent import order_arguments
from business.profile.figures import money


class PaymentAgent(Agent):
    key = "payment"
    in_general = "pay"
    topics = frozenset({"pay", "deposit"})
    needs = ("pricing",)
    tools = (PaymentNotice(),)

    def claims(self, matter: Matter) -> bool:
        return super().claims(matter) or matter.heard.payment is not None

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        wording, notice = matter.wording, matter.heard.payment
        if notice is not None:
            result = await matter.attempt(
                "payment_notice",
                method=notice.method,
                amount_cents=notice.amount_cents,
                note=matter.heard_text[:300],
            )
            yield Said(wording.say("payment", "noticed" if result is not None else "not_now"))
            return
        for topic in matter.heard.topics:
            if topic in self.topics:
                text = wording.say("topics", topic)
                balance = await self._balance(matter) if topic == "deposit" else ""
                yield Said(f"{text} {balance}".strip(), topic=topic)

    @staticmethod
    async def _balance(matter: Matter) -> str:
        """What the deposit leaves of the customer's own party, where it is known."""
        if not matter.facts.has_party or matter.found.get("quote") is not None:
            return ""
        priced = await matter.attempt("quote", **order_arguments(matter.facts))
        if priced is None:
            return ""
        values = {"total": money(priced.data["total_cents"]), "balance": money(priced.data["balance_cents"])}
        return matter.wording.say("payment", "balance", **values)
