"""`check_date`: what the calendar says of a day, or of one start. The answer is a picture of the moment; a hold alone is a promise."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from agents.distance.ways import Ways, spot_of
from agents.guard.figures import Figure, date_figures, time_figures
from agents.tools.context import ToolContext
from agents.tools.results import Impossible, ToolResult
from agents.tools.tool import Number, Tool, ToolArgs
from business.bookings import availability
from business.bookings.chefs import Spot
from business.bookings.diary import Alternative
from kernel.errors import Unavailable

# Where the guests are not told yet the smallest party is asked for: whether more fit, the hold decides.
FEWEST_GUESTS = 1
# What may be claimed of a date because of a look at it.
ESTABLISHED = {"free": frozenset({"free"}), "open": frozenset({"free"}), "taken": frozenset({"taken"})}


class CheckDateArgs(ToolArgs):
    date: Annotated[dt.date, Field(description="like 2027-05-31")]
    time: Annotated[dt.time | None, Field(description="a start like 18:00 at the venue; leave out for the whole day")] = None
    guests: Number | None = None
    place: Annotated[str | None, Field(max_length=200)] = None


class CheckDate(Tool[CheckDateArgs]):
    name = "check_date"
    agents = frozenset({"availability", "booking"})
    description = "Whether a date, or one start of it, is free; with alternatives where it is not. The only source of what is free."
    args = CheckDateArgs

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def run(self, context: ToolContext, args: CheckDateArgs) -> ToolResult:
        if context.database is None:
            raise Unavailable("The calendar cannot be read here.")
        spot, station = Spot(), None
        if args.place is not None:
            try:
                where, fee = await self._ways.to(context.profile, args.place)
                spot, station = spot_of(where, fee), fee.station
            except Impossible:
                pass  # the day can be looked up without the way
        found = await context.database.unit(
            lambda c: availability.check(
                c,
                context.profile,
                day=args.date,
                at=args.time,
                guests=args.guests or FEWEST_GUESTS,
                station=station,
                now=context.now,
                spot=spot,
                besides=context.conversation,
            )
        )
        zone = context.profile.business.zone
        slots = [{"time": slot.slot.strftime("%H:%M"), "status": slot.state} for slot in found.slots]
        data: dict[str, Any] = {"date": args.date.isoformat(), "weekday": args.date.strftime("%A"), "slots": slots}
        if args.time is not None:
            data["time"] = args.time.strftime("%H:%M")
        data["status"] = _status(found)
        offered = alternatives_data(found.alternatives, zone)
        if offered:
            data["alternatives"] = offered
        return ToolResult(data, _figures(args, found, offered), statements=ESTABLISHED.get(data["status"], frozenset()))


def _status(found: availability.DayAvailability) -> str:
    """`free`, or why not, for a start; for a whole day `open` where something is free, else what keeps all its slots."""
    if found.asked is not None:
        return found.asked.state
    if found.free:
        return "open"
    states = {slot.state for slot in found.slots}
    return next((state for state in ("taken", "too_soon", "too_far_ahead", "past") if state in states), "taken")


def alternatives_data(alternatives: tuple[Alternative, ...], zone: dt.tzinfo) -> list[dict[str, str]]:
    """What is free near it, at the venue."""
    return [{"date": item.day.isoformat(), "time": item.starts_at.astimezone(zone).strftime("%H:%M")} for item in alternatives]


def _figures(args: CheckDateArgs, found: availability.DayAvailability, offered: list[dict[str, str]]) -> tuple[Figure, ...]:
    days = {args.date, *(dt.date.fromisoformat(item["date"]) for item in offered)}
    times = {slot.slot for slot in found.free} | {dt.time.fromisoformat(item["time"]) for item in offered}
    if args.time is not None:
        times.add(args.time)
    return (*date_figures(*days), *time_figures(*times))
