"""Payments: how and when to pay, from the profile; a notice that money was sent is checked by rule, never believed."""

from collections.abc import AsyncGenerator

from agents.agent import Agent, Said, Step
from agents.matter import Matter
from agents.payment.tools import PaymentNotice


class PaymentAgent(Agent):
    key = "payment"
    in_general = "pay"
    topics = frozenset({"pay", "deposit"})
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
                yield Said(wording.say("topics", topic), topic=topic)
