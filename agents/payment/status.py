"""`payment_status`: what came for the customer's own booking, to the cent, and whether what they say they sent is among it."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.booking.facts import booking_facts
from agents.guard.figures import Figure, date_figures, money_figure
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Cents, Tool, ToolArgs
from business.bookings import customers
from business.payments import ledger
from kernel.errors import Unavailable
from kernel.tables.ops import Payment


class PaymentStatusArgs(ToolArgs):
    method: Annotated[str | None, Field(max_length=40, description="key of the way by which they say it was sent")] = None
    amount_cents: Annotated[Cents | None, Field(description="what they say was sent")] = None


class PaymentStatus(Tool[PaymentStatusArgs]):
    name = "payment_status"
    agents = frozenset({"payment"})
    description = (
        "What came for the customer's booking: each payment, what is due and left, the page to pay on. `seen`: whether what they say "
        "they sent is among it; `differs`: something came by that way, but not that amount. The only source of any of that."
    )
    args = PaymentStatusArgs

    async def run(self, context: ToolContext, args: PaymentStatusArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("Payments cannot be read here.")
        return await context.database.unit(lambda c: _look(c, context, args))


async def _look(connection: AsyncConnection, context: ToolContext, args: PaymentStatusArgs) -> ToolResult:
    found = await customers.standing(connection, context.conversation)
    if not found:
        return ToolResult({"booking": None, "payments": [], "seen": False, "differs": False})
    booking = found[0]
    facts = booking_facts(context, booking, await ledger.statement(connection, booking.id))
    query = select(Payment).where(Payment.booking_id == booking.id).order_by(Payment.number)
    zone = context.profile.business.zone
    payments, figures = [], set[Figure]()
    for row in (await connection.execute(query)).all():
        day = row.received_at.astimezone(zone).date()
        payments.append({"method": row.method, "amount_cents": row.amount_cents, "date": day.isoformat()})
        figures |= {money_figure(row.amount_cents, "sum"), *date_figures(day)}
    data = {"booking": dict(facts.data), "payments": payments, **_compared(payments, args)}
    return ToolResult(data, (*facts.figures, *figures), facts.statements)


def _compared(payments: list[dict[str, Any]], args: PaymentStatusArgs) -> dict[str, bool]:
    """What is said beside what came. Nothing that came differs from nothing that was said."""
    theirs = [one for one in payments if args.method in (None, one["method"])]
    same = [one for one in theirs if args.amount_cents in (None, one["amount_cents"])]
    return {"seen": bool(same), "differs": bool(theirs) and not same}
