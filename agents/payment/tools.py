"""`payment_notice`: a customer says that money was sent. It is passed on to be matched, and a notice of that way to pay is theirs sooner;
a customer's word is no payment."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import Impossible, ToolResult
from agents.tools.tool import Cents, Tool, ToolArgs
from business.bookings import customers
from business.handoffs.opening import Opened
from business.payments import notices
from business.profile.figures import money

TRIED = "Nothing was matched: no payment is visible here."


class PaymentNoticeArgs(ToolArgs):
    method: Annotated[str | None, Field(max_length=40, description="key of the way to pay")] = None
    amount_cents: Cents | None = None
    payer: Annotated[str | None, Field(max_length=120)] = None
    note: Annotated[str | None, Field(max_length=300)] = None


class PaymentNotice(Tool[PaymentNoticeArgs]):
    name = "payment_notice"
    agents = frozenset({"payment"})
    effectful = True
    description = "Passes a customer's notice that money was sent to the team, who match it. It confirms nothing."
    args = PaymentNoticeArgs

    async def run(self, context: ToolContext, args: PaymentNoticeArgs) -> ToolResult:
        database = context.writable()
        known = {method.key for method in context.profile.payments.methods}
        if args.method is not None and args.method not in known:
            raise Impossible("unknown_method", f"method: allowed: {', '.join(sorted(known))}")
        amount = "an amount that was not told" if args.amount_cents is None else money(args.amount_cents)
        summary = f"Says that {amount} was sent by {args.method or 'a way that was not told'}"
        sent = args.model_dump(exclude_none=True)

        async def pass_on(connection: AsyncConnection) -> Opened:
            opened = await call(connection, context, "payment", summary, tried=TRIED, **sent)
            theirs = await customers.standing(connection, context.conversation)
            if args.method is not None and len(theirs) == 1:
                await notices.expect(connection, theirs[0].id, args.method, context.now)
            return opened

        opened = await database.unit(pass_on)
        written = (told(opened),)
        return ToolResult({"passed_on": True, "received": False}, written=written)
