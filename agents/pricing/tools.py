"""`quote`: the pricing engine's itemised price; kept with a number and shown as a card where there is a conversation to show it in."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.distance.tools import fee_data
from agents.distance.ways import Ways
from agents.events import TurnWritten
from agents.guard.figures import Figure, figures_of_quote
from agents.tools.context import ToolContext
from agents.tools.results import Impossible, ToolResult
from agents.tools.tool import Number, Tool, ToolArgs
from business.conversations import language
from business.pricing import service
from business.pricing.cards import Slot
from business.pricing.rules import Order, Party, Quote, QuoteError, quote
from business.travel.rules import TravelFee

Persons = Annotated[dict[str, Number], Field(max_length=20)]


class QuoteArgs(ToolArgs):
    adults: Number
    children: Number = 0
    under_six: Number = 0
    upgrades: Persons = Field(default_factory=dict, description="persons per upgrade key, each in place of one pick")
    add_ons: Persons = Field(default_factory=dict, description="persons per add-on key")
    premium_extras: Persons = Field(default_factory=dict, description="extra premium proteins: persons per upgrade key")
    place: Annotated[str | None, Field(max_length=200, description="ZIP code, city, address, or miles; leave out if unknown")] = None


class QuoteTool(Tool[QuoteArgs]):
    name = "quote"
    agents = frozenset({"pricing", "booking"})
    description = "The price of a party, itemised, in cents. The only source of totals: never add or multiply yourself."
    args = QuoteArgs

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def run(self, context: ToolContext, args: QuoteArgs) -> ToolResult:
        fee = None
        if args.place is not None:
            try:
                _, fee = await self._ways.to(context.profile, args.place)
            except Impossible:
                fee = None  # a quote without travel, which says so
        if fee is not None and fee.verdict == "decline":
            raise Impossible("declined", "place: it is too far, we cannot come; say so kindly")
        party = Party(args.adults, args.children, args.under_six)
        order = Order(party, args.upgrades, args.add_ons, args.premium_extras, travel_cents=None if fee is None else fee.cents)
        try:
            priced = quote(context.profile, order)
        except QuoteError as error:
            raise Impossible(error.reason, _MENDED.get(error.reason, f"this cannot be priced: {error.reason}")) from None
        data = quote_data(priced, fee)
        written: tuple[TurnWritten, ...] = ()
        if context.effects and context.database is not None:
            offer = _offer(context)

            async def store(connection: AsyncConnection) -> service.StoredQuote:
                await language.heard(connection, context.conversation, context.language)
                return await service.store(connection, context.profile, context.conversation, order, priced, travel=fee, offer=offer)

            stored = await context.database.unit(store)
            data |= {"id": str(stored.id), "number": stored.number}
            if stored.announcement is not None:
                written = (TurnWritten(stored.announcement),)
        figures: list[Figure] = [*figures_of_quote(priced, fee)]
        if "number" in data:
            figures.append(Figure("number", str(data["number"])))
        return ToolResult(data, tuple(figures), written=written)


_MENDED = {
    "no_adult": "adults: a party has at least one adult; ask how many adults there will be",
    "too_many_upgrades": "upgrades: more of them than picks; each replaces one pick of one person",
    "not_on_the_menu": "upgrades or add_ons: a key that is not on the menu; look the keys up first",
    "which_premium": "add_ons: an extra premium protein goes into premium_extras under its upgrade's key",
}


def _offer(context: ToolContext) -> Slot | None:
    """The start that the card's button asks to hold: told by the customer and found free."""
    day, at = context.known.get("date"), context.known.get("time")
    if not day or not at:
        return None
    return Slot(dt.date.fromisoformat(day), dt.time.fromisoformat(at))


def quote_data(priced: Quote, fee: TravelFee | None) -> dict[str, Any]:
    """A quote as a model, and the house, read it."""
    return {
        "profile_version": priced.profile_version,
        "adults": priced.party.adults,
        "children": priced.party.children,
        "under_six": priced.party.under_six,
        "food_lines": [_line(line.key, line.count, line.each_cents, line.cents) for line in priced.food_lines],
        "food_minimum_cents": priced.food_minimum_cents,
        "minimum_applies": priced.minimum_applies,
        "food_cents": priced.food_cents,
        "extra_lines": [_line(line.key, line.count, line.each_cents, line.cents) for line in priced.extra_lines],
        "travel": None if fee is None else fee_data(fee),
        "tax_cents": priced.tax_cents,
        "total_cents": priced.total_cents,
        "deposit_cents": priced.deposit_cents,
        "balance_cents": priced.balance_cents,
    }


def _line(key: str, count: int, each_cents: int, cents: int) -> dict[str, Any]:
    return {"key": key, "count": count, "each_cents": each_cents, "cents": cents}
