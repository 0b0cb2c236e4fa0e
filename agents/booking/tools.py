"""`hold_slot` and `release_hold`: a start given to this conversation for a while, after it was read back and agreed to; never before."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.availability.tools import alternatives_data
from agents.distance.ways import Ways, spot_of
from agents.events import TurnWritten
from agents.guard.figures import Figure, date_figures, money_figure, time_figures
from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import InvalidArguments, ToolRefused, ToolResult
from agents.tools.tool import Number, Tool, ToolArgs
from business.bookings import holds
from business.bookings.availability import station_of
from business.bookings.requests import Held, HoldRequest, Taken
from business.bookings.rules import person_decides
from business.conversations import language
from business.handoffs.opening import Opened
from business.pricing import service as quotes
from business.pricing.rules import Party

Text = Annotated[str, Field(min_length=1, max_length=200)]
Picks = Annotated[dict[str, Number], Field(max_length=20)]
Keys = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20)]


class HoldSlotArgs(ToolArgs):
    date: dt.date
    time: dt.time
    adults: Number
    children: Number = 0
    under_six: Number = 0
    address: Text
    name: Text
    phone: Text
    email: Text | None = None
    proteins: Picks = Field(default_factory=dict)
    upgrades: Picks = Field(default_factory=dict)
    add_ons: Picks = Field(default_factory=dict)
    premium_extras: Picks = Field(default_factory=dict)
    diets: Keys = Field(default_factory=list)
    allergens: Keys = Field(default_factory=list)


class HoldSlot(Tool[HoldSlotArgs]):
    name = "hold_slot"
    agents = frozenset({"booking"})
    effectful = True
    description = "Holds the start that was read back to the customer, who said yes. It takes exactly what was read back."
    args = HoldSlotArgs

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def run(self, context: ToolContext, args: HoldSlotArgs) -> ToolResult:
        database = context.writable()
        if context.agreed is None or context.agreed_to != self.name:
            raise ToolRefused("nothing was read back and agreed to yet: the customer has to say yes to everything first")
        if args != HoldSlotArgs.model_validate(context.agreed):
            raise InvalidArguments("these are not the facts that were read back; hold exactly those, or read the new ones back first")
        where, fee = await self._ways.to(context.profile, args.address)
        spot = spot_of(where, fee)
        guests, station = args.adults + args.children + args.under_six, station_of(context.profile, fee.station)
        # Whoever asks, and however often: what a person decides nobody else holds.
        if why := person_decides(context.profile, guests=guests, miles=fee.miles, station=station):
            called = await database.unit(lambda c: call(c, context, "booking", f"A person decides ({why[0]}): {_line(args)}"))
            return ToolResult({"status": "person", "why": why[0]}, written=(told(called),))

        async def hold(connection: AsyncConnection) -> tuple[Held | Taken, Opened | None]:
            await language.heard(connection, context.conversation, context.language)
            stored = await quotes.of_conversation(connection, context.conversation)
            request = HoldRequest(
                conversation=context.conversation,
                day=args.date,
                at=args.time,
                party=Party(args.adults, args.children, args.under_six),
                address=args.address,
                name=args.name,
                phone=args.phone,
                email=args.email,
                station=fee.station,
                spot=spot,
                quote=stored.id if stored is not None else None,
                facts=_facts(args),
                page=context.links.booking if context.links is not None else None,
            )
            result = await holds.hold(connection, context.profile, request, context.now)
            if isinstance(result, Taken):
                return result, await call(connection, context, "lead", f"Could not be booked ({result.why}): {_line(args)}")
            return result, await call(connection, context, "booking", f"Booking {result.booking.number} is held: {_line(args)}")

        result, opened = await database.unit(hold)
        written = [TurnWritten(result.announcement)] if result.announcement is not None else []
        if opened is not None:
            written.append(told(opened))
        if isinstance(result, Taken):
            return _taken(context, args, result, tuple(written))
        return _held(context, args, result, tuple(written))


def _facts(args: HoldSlotArgs) -> dict[str, Any]:
    """What is kept with the booking besides party, place and contact."""
    given: Mapping[str, Any] = args.model_dump(include={"proteins", "upgrades", "add_ons", "premium_extras", "diets", "allergens"})
    return {name: value for name, value in given.items() if value}


def _line(args: HoldSlotArgs) -> str:
    guests = args.adults + args.children + args.under_six
    return f"{args.date:%a %b} {args.date.day}, {args.time:%H:%M}, {guests} guests, {args.address}"


def _held(context: ToolContext, args: HoldSlotArgs, held: Held, written: tuple[TurnWritten, ...]) -> ToolResult:
    booking, profile = held.booking, context.profile
    if booking.hold_until is None:
        # The same was asked for again, and it is more than held by now.
        data = {"status": "confirmed", "number": booking.number, "date": args.date.isoformat(), "time": args.time.strftime("%H:%M")}
        known = (*date_figures(args.date), *time_figures(args.time), Figure("number", str(booking.number)))
        return ToolResult(data, known, statements=frozenset({"held", "confirmed"}), written=written)
    until = booking.hold_until.astimezone(profile.business.zone)
    data = {
        "status": "held",
        "number": booking.number,
        "date": args.date.isoformat(),
        "time": args.time.strftime("%H:%M"),
        "until": booking.hold_until.isoformat(),
        "until_at_venue": until.isoformat(timespec="minutes"),
        "moved": held.moved_from is not None,
        "deposit_cents": profile.prices.deposit_cents,
    }
    figures = (
        *date_figures(args.date, until.date()),
        *time_figures(args.time, until.time().replace(second=0, microsecond=0)),
        money_figure(profile.prices.deposit_cents, "deposit"),
        Figure("number", str(booking.number)),
    )
    return ToolResult(data, figures, statements=frozenset({"held", "free"}), written=written)


def _taken(context: ToolContext, args: HoldSlotArgs, taken: Taken, written: tuple[TurnWritten, ...]) -> ToolResult:
    offered = alternatives_data(taken.alternatives, context.profile.business.zone)
    data = {
        "status": taken.why,
        "date": args.date.isoformat(),
        "time": args.time.strftime("%H:%M"),
        "alternatives": offered,
    }
    days = (args.date, *(dt.date.fromisoformat(item["date"]) for item in offered))
    times = (args.time, *(dt.time.fromisoformat(item["time"]) for item in offered))
    return ToolResult(data, (*date_figures(*days), *time_figures(*times)), statements=frozenset({"taken"}), written=written)


class ReleaseHoldArgs(ToolArgs):
    pass


class ReleaseHold(Tool[ReleaseHoldArgs]):
    name = "release_hold"
    agents = frozenset({"booking"})
    effectful = True
    description = "Lets the customer's hold go, where they asked for that."
    args = ReleaseHoldArgs

    async def run(self, context: ToolContext, args: ReleaseHoldArgs) -> ToolResult:
        database = context.writable()
        if not context.may_release:
            raise ToolRefused("the customer has not asked in this message to let the hold go; only then may it be let go")
        changed = await database.unit(lambda c: holds.release(c, context.profile, context.conversation))
        written = (TurnWritten(changed.announcement),) if changed is not None else ()
        statements = frozenset({"cancelled"}) if changed is not None else frozenset()
        return ToolResult({"released": changed is not None}, statements=statements, written=written)
