"""What a customer may do with their own booking: see how it stands, take the terms, ask to cancel it, ask for changes. Moves: `moves.py`.

Only what was held in this conversation is changed, only after the customer said so, and each once a turn. How a customer's bookings of
other conversations stand may be told; their own page changes them.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.booking.facts import Facts, booking_facts
from agents.booking.own import CALLED, agree, barred, customer_of, own
from agents.events import TurnWritten
from agents.guard.figures import Figure
from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import ToolRefused, ToolResult
from agents.tools.tool import Number, Tool, ToolArgs
from business.bookings import customers, life
from business.bookings.requests import BookingView
from business.payments import ledger
from kernel.errors import Conflict, Unavailable


class StatusArgs(ToolArgs):
    pass


class BookingStatus(Tool[StatusArgs]):
    name = "booking_status"
    agents = frozenset({"booking", "payment"})
    description = (
        "How the customer's own bookings stand: confirmed or not, when, what is paid, owed and due, and each one's page, where it is "
        "paid, changed or cancelled. The only source of any of that."
    )
    args = StatusArgs

    async def run(self, context: ToolContext, args: StatusArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("Bookings cannot be read here.")

        async def read(connection: AsyncConnection) -> list[Facts]:
            found = await customers.standing(connection, context.conversation)
            if not found and (ended := await customers.last_ended(connection, context.conversation)) is not None:
                found = (ended,)
            return [booking_facts(context, one, await ledger.statement(connection, one.id)) for one in found]

        found = await context.database.unit(read)
        figures = frozenset(figure for one in found for figure in one.figures)
        # What holds of one booking alone is no word on another.
        statements = frozenset.intersection(*(one.statements for one in found)) if found else frozenset()
        return ToolResult({"bookings": [dict(one.data) for one in found]}, tuple(figures), statements)


class AcceptArgs(ToolArgs):
    number: CALLED = None


class AcceptTerms(Tool[AcceptArgs]):
    name = "accept_terms"
    agents = frozenset({"booking"})
    effectful = True
    description = "The customer takes the terms of the hold, in their own words of this message: the slot then waits for the deposit."
    args = AcceptArgs

    async def run(self, context: ToolContext, args: AcceptArgs) -> ToolResult:
        database = context.writable()
        if not context.may_accept:
            raise ToolRefused("the customer has not accepted the terms in this message; only then may they be taken as accepted")

        async def accept(connection: AsyncConnection) -> tuple[life.Changed, Facts]:
            booking = await own(connection, context, args.number)
            changed = await life.accept_terms(connection, context.profile, booking.id, customer_of(booking), context.now)
            facts = booking_facts(context, changed.booking, await ledger.statement(connection, booking.id))
            return changed, facts

        try:
            changed, facts = await database.unit(accept)
        except Conflict as error:
            return barred(error)
        return ToolResult({"status": "accepted", **facts.data}, facts.figures, facts.statements, (TurnWritten(changed.announcement),))


class AskCancelArgs(ToolArgs):
    number: CALLED = None
    reason: Annotated[str, Field(max_length=300, description="why, in the customer's words")] = ""


class AskCancel(Tool[AskCancelArgs]):
    name = "ask_cancel"
    agents = frozenset({"booking"})
    effectful = True
    description = (
        "Asks the team to cancel the customer's booking, after the customer was told how it goes and said yes. It cancels nothing: the "
        "slot stays until the team has decided."
    )
    args = AskCancelArgs

    async def run(self, context: ToolContext, args: AskCancelArgs) -> ToolResult:
        database = context.writable()
        agree(context, self, args)

        async def ask(connection: AsyncConnection) -> tuple[life.Changed, TurnWritten]:
            booking = await own(connection, context, args.number)
            by, reason = customer_of(booking), args.reason
            changed = await life.ask_cancel(connection, context.profile, booking.id, by, context.now, reason)
            summary = f"Wants to cancel booking {booking.number}"
            opened = await call(connection, context, "booking", summary, urgency="high", booking=booking.number, reason=reason)
            return changed, told(opened)

        try:
            changed, called = await database.unit(ask)
        except Conflict as error:
            return barred(error)
        refundable = life.refundable(context.profile, changed.booking, context.now)
        data = {"status": "asked", "number": changed.booking.number, "cancelled": False, "deposit_refundable": refundable}
        known = (Figure("number", str(changed.booking.number)),)
        return ToolResult(data, known, written=(TurnWritten(changed.announcement), called))


class ChangeBookingArgs(ToolArgs):
    guests: Annotated[Number | None, Field(le=1_000, description="everybody who comes now")] = None
    what: Annotated[str, Field(min_length=1, max_length=300, description="what shall be changed, one line for the team")]
    weather: Annotated[bool, Field(description="another date is wished because of the weather")] = False
    number: CALLED = None


class ChangeBooking(Tool[ChangeBookingArgs]):
    name = "change_booking"
    agents = frozenset({"booking"})
    effectful = True
    description = "Passes a wish to the team: other guests, another place or menu, another date because of the weather. They change it."
    args = ChangeBookingArgs

    async def run(self, context: ToolContext, args: ChangeBookingArgs) -> ToolResult:
        database = context.writable()

        async def ask(connection: AsyncConnection) -> tuple[BookingView, TurnWritten]:
            booking = await own(connection, context, args.number)
            urgency: Literal["high", "normal"] = "high" if args.weather or _late(context, booking, args) else "normal"
            summary = f"Booking {booking.number}: {args.what}"
            return booking, told(await call(connection, context, "booking", summary, urgency=urgency, booking=booking.number))

        booking, called = await database.unit(ask)
        many = args.guests is not None and args.guests >= context.profile.booking.person_from_guests
        data = {"passed_on": True, "changed": False, "number": booking.number, "late": _late(context, booking, args), "many": many}
        figures = [Figure("number", str(booking.number))]
        if args.guests is not None:
            data["guests"] = args.guests
            figures.append(Figure("count", str(args.guests), frozenset({"guest"})))
        return ToolResult(data, tuple(figures), written=(called,))


def _late(context: ToolContext, booking: BookingView, args: ChangeBookingArgs) -> bool:
    """Whether the final count, or the menu, is settled by now."""
    slots = context.profile.slots
    hours = slots.final_count_hours if args.guests is not None else slots.menu_freeze_hours
    return booking.starts_at - context.now < dt.timedelta(hours=hours)
