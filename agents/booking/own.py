"""Whose booking a tool may touch, and whether the customer has said so."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.tools.context import ToolContext
from agents.tools.results import InvalidArguments, ToolError, ToolRefused, ToolResult
from agents.tools.tool import Tool, ToolArgs
from business.bookings import customers
from business.bookings.requests import BookingView, By
from kernel.errors import GatewayError

CALLED = Annotated[int | None, Field(ge=1, le=10**9, description="the booking's number; leave out for the newest")]


async def own(connection: AsyncConnection, context: ToolContext, number: int | None) -> BookingView:
    """The booking of this conversation that is meant. Raises ToolError."""
    here = [one for one in await customers.standing(connection, context.conversation) if one.conversation == context.conversation]
    if number is not None:
        here = [one for one in here if one.number == number]
    if not here:
        raise ToolError("number: no such booking stands in this conversation; ask booking_status, or let a person look")
    return here[0]


def customer_of(booking: BookingView) -> By:
    return By("customer", booking.name or "Customer", booking.customer)


def agree(context: ToolContext, tool: Tool[Any], args: ToolArgs) -> None:
    """Raises unless the customer has said yes to just this."""
    if context.agreed is None or context.agreed_to != tool.name:
        raise ToolRefused("this was not read back and agreed to yet: the customer has to say yes to it first")
    if args != tool.args.model_validate(context.agreed):
        raise InvalidArguments("this is not what was read back; do exactly that, or read back anew first")


def barred(error: GatewayError) -> ToolResult:
    """Its state does not allow it, and nothing was done."""
    return ToolResult({"status": "barred", "booking": error.details.get("status", "other")})
