"""Another start, other guests: what it would come to, and the change itself, once the customer has said yes to just that."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.availability.tools import alternatives_data
from agents.booking.facts import page_of, party_figures
from agents.booking.own import CALLED, agree, barred, customer_of, own
from agents.events import TurnWritten
from agents.guard.figures import Figure, date_figures, money_figure, time_figures
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Cents, Number, Tool, ToolArgs
from business.bookings import amounts, life
from business.bookings.availability import station_of
from business.bookings.requests import BookingView, FeeNeeded, NotFree
from business.pricing.rules import Party
from kernel.errors import BadRequest, Conflict, NotAllowed, Unavailable


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
            booking = await own(connection, context, args.number)
            cents = life.fee(context.profile, booking, context.now)
            return booking, await _move(connection, context, booking, args, cents, dry=True), cents

        try:
            booking, moved, cents = await context.database.unit(look)
        except Conflict as error:
            return barred(error)
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
        agree(context, self, args)

        async def move(connection: AsyncConnection) -> tuple[BookingView, life.Changed | NotFree | FeeNeeded]:
            booking = await own(connection, context, args.number)
            return booking, await _move(connection, context, booking, args, args.fee_cents)

        try:
            booking, moved = await database.unit(move)
        except Conflict as error:
            return barred(error)
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
        booking = await context.database.unit(lambda c: own(c, context, args.number))
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
        agree(context, self, args)

        async def change(connection: AsyncConnection) -> tuple[BookingView, life.Changed]:
            booking = await own(connection, context, args.number)
            by = customer_of(booking)
            return booking, await life.change_party(connection, context.profile, booking.id, args.party, by, context.now)

        try:
            before, changed = await database.unit(change)
        except (Conflict, NotAllowed, BadRequest) as error:
            return barred(error)
        after = changed.booking
        data = {"status": "changed", **_of_guests(before, args, after.total_cents)}
        known = frozenset({"moved", "confirmed" if after.status == "confirmed" else "held"})
        return ToolResult(data, _guests_figures(before, args, after.total_cents), known, (TurnWritten(changed.announcement),))


async def _move(
    connection: AsyncConnection, context: ToolContext, booking: BookingView, args: MoveArgs, cents: int, *, dry: bool = False
) -> life.Changed | NotFree | FeeNeeded:
    by, profile = customer_of(booking), context.profile
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
