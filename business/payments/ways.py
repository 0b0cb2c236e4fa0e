"""Which ways to pay are offered, and what the customer reads of each. Pure but for the environment, which holds the card provider's key."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from business.payments import words
from business.payments.configured import takes_cards
from business.profile.fields import LocalText
from business.profile.schemas import Profile
from kernel.settings.schema import PaymentSettings


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `to`: whom the money is sent to, where the customer sends it themselves; `before_party`: a deposit can be paid by it."""

    key: str
    name: LocalText
    to: str | None
    before_party: bool

    def reads(self, locale: str | None) -> str:
        """What to do, in one sentence."""
        if self.to is not None:
            return words.line(locale, "send_to", to=self.to)
        return words.line(locale, "by_card" if self.key == "card" else "by_cash")


def ways(profile: Profile, payments: PaymentSettings, environment: Mapping[str, str] = os.environ) -> tuple[Way, ...]:
    """In the profile's order. Cards only where somebody charges them, Venmo and Zelle only where it is known to whom."""
    offered = []
    for method in profile.payments.methods:
        to = {"venmo": payments.venmo, "zelle": payments.zelle}.get(method.key)
        if method.key == "card" and not takes_cards(payments, environment):
            continue
        if method.key in ("venmo", "zelle") and to is None:
            continue
        offered.append(Way(method.key, method.name, to, method.key != "cash"))
    return tuple(offered)
