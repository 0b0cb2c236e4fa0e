"""What a customer may do with their own booking: see how it stands, take the terms, move it, ask to cancel it, ask for changes.

Only what was held in this conversation is changed, only after the customer said so, and each once a turn. How a customer's bookings of
other conversations stand may be told; their own page changes them.
"""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.availability.tools import alternatives_data
from agents.booking.facts import Facts, booking_facts, page_of, party_figures
from agents.events import TurnWritten
from agents.guard.figures import Figure, date_figures, money_figure, time_figures
from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import InvalidArguments, ToolError, ToolRefused, ToolResult
from agents.tools.tool import Cents, Number, Tool, ToolArgs
from business.bookings import amounts, customers, life
from business.bookings.availability import station_of
from business.bookings.requests import BookingView, By, FeeNeeded, NotFree
from business.payments import ledger
from business.pricing.rules import Party
from kernel.errors import BadRequest, Conflict, GatewayError, NotAllowed, Unavailable

CALLED = Annotated[int | None, Field(ge=1, le=10**9, description="the booking's number; leave out for the newest")]
# Until when a person has to look, whatever was asked for.
DECIDED = frozenset({"too_soon", "past"})


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
            booking = await _own(connection, context, args.number)
            changed = await life.accept_terms(connection, context.profile, booking.id, _customer(booking), context.now)
            facts = booking_facts(context, changed.booking, await ledger.statement(connection, booking.id))
            return changed, facts

        try:
            changed, facts = await database.unit(accept)
        except Conflict as error:
            return _barred(error)
        return ToolResult({"status": "accepted", **facts.data}, facts.figures, facts.statements, (TurnWritten(changed.announcement),))


class MoveArgs(ToolArgs):
    date: Annotated[dt.date, Field(description="the new day, like 2027-05-31")]
    time: Annotated[dt.time, Field(description="the new start at the venue, like 18:00")]
    number: CALLED = None


