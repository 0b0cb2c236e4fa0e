"""What a party costs that is held: of the quote that was told of just this party, else priced with what is known of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from business.pricing.rules import Order, Party, QuoteError, quote
from business.profile.schemas import Profile
from business.profile.terms import Station
from business.travel.rules import fee_for_miles


@dataclass(frozen=True, slots=True)
class Amounts:
    """In cents. None: it cannot be priced as it stands."""

    total_cents: int | None
    deposit_cents: int | None


def of_party(
    profile: Profile, station: Station, party: Party, facts: Mapping[str, Any], miles: Decimal | None, told: Any | None
) -> Amounts:
    """`told`: the row of a quote, which counts where it is of the same guests."""
    if told is not None and told.order.get("party") == asdict(party):
        return Amounts(told.total_cents, told.deposit_cents)
    way = None if miles is None else fee_for_miles(station, miles, "estimate").cents
    picks = {name: dict(facts.get(name) or {}) for name in ("upgrades", "add_ons", "premium_extras")}
    try:
        priced = quote(profile, Order(party, **picks, travel_cents=way))
    except QuoteError:
        return Amounts(None, None)
    return Amounts(priced.total_cents, min(priced.deposit_cents, priced.total_cents))


def deposit(profile: Profile, kept: int | None) -> int:
    """What has to be paid before a party stands: as it was kept with the booking, else as the profile says now. 0: nothing."""
    return profile.prices.deposit_cents if kept is None else kept
