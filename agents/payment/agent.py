"""Payments: how and when to pay, from the profile; what came, from the ledger. A customer's word that money was sent is compared with what
came, and never believed: a person looks at what does not fit."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from agents.agent import Agent, Said, Step
from agents.matter import Matter
from agents.payment.status import PaymentStatus
from agents.payment.tools import PaymentNotice
from agents.pricing.agent import order_arguments
from agents.understanding.signals import Payment
from business.payments.words import method_name
from business.profile.figures import listed, money


class PaymentAgent(Agent):
    key = "payment"
    in_general = "pay"
    topics = frozenset({"pay", "deposit"})
    needs = ("pricing",)
    tools = (PaymentNotice(), PaymentStatus())

    def claims(self, matter: Matter) -> bool:
        return super().claims(matter) or matter.heard.payment is not None

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        wording = matter.wording
        if matter.heard.payment is not None:
            yield await self._compare(matter, matter.heard.payment)
            return
        for topic in matter.heard.topics:
            if topic in self.topics:
                text = wording.say("topics", topic)
                balance = await self._balance(matter) if topic == "deposit" else ""
                yield Said(f"{text} {balance}".strip(), topic=topic)

    @staticmethod
    async def _compare(matter: Matter, notice: Payment) -> Said:
        """What is there of what was sent; a person hears of it where it is not all there."""
        say, sent = matter.wording.say, {"method": notice.method, "amount_cents": notice.amount_cents}
        status = await matter.attempt("payment_status", **sent)
        booking = status.data["booking"] if status is not None else None
        if status is not None and booking is not None and status.data["seen"]:
            return Said(_with_page(matter, _seen(matter, status.data), booking))
        passed = await matter.attempt("payment_notice", **sent, note=matter.heard_text[:300])
        if passed is None:
            return Said(say("payment", "not_now"))
        if status is None or booking is None:
            return Said(say("payment", "noticed"))
        text = say(
            "payment", "differs" if status.data["differs"] else "not_seen", number=str(booking["number"]), came=_came(matter, status.data)
        )
        return Said(_with_page(matter, text, booking))

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


def _seen(matter: Matter, data: Mapping[str, Any]) -> str:
    """What came, and what is still to pay."""
    say, booking = matter.wording.say, data["booking"]
    lines = [say("payment", "seen", number=str(booking["number"]), came=_came(matter, data))]
    if booking["deposit_due_cents"]:
        lines.append(say("payment", "missing", missing=money(booking["deposit_due_cents"])))
    elif booking.get("balance_cents", 0) > 0:
        lines.append(say("payment", "left", balance=money(booking["balance_cents"])))
    return " ".join(lines)


def _came(matter: Matter, data: Mapping[str, Any]) -> str:
    """Each payment with its way."""
    by = matter.wording.say
    each = [
        by("payment", "by", amount=money(one["amount_cents"]), method=method_name(matter.language, one["method"]))
        for one in data["payments"]
    ]
    return listed(each, matter.language)


def _with_page(matter: Matter, text: str, booking: Mapping[str, Any]) -> str:
    """With the address on which it is paid, where there is one and something is to be paid."""
    page = booking.get("page")
    if page is None or booking.get("balance_cents") == 0:
        return text
    # Of no other address does the chat make a link.
    plain = matter.request.channel == "sms" or not page.startswith("https:")
    name = "page_plain" if plain else "page"
    return f"{text} {matter.wording.say('payment', name, link=page)}"
