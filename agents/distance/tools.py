"""`travel_fee`: miles one way and what they cost."""

from typing import Annotated

from pydantic import Field

from agents.distance.ways import Ways
from agents.guard.figures import figures_of_fee
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Tool, ToolArgs
from business.travel.rules import TravelFee as Fee


class TravelFeeArgs(ToolArgs):
    place: Annotated[str, Field(min_length=1, max_length=200, description="ZIP code, city, street address, or miles like '45 miles'")]


class TravelFee(Tool[TravelFeeArgs]):
    name = "travel_fee"
    agents = frozenset({"distance", "pricing", "booking"})
    description = "Miles one way to a place, whether we go there, and the travel fee in cents (null where it is too far)."
    args = TravelFeeArgs

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def run(self, context: ToolContext, args: TravelFeeArgs) -> ToolResult:
        _, fee = await self._ways.to(context.profile, args.place)
        return ToolResult(fee_data(fee), tuple(figures_of_fee(fee)))


def fee_data(fee: Fee) -> dict[str, object]:
    """A fee as a model reads it. Miles are text, so that no digit is made up of them."""
    return {
        "station": fee.station,
        "miles": f"{fee.miles.normalize():f}",
        "billable_miles": f"{fee.billable_miles.normalize():f}",
        "precision": fee.precision,
        "verdict": fee.verdict,
        "cents": fee.cents,
    }