class CheckMove(Tool[MoveArgs]):
    name = "check_move"
    agents = frozenset({"booking"})
    description = "Whether the customer's booking could be moved to a start, and what that costs. It moves nothing."
    args = MoveArgs

    async def run(self, context: ToolContext, args: MoveArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("The calendar cannot be read here.")

        async def look(connection: AsyncConnection) -> tuple[BookingView, life.Changed | NotFree | FeeNeeded, int]:
            booking = await _own(connection, context, args.number)
            cents = life.fee(context.profile, booking, context.now)
            return booking, await _move(connection, context, booking, args, cents, dry=True), cents

        try:
            booking, moved, cents = await context.database.unit(look)
        except Conflict as error:
            return _barred(error)
        if isinstance(moved, NotFree):
            return _not_free(context, args, moved)
        free = frozenset({"free"})
        return ToolResult({"status": "free", **_way(context, booking, args, cents)}, _way_figures(context, booking, args, cents), free)


class MoveBookingArgs(MoveArgs):
    fee_cents: Annotated[Cents, Field(description="what the customer was told that it costs")] = 0


class MoveBooking(Tool[MoveBookingArgs]):
    name = "move_booking"
    agents = frozenset({"booking"})
    effectful = True
    description = "Moves the customer's booking to the start that was read back, with its fee, and to which they said yes."
    args = MoveBookingArgs

    async def run(self, context: ToolContext, args: MoveBookingArgs) -> ToolResult:
        database = context.writable()
        _agreed(context, self, args)

        async def move(connection: AsyncConnection) -> tuple[BookingView, life.Changed | NotFree | FeeNeeded]:
            booking = await _own(connection, context, args.number)
            return booking, await _move(connection, context, booking, args, args.fee_cents)

        try:
            booking, moved = await database.unit(move)
        except Conflict as error:
            return _barred(error)
        if isinstance(moved, NotFree):
            return _not_free(context, args, moved)
        if isinstance(moved, FeeNeeded):
            # It was free of charge when it was read back, and is not any more.
            data = {"status": "fee", **_way(context, booking, args, moved.cents)}
            return ToolResult(data, _way_figures(context, booking, args, moved.cents))
        data = {"status": "moved", **_way(context, booking, args, args.fee_cents)}
        known = frozenset({"moved", "held" if moved.booking.status == "deposit_pending" else "confirmed"})
        written = (TurnWritten(moved.announcement),)
        return ToolResult(data, _way_figures(context, booking, args, args.fee_cents), known, written)


class GuestsArgs(ToolArgs):
    adults: Number
    children: Number = 0
    under_six: Number = 0
    number: CALLED = None

    @property
    def party(self) -> Party:
        return Party(self.adults, self.children, self.under_six)


class CheckGuests(Tool[GuestsArgs]):
    name = "check_guests"
    agents = frozenset({"booking"})
    description = "Whether so many guests may come to the customer's booking, and what it costs then. It changes nothing."
    args = GuestsArgs

    async def run(self, context: ToolContext, args: GuestsArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("Bookings cannot be read here.")
        booking = await context.database.unit(lambda c: _own(c, context, args.number))
        profile, party = context.profile, args.party
        late = booking.starts_at - context.now < dt.timedelta(hours=profile.slots.final_count_hours)
        many = party.guests >= profile.booking.person_from_guests
        priced = amounts.of_party(profile, station_of(profile, booking.station), party, booking.facts, booking.miles, None)
        status = "person" if late or many or not party.adults or priced.total_cents is None else "possible"
        data = {"status": status, "late": late, "many": many, **_of_guests(booking, args, priced.total_cents)}
        return ToolResult(data, _guests_figures(booking, args, priced.total_cents))


class ChangeGuests(Tool[GuestsArgs]):
    name = "change_guests"
    agents = frozenset({"booking"})
    effectful = True
    description = "Changes the guests of the customer's booking to what was read back, with its price, and to which they said yes."
    args = GuestsArgs

    async def run(self, context: ToolContext, args: GuestsArgs) -> ToolResult:
        database = context.writable()
        _agreed(context, self, args)

        async def change(connection: AsyncConnection) -> tuple[BookingView, life.Changed]:
            booking = await _own(connection, context, args.number)
            by = _customer(booking)
            return booking, await life.change_party(connection, context.profile, booking.id, args.party, by, context.now)

        try:
            before, changed = await database.unit(change)
        except (Conflict, NotAllowed, BadRequest) as error:
            return _barred(error)
        after = changed.booking
        data = {"status": "changed", **_of_guests(before, args, after.total_cents)}
        known = frozenset({"moved", "confirmed" if after.status == "confirmed" else "held"})
        return ToolResult(data, _guests_figures(before, args, after.total_cents), known, (TurnWritten(changed.announcement),))


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
        _agreed(context, self, args)

        async def ask(connection: AsyncConnection) -> tuple[life.Changed, TurnWritten]:
            booking = await _own(connection, context, args.number)
            by, reason = _customer(booking), args.reason
            changed = await life.ask_cancel(connection, context.profile, booking.id, by, context.now, reason)
            summary = f"Wants to cancel booking {booking.number}"
            opened = await call(connection, context, "booking", summary, urgency="high", booking=booking.number, reason=reason)
            return changed, told(opened)

        try:
            changed, called = await database.unit(ask)
        except Conflict as error:
            return _barred(error)
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
            booking = await _own(connection, context, args.number)
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


async def _own(connection: AsyncConnection, context: ToolContext, number: int | None) -> BookingView:
    """The booking of this conversation that is meant. Raises ToolError."""
    here = [one for one in await customers.standing(connection, context.conversation) if one.conversation == context.conversation]
    if number is not None:
        here = [one for one in here if one.number == number]
    if not here:
        raise ToolError("number: no such booking stands in this conversation; ask booking_status, or let a person look")
    return here[0]


def _customer(booking: BookingView) -> By:
    return By("customer", booking.name or "Customer", booking.customer)


def _agreed(context: ToolContext, tool: Tool[Any], args: ToolArgs) -> None:
    """Raises unless the customer has said yes to just this."""
    if context.agreed is None or context.agreed_to != tool.name:
        raise ToolRefused("this was not read back and agreed to yet: the customer has to say yes to it first")
    if args != tool.args.model_validate(context.agreed):
        raise InvalidArguments("this is not what was read back; do exactly that, or read back anew first")


async def _move(
    connection: AsyncConnection, context: ToolContext, booking: BookingView, args: MoveArgs, cents: int, *, dry: bool = False
) -> life.Changed | NotFree | FeeNeeded:
    by, profile = _customer(booking), context.profile
    return await life.reschedule(connection, profile, booking.id, args.date, args.time, by, context.now, fee_agreed=cents, dry=dry)


def _way(context: ToolContext, booking: BookingView, args: MoveArgs, cents: int) -> dict[str, Any]:
    """From where to where, at the venue, and for what."""
    start = booking.starts_at.astimezone(context.profile.business.zone)
    data: dict[str, Any] = {
        "number": booking.number,
        "from_date": start.date().isoformat(),
        "from_time": start.strftime("%H:%M"),
        "date": args.date.isoformat(),
        "time": args.time.strftime("%H:%M"),
        "fee_cents": cents,
    }
    if (page := page_of(context, booking)) is not None:
        data["page"] = page
    return data


def _way_figures(context: ToolContext, booking: BookingView, args: MoveArgs, cents: int) -> tuple[Figure, ...]:
    start = booking.starts_at.astimezone(context.profile.business.zone)
    figures = {*date_figures(start.date(), args.date), *time_figures(start.time(), args.time), Figure("number", str(booking.number))}
    figures.add(money_figure(cents, "reschedule", "fee"))
    if (page := page_of(context, booking)) is not None:
        figures.add(Figure("link", page))
    return tuple(figures)


def _of_guests(booking: BookingView, args: GuestsArgs, total: int | None) -> dict[str, Any]:
    """Who came before and who comes now, and the price of both as far as it is known."""
    data: dict[str, Any] = {"number": booking.number, "before_guests": booking.guests, "guests": args.party.guests}
    data |= {name: count for name, count in asdict(args.party).items() if count}
    if total is not None:
        data["total_cents"] = total
    if booking.total_cents is not None:
        data["before_total_cents"] = booking.total_cents
    return data


def _guests_figures(booking: BookingView, args: GuestsArgs, total: int | None) -> tuple[Figure, ...]:
    figures = {*party_figures(args.party), *party_figures(booking.party), Figure("number", str(booking.number))}
    figures |= {money_figure(cents, "total", "sum") for cents in (total, booking.total_cents) if cents is not None}
    return tuple(figures)


def _not_free(context: ToolContext, args: MoveArgs, found: NotFree) -> ToolResult:
    offered = alternatives_data(found.alternatives, context.profile.business.zone)
    data = {"status": found.why, "date": args.date.isoformat(), "time": args.time.strftime("%H:%M"), "alternatives": offered}
    days = (args.date, *(dt.date.fromisoformat(item["date"]) for item in offered))
    times = (args.time, *(dt.time.fromisoformat(item["time"]) for item in offered))
    statements = frozenset({"taken"}) if found.why == "taken" else frozenset[str]()
    return ToolResult(data, (*date_figures(*days), *time_figures(*times)), statements)


def _barred(error: GatewayError) -> ToolResult:
    """Its state does not allow it, and nothing was done."""
    return ToolResult({"status": "barred", "booking": error.details.get("status", "other")})


def _late(context: ToolContext, booking: BookingView, args: ChangeBookingArgs) -> bool:
    """Whether the final count, or the menu, is settled by now."""
    slots = context.profile.slots
    hours = slots.final_count_hours if args.guests is not None else slots.menu_freeze_hours
    return booking.starts_at - context.now < dt.timedelta(hours=hours)


VERBS: tuple[Tool[Any], ...] = (
    BookingStatus(),
    AcceptTerms(),
    CheckMove(),
    MoveBooking(),
    CheckGuests(),
    ChangeGuests(),
    AskCancel(),
    ChangeBooking(),
)
